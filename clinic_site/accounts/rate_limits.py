"""How often something may be tried: `ACCOUNT_RATE_LIMITS` in the settings says it, the cache counts for all
workers.
"""

from allauth.core.internal import ratelimit
from django.utils.crypto import salted_hmac


def counted(request, action: str, key: str | None = None) -> ratelimit.RateLimitUsage | None:
    """Count one more `action` from this address, or of this `key`. None where that is too many.

    Where failures alone shall count, `rollback()` takes it back after a success: counted first, none of many
    at once is free.
    """
    if key is not None:  # somebody's mailbox, say: the cache holds nothing that can be turned back into it
        key = salted_hmac("staff.limits", key).hexdigest()
    return ratelimit.consume(request, app="allauth.account", action=action, key=key)


def is_within(request, action: str, key: str | None = None) -> bool:
    """As `counted`, where every time counts."""
    return counted(request, action, key) is not None
