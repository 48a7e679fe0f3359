"""Whose password opens the admin, and what django-allauth asks of this site: its adapters."""

import base64
import secrets

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.urls import reverse
from django.utils.crypto import salted_hmac

from clinic_site.accounts.allauth_internals import truncate_ip
from clinic_site.accounts.rate_limits import keyed
from clinic_site.registry import branding
from clinic_site.text.normalise import normal_email

TOO_OFTEN = "Too many attempts. Wait a quarter of an hour, then try again."


class PasswordBackend(ModelBackend):
    """Passwords are for staff; members sign in by a code (docs/decisions/007), whatever their row holds."""

    def authenticate(self, request, username=None, password=None, **kwargs):
        user = super().authenticate(request, username, password, **kwargs)
        return user if user and user.is_staff else None


class Adapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "That is not the address and password of somebody who may sign in here.",
        "incorrect_password": "That is not your password.",
        "too_many_login_attempts": TOO_OFTEN,
        "rate_limited": TOO_OFTEN,
    }

    def get_client_ip(self, request):
        """What stands for a visitor's network address where attempts are counted: it can't be turned back
        into one.
        """
        try:
            address = super().get_client_ip(request)
        except (ImproperlyConfigured, PermissionDenied):
            # a header with fewer addresses than there are proxies, or something that's no address
            address = request.META.get("REMOTE_ADDR", "")
        return salted_hmac("staff.accounts", truncate_ip(address)).hexdigest()

    def is_ajax(self, request):
        return False  # pages only

    def add_message(
        self, request, level, message_template=None, message_context=None, extra_tags="", message=None
    ):
        """Its own announcements stay unsaid; ours say what happened (`sign_in`)."""
        if message:
            super().add_message(request, level, extra_tags=extra_tags, message=message)

    def get_login_stages(self):
        return ["allauth.mfa.stages.AuthenticateStage"]

    def get_login_redirect_url(self, request):
        return reverse("admin:index")

    def get_reauthentication_methods(self, user):
        """Whoever has a second factor gives that, and not the password in its place; whoever has no app is
        asked for their passkey first.
        """
        from clinic_site.accounts import second_factor

        methods = super().get_reauthentication_methods(user)
        factors = [method for method in methods if method["id"] != "reauthenticate"]
        if not second_factor.has_app(user):
            factors.sort(key=lambda method: "webauthn" not in method["id"])
        return factors or methods

    def pre_authenticate(self, request, **credentials):
        """Counts this try for the mailbox, in whichever spelling it was typed."""
        super().pre_authenticate(request, email=keyed(normal_email(credentials.get("email") or "")))

    def authentication_failed(self, request, **credentials):
        """An address that nobody here has is written down as well, and not what it was: both take as long."""
        from clinic_site.accounts import second_factor_changes
        from clinic_site.accounts.models import User
        from clinic_site.audit_log import log

        if request.user.is_authenticated:
            second_factor_changes.note_failure(request.user)
            return
        person = User.objects.filter(email=credentials.get("email", "")).first()
        log.write(
            "sign-in failed",
            person or User,
            by=None,
            said="A wrong password, or one who may not sign in here.",
        )


def _lock() -> MultiFernet:
    """Made of the secret key: a copy of the database alone gives nobody a second factor."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [
        salted_hmac("staff.second_factor", "", secret=key, algorithm="sha256").digest() for key in keys
    ]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


class FactorAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "That code does not fit, or was used before. Wait for the next one that your app "
        "shows.",
    }

    def encrypt(self, text):
        return _lock().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        """What was locked with another secret key becomes a secret that nobody knows: no code fits it."""
        try:
            return _lock().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return base64.b32encode(secrets.token_bytes(20)).decode()

    def get_totp_issuer(self):
        return branding().name

    def get_public_key_credential_rp_entity(self):
        return {**super().get_public_key_credential_rp_entity(), "name": branding().name}

    def generate_authenticator_name(self, user, type):
        return f"Passkey {user.authenticator_set.filter(type=type).count() + 1}"
