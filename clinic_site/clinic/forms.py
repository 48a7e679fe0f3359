from django import forms

from clinic_site.accounts.form_tokens import TokenField
from clinic_site.clinic.models import Message
from clinic_site.contact_form import ContactDetailsForm


class ContactForm(ContactDetailsForm):
    """A message to the clinic. An address or a phone number is needed, so that it can be answered."""

    button = "Send the message"
    token = TokenField()

    class Meta(ContactDetailsForm.Meta):
        model = Message
        fields = ["name", "email", "phone", "words"]
        widgets = ContactDetailsForm.Meta.widgets | {"words": forms.Textarea(attrs={"rows": 6})}
        help_texts = ContactDetailsForm.Meta.help_texts | {
            "words": "Please leave out medical details: we will ask for what we need.",
        }
        error_messages = ContactDetailsForm.Meta.error_messages | {
            "words": {"required": "Write your message."},
        }
