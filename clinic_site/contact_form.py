"""A form that asks how somebody can be reached."""

import re

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms

from clinic_site.text.emergency_words import names_danger

_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")  # they turn round what stands after them
NO_WORDS = (forms.EmailField, forms.UUIDField)


class ContactDetailsForm(forms.ModelForm):
    """Asks for a name, and an e-mail address or a phone number: one of the two is enough."""

    button = "Send"

    class Meta:
        widgets: dict[str, forms.Widget] = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(
                attrs={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"}
            ),
        }
        help_texts = {
            "email": "If you would like the answer in writing.",
            "phone": "If you would rather be called.",
        }
        error_messages = {
            "name": {"required": "Write your name."},
            "email": {"invalid": "Write an e-mail address, such as name@example.com."},
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("email", "phone"):
            self.fields[name].optional = "one of the two is enough"
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": True}
        self.helper.add_input(Submit("send", self.button))

    @property
    def names_danger(self) -> bool:
        """Whether something that was typed, right or wrong, tells of a sign that can't wait."""
        typed = (
            self.data.get(self.add_prefix(name), "")
            for name, field in self.fields.items()
            if isinstance(field, forms.CharField) and not isinstance(field, NO_WORDS)
        )
        return names_danger(*typed)

    def clean_name(self):
        """One line, read in one direction."""
        return " ".join(_DIRECTIONS.sub("", self.cleaned_data["name"]).split())

    def clean(self):
        cleaned = super().clean()
        if not (cleaned.get("email") or cleaned.get("phone")) and not (
            self.errors.get("email") or self.errors.get("phone")
        ):
            self.add_error("email", "Write an e-mail address or a phone number, so that we can answer you.")
        return cleaned
