"""django-allauth's forms for signing in, in our words, and the mixin that asks again before a step that
weighs more than others.

A code that opens nothing twice, whoever asks for it, is `OneTimeCode`.
"""

from allauth.account.adapter import get_adapter as account_adapter
from allauth.account.forms import LoginForm, ReauthenticateForm
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as code_forms
from allauth.mfa.totp.forms import ActivateTOTPForm, DeactivateTOTPForm
from allauth.mfa.webauthn import forms as passkey_forms
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse_lazy

from clinic_site.accounts import second_factor, second_factor_changes
from clinic_site.accounts.allauth_internals import PENDING_APP, half_minute_of
from clinic_site.accounts.second_factor import Type

CODE, PASSKEY, PASSWORD = "one_time_code", "passkey", "password"
# what a passkey's answer may do to allauth's checks where no browser wrote it
NO_ANSWER = (ValueError, TypeError, KeyError, AttributeError)
NOT_ACCEPTED = "That passkey was not accepted. Try it again, or type a code."


class CodeInput(forms.TextInput):
    """Never filled in again: a code opens nothing twice."""

    def __init__(self):
        attrs = {
            "autocomplete": "one-time-code",
            "inputmode": "numeric",
            "spellcheck": "false",
            "class": "code",
        }
        super().__init__(attrs)

    def get_context(self, name, value, attrs):
        return super().get_context(name, None, attrs)


class PasskeyInput(forms.HiddenInput):
    """What the browser answers to a challenge. A script (passkey.js) adds a button with the `label`, fetches
    a fresh challenge from that page of allauth's, puts the answer in, and sends the form.
    """

    class Media:
        js = (forms.Script("js/passkey.js", type="module"),)

    def __init__(self, verb: str, label: str, challenge_from: str):
        page = reverse_lazy(challenge_from)
        super().__init__({"data-passkey": verb, "data-label": label, "data-challenge": page})

    def get_context(self, name, value, attrs):
        return super().get_context(name, None, attrs)


def password_field(**kwargs) -> forms.CharField:
    return forms.CharField(
        label="Your password",
        help_text="To confirm that it’s you.",
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        error_messages={"required": "Type your password."},
        **kwargs,
    )


class SignInForm(LoginForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        address, password = self.fields["login"], self.fields["password"]
        address.label, password.label, password.help_text = "E-mail address", "Password", ""
        address.widget = forms.EmailInput({"autocomplete": "username", "autofocus": True})
        password.widget = forms.PasswordInput({"autocomplete": "current-password"})

    def add_prefix(self, field_name):
        # as the admin's own form has it
        return super().add_prefix("username" if field_name == "login" else field_name)


class PasswordForm(ReauthenticateForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.fields[PASSWORD] = password_field()


class OneTimeCode(code_forms.BaseAuthenticateForm):
    """Mixed in before allauth's form: a code of the person's app, or one of their recovery codes, is taken
    once. The last half minute that an app's code was taken for stands in its row: that code and older ones
    open nothing, wherever they were typed.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.has_app = second_factor.has_app(self.user)
        self.fields["code"] = forms.CharField(
            label="Code from your authenticator app" if self.has_app else "Recovery code",
            max_length=20,
            widget=CodeInput(),
            help_text="Or one of your recovery codes."
            if self.has_app
            else "Only where your passkey isn’t at hand: each code works once.",
            error_messages={"required": "Give your second factor: a code, or your passkey."},
        )

    def clean_code(self):
        try:
            with transaction.atomic():
                second_factor.locked(self.user)
                return self._spend()
        except ValidationError as refused:
            if refused.code == "incorrect_code":
                second_factor_changes.note_failure(self.user)
            raise

    def _spend(self) -> str:
        app = second_factor.factors_of(self.user).filter(type=Type.TOTP).first()
        if app:
            at = half_minute_of(get_adapter().decrypt(app.data["secret"]), self.cleaned_data["code"])
            if at is not None and at <= app.data.get("last_counter", -1):
                self.cleaned_data["code"] = ""  # fits nothing, and is counted
        code = super().clean_code()
        if self.authenticator.type == Type.TOTP:
            self.authenticator.data["last_counter"] = at
            self.authenticator.save(update_fields=["data"])
        else:
            messages.warning(context.request, second_factor_changes.note_recovery_code(self.user))
        return code


class CodeForm(OneTimeCode, code_forms.AuthenticateForm):
    """The second half of signing in."""


class CodeAgainForm(OneTimeCode, code_forms.ReauthenticateForm):
    pass


class PasskeyAnswer(forms.Form):
    """Mixed in before allauth's form. Its answer stands on the challenge of this session, which is gone
    afterwards.
    """

    challenge_from = ""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        answer = self.fields["credential"]
        answer.widget = PasskeyInput("get", "Use your passkey", self.challenge_from)
        answer.error_messages["required"] = NOT_ACCEPTED

    def clean_credential(self):
        try:
            return super().clean_credential()
        except NO_ANSWER:
            pass
        except ValidationError as refused:
            if refused.code != "incorrect_code":
                raise
        second_factor_changes.note_failure(self.user)
        raise ValidationError(NOT_ACCEPTED)


class PasskeyForm(PasskeyAnswer, passkey_forms.AuthenticateWebAuthnForm):
    challenge_from = "mfa_authenticate"


class PasskeyAgainForm(PasskeyAnswer, passkey_forms.ReauthenticateWebAuthnForm):
    challenge_from = "mfa_reauthenticate_webauthn"


class NewAppForm(ActivateTOTPForm):
    """The secret is the same until it's confirmed, however often its page is opened, and lies locked in the
    session.
    """

    LOCKED = "second_factor_app"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        session, made = context.request.session, context.request.session.pop(PENDING_APP)
        self.secret = get_adapter().decrypt(session[self.LOCKED]) if self.LOCKED in session else made
        session[self.LOCKED] = get_adapter().encrypt(self.secret)
        self.fields["code"] = forms.CharField(
            label="The code that the app shows now",
            help_text="Six digits.",
            max_length=20,
            widget=CodeInput(),
        )

    @property
    def secret_in_fours(self) -> str:
        return " ".join(self.secret[i : i + 4] for i in range(0, len(self.secret), 4))

    def clean_code(self):
        try:
            return super().clean_code()
        except ValidationError as refused:
            if refused.code != "incorrect_code":
                raise
            raise ValidationError(
                "That is not the code that the app shows for this site. Is the clock of your telephone right?"
            ) from refused


class NewPasskeyForm(passkey_forms.AddWebAuthnForm):
    name = forms.CharField(
        label="Name",
        help_text="So that you recognise it: “My phone”, “Key on my ring”.",
        max_length=60,
        required=False,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.fields["credential"].widget = PasskeyInput("create", "Make a passkey", "mfa_add_webauthn")

    def clean(self):
        if self.errors.pop("credential", None):  # a hidden field shows nothing
            self.add_error(
                "name",
                "No passkey was made. It takes a browser with scripts, and a device that keeps passkeys.",
            )
        try:
            return super().clean()
        except (*NO_ANSWER, ValidationError) as refused:
            raise ValidationError("The passkey was not made. Try it again.") from refused


class RemovalForm(forms.Form):
    """Takes the password, beside the second factor that allauth asks for."""

    password = password_field()

    def __init__(self, *args, **kwargs):
        # allauth binds an empty form to show its own errors at once
        super().__init__(*args, **{"label_suffix": "", **kwargs, "data": kwargs.get("data") or None})

    def clean_password(self):
        if not account_adapter().reauthenticate(context.request.user, self.cleaned_data[PASSWORD]):
            raise account_adapter().validation_error("incorrect_password")


class RemoveAppForm(RemovalForm, DeactivateTOTPForm):
    pass


class AsksAgain(forms.Form):
    """Mixed in before a form with `by`, the person who is signed in: asks for their second factor once more,
    or for their password where they have none. It isn't looked at, and no code is spent, before all else in
    the form is in order.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not second_factor.factors_of(self.by).exists():
            self.fields[PASSWORD] = password_field(required=False)
            return
        self.fields[CODE] = CodeAgainForm(user=self.by).fields["code"]
        self.fields[CODE].required = False
        if second_factor.factors_of(self.by).filter(type=Type.WEBAUTHN).exists():
            widget = PasskeyAgainForm(user=self.by).fields["credential"].widget
            if not second_factor.has_app(self.by):
                widget.attrs["data-before"] = CODE
            self.fields[PASSKEY] = forms.CharField(required=False, widget=widget)

    def clean(self):
        cleaned = super().clean()
        if cleaned is None:
            cleaned = self.cleaned_data
        field = CODE if CODE in self.fields else PASSWORD
        passkey, given = cleaned.pop(PASSKEY, ""), cleaned.pop(field, "")
        if not self.errors:
            if passkey:
                proof = PasskeyAgainForm({"credential": passkey}, user=self.by)
            elif field == CODE:
                proof = CodeAgainForm({"code": given}, user=self.by)
            else:
                proof = PasswordForm({PASSWORD: given}, user=self.by)
            for errors in proof.errors.values():
                self.add_error(field, errors)
            if used := getattr(proof, "authenticator", None) or proof.cleaned_data.get("credential"):
                used.record_usage()
        return cleaned
