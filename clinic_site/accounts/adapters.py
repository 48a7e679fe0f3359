"""What we change in django-allauth."""

import base64

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal.ratelimit import truncate_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.utils.crypto import salted_hmac

from clinic_site.registry import branding


class Adapter(DefaultAccountAdapter):
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


def _lock() -> MultiFernet:
    """Made of the secret key: a copy of the database alone gives nobody a second factor."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [
        salted_hmac("staff.second_factor", "", secret=key, algorithm="sha256").digest() for key in keys
    ]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


class FactorAdapter(DefaultMFAAdapter):
    def encrypt(self, text):
        return _lock().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        """Raises cryptography.fernet.InvalidToken where the secret key is another one."""
        return _lock().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self):
        return branding().name

    def _get_site_name(self):
        return branding().name
