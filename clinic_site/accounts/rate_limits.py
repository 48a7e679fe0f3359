"""How often something may be tried: `ACCOUNT_RATE_LIMITS` in the settings says it, the cache counts for all
workers.
"""

from allauth.core import ratelimit
from django.utils.crypto import salted_hmac


def keyed(text: str) -> str:
    """What stands in the cache for somebody's mailbox: it can't be turned back into it."""
    return salted_hmac("staff.limits", text).hexdigest()


def is_within(request, action: str, key: str | None = None) -> bool:
    """Count one more `action` from this address, or of this `key` (a mailbox, say). False where that is too
    many.
    """
    return ratelimit.consume(request, action=action, key=None if key is None else keyed(key))
