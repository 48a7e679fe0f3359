from typing import cast

from django import forms

from clinic_site.accounts.form_tokens import TokenField
from clinic_site.contact_form import ContactDetailsForm
from clinic_site.registry import visit_subjects
from clinic_site.visits.models import VisitRequest

SOMETHING_ELSE = "Something else, or I don’t know yet"


def subjects() -> list[tuple[str, str]]:
    """What a visit may be about: slugs and titles."""
    return [subject for room in visit_subjects for subject in room()]


class VisitForm(ContactDetailsForm):
    """Somebody asks for a first visit, for themself."""

    button = "Ask for a visit"
    token = TokenField()
    about = forms.ChoiceField(
        label="What is it about?",
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose again what it is about. The list has changed meanwhile."},
    )
    is_adult = forms.BooleanField(
        label="I am 18 or over.",
        error_messages={"required": "Say that you are 18 or over. We take no request from anybody younger."},
    )
    agrees = forms.BooleanField(
        label="The clinic may keep these details, and contact me about a visit.",
        error_messages={"required": "Say that we may contact you. Without that we cannot answer."},
    )

    class Meta(ContactDetailsForm.Meta):
        model = VisitRequest
        fields = ["about", "name", "email", "phone", "times"]
        help_texts = ContactDetailsForm.Meta.help_texts | {
            "name": "As you would like to be called.",
            "times": "Such as “weekdays after 4 pm”. Please leave out medical details.",
        }

    def __init__(self, *args, about: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        self.titles = dict(subjects())
        cast(forms.ChoiceField, self.fields["about"]).choices = [*self.titles.items(), ("", SOMETHING_ELSE)]
        self.fields["about"].initial = about if about in self.titles else ""

    @property
    def typed(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

    def save(self, commit: bool = True) -> VisitRequest:
        """Store it: once, however often it's sent."""
        return VisitRequest.take(
            self.cleaned_data["token"], self.titles.get(self.cleaned_data["about"], ""), **self.typed
        )
