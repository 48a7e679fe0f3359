"""All that this site takes from inside django-allauth, which a release of it may change: nothing else imports
its `internal` packages, and tests/accounts/test_allauth_internals.py says when one of these is no longer what
it was.

Why each: members' codes stand on allauth's state of a code that is on its way, since its own sign-in by code
stores addresses (docs/decisions/007). A code from an app belongs to a half minute, which has to be known so
that none opens twice and none after a newer one: allauth itself remembers a used code for half a minute, in
the cache, and takes it for longer than that.
"""

from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.core.internal.cryptokit import compare_user_code
from allauth.core.internal.ratelimit import truncate_ip
from allauth.mfa.totp.internal import auth as totp

__all__ = [
    "PENDING_APP",
    "AbstractCodeVerificationProcess",
    "compare_user_code",
    "half_minute_of",
    "truncate_ip",
]

PENDING_APP = totp.SECRET_SESSION_KEY  # where allauth keeps the secret of an app that isn't confirmed yet


def half_minute_of(secret: str, code: str) -> int | None:
    """The half minute, counted from 1970, that an app's `code` belongs to: one that allauth would take now,
    or the one beside, since it looks a moment earlier or later. None for any other code.
    """
    taken = list(totp.yield_hotp_counters_from_time())
    for counter in range(taken[0] - 1, taken[-1] + 2):
        if compare_user_code(actual=code, expected=totp.format_hotp_value(totp.hotp_value(secret, counter))):
            return counter
    return None
