"""The policy on second factors (docs/decisions/010): from whom one is demanded, when it was given, and who
may do away with one.

A second factor is a code from an app (TOTP) or a passkey; recovery codes are for the day when both are lost.
django-allauth keeps, asks and checks them (see `sign_in`).
"""

import ipaddress
from collections.abc import Iterable
from contextlib import suppress
from enum import Enum
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_used
from django.conf import settings
from django.dispatch import receiver

from clinic_site.accounts.models import User

# places in the session: whose second factor it has given; recovery codes that are being shown
GIVEN, SHOWN_CODES = "second_factor_of", "recovery_codes"
Type = Authenticator.Type


class SecondFactorState(Enum):
    """Whether this session may use the admin, as far as second factors are concerned."""

    OPEN = "the admin opens"
    GIVE = "there is a second factor, and this session has not given it"
    SET_UP = "there is none, and one is demanded"


def is_demanded() -> bool:
    """On a site that patients reach; on one that is tried over http it's offered."""
    return settings.HTTPS


def factors():
    """Apps and passkeys. Recovery codes alone are no second factor."""
    return Authenticator.objects.exclude(type=Type.RECOVERY_CODES).order_by("created_at", "pk")


def factors_of(user):
    return factors().filter(user_id=user.pk)


def has_app(user) -> bool:
    """Whether they can be asked for an app's code. Who can't has a passkey, and is asked for that."""
    return factors_of(user).filter(type=Type.TOTP).exists()


def codes_of(user) -> Authenticator | None:
    return Authenticator.objects.filter(user_id=user.pk, type=Type.RECOVERY_CODES).first()


def second_factor_state(request) -> SecondFactorState:
    """The state of the signed-in user's second factor, looked up once in a request."""
    if not hasattr(request, "second_factor"):
        if factors_of(request.user).exists():
            is_given = request.session.get(GIVEN) == request.user.pk
            request.second_factor = SecondFactorState.OPEN if is_given else SecondFactorState.GIVE
        else:
            request.second_factor = SecondFactorState.SET_UP if is_demanded() else SecondFactorState.OPEN
    return request.second_factor


@receiver(authenticator_used)
def let_in(request, user, **kwargs) -> None:
    """This session has given it. Its key changes: one that somebody saw before is worth nothing."""
    request.session.cycle_key()
    request.session[GIVEN] = user.pk


def may_be_removed(factor: Authenticator) -> bool:
    """Where one is demanded, the last one stays."""
    return not is_demanded() or factors_of(factor.user).exclude(pk=factor.pk).exists()


def check_one_is_left(user, before: Iterable[Authenticator]) -> None:
    """Raises PermissionError where none is left of those that are demanded, and there was one `before`."""
    if (
        is_demanded()
        and any(one.type != Type.RECOVERY_CODES for one in before)
        and not factors_of(user).exists()
    ):
        raise PermissionError(
            "This is your only second factor, and one is needed here. Set up another one first."
        )


def shown_codes(request) -> Authenticator | None:
    """The recovery codes that this session made, until their owner says that they are kept: nobody sees them
    afterwards.
    """
    codes = codes_of(request.user)
    return codes if codes and codes.pk == request.session.get(SHOWN_CODES) else None


def codes_left(user) -> int:
    codes = codes_of(user)
    return len(codes.wrap().get_unused_codes()) if codes else 0


def passkeys_work(request) -> bool:
    """A browser makes passkeys for a name over https, and to try them for localhost; for a bare number
    never.
    """
    host = urlsplit(f"//{request.get_host()}").hostname
    with suppress(ValueError):
        ipaddress.ip_address(host or "")
        return False
    return request.is_secure() or host == "localhost"


def named(factor: Authenticator) -> str:
    return f"Passkey “{factor.data['name']}”" if factor.type == Type.WEBAUTHN else "Authenticator app"


def locked(user) -> User:
    """Of two requests at once one waits for the other, to the end of the transaction."""
    return User.objects.select_for_update().get(pk=user.pk)
