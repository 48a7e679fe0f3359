from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms

from clinic_site.clinic.models import Message


class ContactForm(forms.ModelForm):
    """A message to the clinic. An address or a phone number is needed, so that it can be answered."""

    class Meta:
        model = Message
        fields = ["name", "email", "phone", "words"]
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(
                attrs={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"}
            ),
            "phone": forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "type": "tel"}),
            "words": forms.Textarea(attrs={"rows": 6}),
        }
        help_texts = {
            "email": "If you would like the answer in writing.",
            "phone": "If you would rather be called.",
            "words": "Please leave out medical details: we will ask for what we need.",
        }
        error_messages = {
            "name": {"required": "Write your name."},
            "words": {"required": "Write your message."},
            "email": {"invalid": "Write an e-mail address, such as name@example.com."},
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("email", "phone"):
            self.fields[name].optional = "one of the two is enough"
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": True}
        self.helper.add_input(Submit("send", "Send the message"))

    def clean(self):
        cleaned = super().clean()
        if not (cleaned.get("email") or cleaned.get("phone")) and not (
            self.errors.get("email") or self.errors.get("phone")
        ):
            self.add_error("email", "Write an e-mail address or a phone number, so that we can answer you.")
        return cleaned
