"""Forms that ask who sits there: at the sign-in, and again before a step that weighs more than others."""

import json

from allauth.core import context
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError

from clinic_site.accounts import rate_limits, second_factor
from clinic_site.accounts.models import User
from clinic_site.accounts.second_factor import NotProven
from clinic_site.audit_log import log
from clinic_site.text.normalise import normal_email

CODE, PASSKEY, PASSWORD = "one_time_code", "passkey", "password"


class SignInForm(AdminAuthenticationForm):
    """Address and password. Wrong ones are counted, whether or not there is such an address."""

    def clean(self):
        counted = rate_limits.counted(
            self.request, "sign_in", normal_email(self.cleaned_data.get("username") or "")
        )
        if counted is None:
            raise ValidationError("That was tried too often. Wait a quarter of an hour, then try again.")
        try:
            cleaned = super().clean()
        except ValidationError:
            # an address that nobody here has is written down as well, and not what it was: both take as long
            person = User.objects.filter(
                email=(self.cleaned_data.get("username") or "").strip().lower()
            ).first()
            log.write(
                "sign-in failed",
                person or User,
                by=None,
                said="A wrong password, or one who may not sign in here.",
            )
            raise
        counted.rollback()
        return cleaned


class CodeInput(forms.TextInput):
    """Never filled in again: a code opens nothing twice."""

    def __init__(self):
        super().__init__(
            {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false", "class": "code"}
        )

    def get_context(self, name, value, attrs):
        return super().get_context(name, None, attrs)


class PasskeyInput(forms.HiddenInput):
    """What the browser answers to a challenge; a script (passkey.js) puts it in, and sends the form.

    The challenge is made when the page is: checking what was sent must still find the one before.
    """

    class Media:
        js = (forms.Script("js/passkey.js", type="module"),)

    def __init__(self, verb: str, label: str, challenge):
        super().__init__({"data-passkey": verb, "data-label": label})
        self.challenge, self.made = challenge, ""

    def get_context(self, name, value, attrs):
        self.made = json.dumps(self.challenge(), default=dict)
        return super().get_context(name, None, {**(attrs or {}), "data-options": self.made})


class AsksAgain(forms.Form):
    """Mixed in before a form with `by`, the person who is signed in: asks for their second factor once more,
    or for their password where they have none. It isn't looked at, and no code is spent, before all else in
    the form is in order.
    """

    asks_for_factor, asks_for_password = True, False  # of somebody who has a second factor

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        kinds = set(second_factor.factors_of(self.by).values_list("type", flat=True))
        if kinds and self.asks_for_factor:
            has_app = Authenticator.Type.TOTP in kinds
            self.fields[CODE] = forms.CharField(
                label="Code from your authenticator app" if has_app else "Recovery code",
                help_text="Or one of your recovery codes." if has_app else "Or use your passkey.",
                max_length=20,
                required=False,
                widget=CodeInput(),
            )
            if Authenticator.Type.WEBAUTHN in kinds:
                widget = PasskeyInput("get", "Use your passkey", lambda: second_factor.challenge(self.by))
                self.fields[PASSKEY] = forms.JSONField(required=False, widget=widget)
        if not kinds or self.asks_for_password:
            self.fields[PASSWORD] = forms.CharField(
                label="Your password",
                help_text="So that it is certainly you.",
                max_length=4096,
                strip=False,
                required=False,
                widget=forms.PasswordInput({"autocomplete": "current-password"}),
            )

    def clean(self):
        cleaned = super().clean()
        if cleaned is None:
            cleaned = self.cleaned_data
        given = {
            name: cleaned.pop(field, "") or "" if field in self.fields else None
            for name, field in (("code", CODE), ("passkey", PASSKEY), ("password", PASSWORD))
        }
        if not self.errors:
            try:
                second_factor.prove(context.request, **given)
            except NotProven as not_proven:
                self.add_error(
                    PASSWORD if not_proven.is_password or CODE not in self.fields else CODE, str(not_proven)
                )
        return cleaned


class OwnForm(forms.Form):
    """About one's own second factor."""

    def __init__(self, *args, by, **kwargs):
        self.by = by
        super().__init__(*args, **{"label_suffix": "", **kwargs})


class ProofForm(AsksAgain, OwnForm):
    """Nothing but the proof."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        next(iter(self.fields.values())).widget.attrs["autofocus"] = True


class RemoveForm(AsksAgain, OwnForm):
    asks_for_password = True


class NewApp(OwnForm):
    app_code = forms.CharField(
        label="The code that the app shows now",
        help_text="Six digits.",
        max_length=20,
        required=False,
        widget=CodeInput(),
    )

    def clean(self):
        cleaned = super().clean()
        code = "".join((cleaned.get("app_code") or "").split())
        cleaned["counter"] = second_factor.counter_of(second_factor.pending_app(context.request), code)
        if cleaned["counter"] is None and "app_code" not in self.errors:
            self.add_error(
                "app_code",
                "That is not the code that the app shows for this site. Is the clock of your telephone "
                "right?",
            )
        return cleaned


class NewAppForm(AsksAgain, NewApp):
    pass


class NewPasskey(OwnForm):
    name = forms.CharField(
        label="Name", help_text="So that you know it again: “My phone”, “Key on my ring”.", max_length=60
    )
    credential = forms.JSONField(required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["credential"].widget = PasskeyInput(
            "create", "Make a passkey", lambda: second_factor.challenge(self.by, for_a_new_one=True)
        )

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("credential") and not self.errors:
            self.add_error(
                "name",
                "No passkey was made. It takes a browser with scripts, and a device that keeps passkeys.",
            )
        return cleaned


class NewPasskeyForm(AsksAgain, NewPasskey):
    # one page holds one challenge, and a new passkey answers it: whoever has a second factor gave it at the
    # sign-in
    asks_for_factor, asks_for_password = False, True
