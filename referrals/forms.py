from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms

from clinic_site.accounts.form_tokens import TokenField
from clinic_site.contact_form import ContactDetailsForm
from referrals.models import Introduction, Member, Referral, Terms


class IntroductionForm(ContactDetailsForm):
    """A friend introduces themself. Nothing else in the project takes a friend's contact."""

    button = "Introduce myself"
    token = TokenField()
    # what was promised on the page that this form stood on
    terms = forms.ModelChoiceField(Terms.objects, required=False, widget=forms.HiddenInput)
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

    class Meta(ContactDetailsForm.Meta):
        model = Introduction
        fields = ["name", "email", "phone", "times"]
        help_texts = ContactDetailsForm.Meta.help_texts | {
            "times": "Such as “weekdays after 4 pm”. Please leave out medical details: we ask for what we "
            "need.",
        }

    def __init__(self, *args, terms: Terms, **kwargs):
        super().__init__(*args, **kwargs)
        self.standing = self.fields["terms"].initial = terms

    def clean(self):
        cleaned = super().clean()
        read = cleaned.get("terms") or self.standing
        if (read.member_cents, read.friend_cents) != (self.standing.member_cents, self.standing.friend_cents):
            self.data = self.data.copy()
            self.data[self.add_prefix("terms")] = self.standing.pk
            self.add_error(
                None, "The credit has changed since you opened this page. Read it, and send this again."
            )
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
