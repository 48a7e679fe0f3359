"""The forms for joining and signing in."""

import unicodedata
from contextlib import suppress

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Layout, Submit
from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format

from clinic_site.accounts.form_tokens import TokenField
from clinic_site.text.folding import seen

CODE_LENGTH = settings.ALLAUTH_USER_CODE_FORMAT["length"]
ASK_FOR_AN_ADDRESS = "Write an e-mail address, such as name@example.com."


class AddressField(forms.EmailField):
    """The address to sign in with, as `User.email` holds it: lower case, its domain in one spelling."""

    def __init__(self, **kwargs):
        widget = forms.EmailInput(
            attrs={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"}
        )
        super().__init__(max_length=254, widget=widget, **kwargs)
        self.error_messages["required"] = "Write your e-mail address."
        self.error_messages["max_length"] = self.error_messages["invalid"] = ASK_FOR_AN_ADDRESS

    def to_python(self, value):
        local, at, domain = seen(super().to_python(value)).lower().rpartition("@")
        with suppress(UnicodeError):  # no domain at all: it's refused as it was typed
            domain = domain.rstrip(".").encode("idna").decode("idna")
        return local + at + domain

    def validate(self, value):
        super().validate(value)
        if '"' in value:  # allowed in theory; the queue of mails would take a comma in it for two addresses
            raise forms.ValidationError(ASK_FOR_AN_ADDRESS)


class SignInForm(forms.Form):
    email = AddressField(label="your e-mail address", help_text="The one that you joined with.")
    next = forms.CharField(required=False, widget=forms.HiddenInput)
    token = TokenField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": True}
        self.helper.form_action = reverse("referrals:sign-in")
        self.helper.add_input(Submit("send", "Send me a code"))


class JoinForm(forms.Form):
    """Joining under `terms`: the version that was shown is the one that is agreed to."""

    name = forms.CharField(
        label="your name",
        max_length=120,
        help_text="As in a document of yours. The front desk looks at one before you use credit.",
        error_messages={"required": "Write your name."},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = AddressField(label="your e-mail address", help_text="We send you a code. You need no password.")
    is_adult = forms.BooleanField(
        label="I am 18 or over.",
        error_messages={"required": "Say that you are 18 or over. Nobody younger can take part."},
    )
    has_read = forms.BooleanField(
        label="I have read the terms.", error_messages={"required": "Say that you have read the terms."}
    )
    terms = forms.CharField(required=False, widget=forms.HiddenInput)
    next = forms.CharField(required=False, widget=forms.HiddenInput)
    token = TokenField()

    def __init__(self, *args, terms, **kwargs):
        super().__init__(*args, **kwargs)
        self.under = terms
        self.initial["terms"] = terms.pk
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": True}
        self.helper.form_action = reverse("referrals:join")
        shown = HTML('{% include "referrals/join_terms.html" with terms=form.under clinic=clinic only %}')
        self.helper.layout = Layout("name", "email", shown, "is_adult", "has_read", "terms", "next", "token")
        self.helper.add_input(Submit("send", "Join"))
        self.fields["has_read"].label = f"I have read the terms of {date_format(terms.from_on, 'j F Y')}."

    def clean_name(self):
        return " ".join(self.cleaned_data["name"].split())

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("terms") != str(self.under.pk):
            self.data = {**self.data.dict(), "terms": self.under.pk, "has_read": ""}
            self.add_error("has_read", "The terms have changed meanwhile. Please read the new ones.")
        return cleaned


class CodeForm(forms.Form):
    code = forms.CharField(
        label="the code",
        help_text=f"{CODE_LENGTH} digits, from the mail.",
        max_length=60,
        error_messages={
            "required": "Write the code from the mail.",
            "max_length": f"The code has {CODE_LENGTH} digits.",
        },
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
        ),
    )
    # for asking anew, where the session is gone meanwhile
    email = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": True}
        self.helper.form_action = reverse("referrals:code")
        self.helper.add_input(Submit("send", "Go on"))

    def clean_code(self):
        found = (unicodedata.digit(c, None) for c in self.cleaned_data["code"])
        digits = "".join(str(digit) for digit in found if digit is not None)
        if len(digits) != CODE_LENGTH:  # a slip of the finger doesn't count as a try
            raise forms.ValidationError(f"The code has {CODE_LENGTH} digits.")
        return digits
