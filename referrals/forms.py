from uuid import uuid4

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms

from referrals.models import Introduction, Member, Referral


class TokenField(forms.UUIDField):
    """It makes a form that is sent twice one. A garbled one is held against nobody: it counts as new."""

    widget = forms.HiddenInput

    def clean(self, value):
        try:
            return super().clean(value)
        except forms.ValidationError:
            return uuid4()


class IntroductionForm(forms.ModelForm):
    """A friend introduces themself. Nothing else in the project takes a friend's contact."""

    token = TokenField(initial=uuid4)
    is_adult = forms.BooleanField(
        label="I am 18 or over.",
        error_messages={
            "required": "Say that you are 18 or over. We take no introduction from anybody younger."
        },
    )
    agrees = forms.BooleanField(
        label="The clinic may contact me about a first visit.",
        error_messages={"required": "Say that we may contact you. Without that we cannot answer."},
    )
    may_tell = forms.BooleanField(
        required=False,
        label="Whoever gave me this link may see my name.",
        help_text="Your choice. If you leave it empty, your name is not shown to them.",
    )

    class Meta:
        model = Introduction
        fields = ["name", "email", "phone", "times"]
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(
                attrs={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"}
            ),
            "phone": forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "type": "tel"}),
        }
        help_texts = {
            "email": "If you would like the answer in writing.",
            "phone": "If you would rather be called.",
            "times": "Such as “weekdays after 4 pm”. Please leave out medical details: we ask for what we "
            "need.",
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
        self.helper.add_input(Submit("send", "Introduce myself"))

    def clean(self):
        cleaned = super().clean()
        if not (cleaned.get("email") or cleaned.get("phone")) and not (
            self.errors.get("email") or self.errors.get("phone")
        ):
            self.add_error("email", "Write an e-mail address or a phone number, so that we can answer you.")
        return cleaned

    def introduce(self, member: Member) -> Referral:
        """Store it. Raises ReferralError where the member's link is not in use any more."""
        typed = {name: self.cleaned_data[name] for name in self.Meta.fields}
        return Referral.introduce(
            member, token=self.cleaned_data["token"], may_tell=self.cleaned_data["may_tell"], **typed
        )


class LinkNameForm(forms.ModelForm):
    """The name behind a member's link. Two buttons: one keeps it, one shows how it reads."""

    class Meta:
        model = Member
        fields = ["named_as"]
        labels = {"named_as": "Your name, as friends know you"}
        widgets = {"named_as": forms.TextInput(attrs={"autocomplete": "given-name"})}
        help_texts = {"named_as": "Such as “Ann”. Leave it empty, and nobody is named."}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": True}
        self.helper.add_input(Submit("save", "Save"))
        self.helper.add_input(Submit("preview", "Show how it reads", css_class="button--quiet"))

    def clean_named_as(self):
        return " ".join(self.cleaned_data["named_as"].split())
