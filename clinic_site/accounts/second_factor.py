"""The second factor of staff: a code from an app (TOTP) or a passkey, and recovery codes for the day when
both are lost.

django-allauth keeps them (`Authenticator`) and knows their arithmetic. What stands here: when one is asked
for, that nothing is taken twice, and who may do away with one. Whoever has none is asked for their password
in its place.
"""

import ipaddress
import re
from contextlib import suppress
from enum import Enum
from urllib.parse import urlsplit

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.webauthn.internal import auth as webauthn
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from fido2.utils import websafe_decode
from fido2.webauthn import ResidentKeyRequirement, UserVerificationRequirement

from clinic_site.accounts import rate_limits
from clinic_site.accounts.models import User
from clinic_site.audit_log import log
from clinic_site.notifications.mail import Mail, queue

# places in the session: whose second factor it has given; an app that isn't confirmed yet; codes that are
# being shown
GIVEN, PENDING_APP, SHOWN_CODES = "second_factor_of", "second_factor_app", "recovery_codes"
Type = Authenticator.Type


class NotProven(Exception):
    """It wasn't shown who sits there, in words for whoever does."""

    def __init__(self, words: str, *, is_password: bool = False):
        super().__init__(words)
        self.is_password = is_password


class Standing(Enum):
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


def standing(request) -> Standing:
    """How it stands with the second factor of the person who is signed in: asked once in a request."""
    if not hasattr(request, "second_factor"):
        if factors_of(request.user).exists():
            request.second_factor = (
                Standing.OPEN if request.session.get(GIVEN) == request.user.pk else Standing.GIVE
            )
        else:
            request.second_factor = Standing.SET_UP if is_demanded() else Standing.OPEN
    return request.second_factor


def let_in(request) -> None:
    """This session has given it. Its key changes: one that somebody saw before is worth nothing."""
    request.session.cycle_key()
    request.session[GIVEN] = request.user.pk


# --- showing who sits there ---------------------------------------------------------------------------------


def prove(
    request, *, code: str | None = None, passkey: dict | None = None, password: str | None = None
) -> None:
    """Raises NotProven unless what is asked for is the signed-in person's own: a second factor, where `code`
    is no None (empty, with a passkey in its place); their password, where that is none. A code is spent, and
    so it's looked at last.
    """
    user = request.user
    if code == "" and not passkey:
        raise NotProven("Give your second factor: a code, or your passkey.")
    if password == "":
        raise NotProven("Type your password.", is_password=True)
    counted = rate_limits.counted(request, "prove", str(user.pk))
    if counted is None:
        raise NotProven("That was tried too often. Wait a quarter of an hour, then try again.")
    try:
        recovery_codes_left = _look_at(user, code, passkey, password)
    except NotProven:
        log.write(
            "sign-in failed",
            user,
            by=user,
            said="A wrong password or second factor, after signing in with the right password.",
        )
        raise
    counted.rollback()
    if recovery_codes_left is not None:
        messages.warning(
            request,
            f"That was a recovery code: {_left(recovery_codes_left)} Make new ones under “Second factor”.",
        )


def _left(count: int) -> str:
    return "it was the last one." if not count else f"{count} more {'is' if count == 1 else 'are'} left."


def _look_at(user, code: str | None, passkey: dict | None, password: str | None) -> int | None:
    """How many recovery codes are left, where one was spent. Raises NotProven."""
    if password is not None and not user.check_password(password):
        raise NotProven("That is not your password.", is_password=True)
    if code is not None:
        if passkey and not _is_theirs(user, passkey):
            raise NotProven("That passkey was not accepted. Try it again, or type a code.")
        if not passkey:
            spent = _spend(user, code)
            if spent is None:
                raise NotProven(
                    "That code does not fit, or was used before. Wait for the next one that your app shows."
                )
            if spent.type == Type.RECOVERY_CODES:
                return codes_left(user)
    return None


def counter_of(secret: str, code: str, after: int = -1) -> int | None:
    """The half minute that `code` belongs to, now or one beside it.

    None where it's none of these, or not `after` that one.
    """
    for counter in yield_hotp_counters_from_time():
        if counter > after and compare_user_code(
            actual=code, expected=format_hotp_value(hotp_value(secret, counter))
        ):
            return counter
    return None


@transaction.atomic
def _spend(user, code: str) -> Authenticator | None:
    """Whose code it is: their app's, or their recovery codes'; None for neither.

    It opens nothing a second time.
    """
    code = re.sub(r"[\s-]", "", code)
    if not re.fullmatch(r"[0-9]{6,8}", code):
        return None
    codes = Authenticator.objects.select_for_update().filter(user_id=user.pk).exclude(type=Type.WEBAUTHN)
    for one in codes.order_by("type"):
        with suppress(InvalidToken):  # locked with another secret key: nothing fits
            if one.type == Type.RECOVERY_CODES:
                fits = RecoveryCodes(one).validate_code(code)
                one.refresh_from_db()
            else:
                counter = counter_of(
                    get_adapter().decrypt(one.data["secret"]), code, one.data["last_counter"]
                )
                if fits := counter is not None:
                    one.data["last_counter"] = counter
                    one.save(update_fields=["data"])
            if fits:
                one.record_usage()
                if one.type == Type.RECOVERY_CODES:
                    used = f"A recovery code was used in place of a second factor: {_left(codes_left(user))}"
                    _note(user, used.rstrip("."))
                    _tell(user, used)
                return one
    return None


def _is_theirs(user, passkey: dict) -> bool:
    """Whether a passkey of theirs signed the challenge of this session; the challenge is gone afterwards."""
    try:
        webauthn.parse_authentication_response(passkey)
        used = webauthn.complete_authentication(user, passkey)
    except (
        ValidationError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
    ):  # nothing that a browser would send
        return False
    finally:
        webauthn.clear_state()
    used.record_usage()
    return True


def challenge(user, *, for_a_new_one: bool = False) -> dict:
    """What a browser passes on to a passkey.

    While this session's last challenge wasn't answered, it's that one: a page in another tab holds it too.
    """
    server, asked = webauthn.get_server(), webauthn.get_state()
    about = {
        "credentials": webauthn.get_credentials(user),
        "user_verification": UserVerificationRequirement.PREFERRED,
        "challenge": websafe_decode(asked["challenge"]) if asked else None,
    }
    if for_a_new_one:
        payload = webauthn.build_user_payload(user)
        options, state = server.register_begin(
            payload, resident_key_requirement=ResidentKeyRequirement.DISCOURAGED, **about
        )
    else:
        options, state = server.authenticate_begin(**about)
    webauthn.set_state(state)
    return dict(options)


# --- setting up and doing away ------------------------------------------------------------------------------


def pending_app(request) -> str:
    """The secret of the app that is being set up: the same until it's confirmed, however often its page is
    opened.
    """
    with suppress(InvalidToken, KeyError):
        return get_adapter().decrypt(request.session[PENDING_APP])
    secret = generate_totp_secret()
    request.session[PENDING_APP] = get_adapter().encrypt(secret)
    return secret


@transaction.atomic
def set_up_app(request, *, counter: int) -> None:
    """The pending app is confirmed by the code of `counter`, which is thereby spent.

    An earlier app opens nothing any more.
    """
    user = _locked(request.user)
    secret = pending_app(request)
    Authenticator.objects.filter(user=user, type=Type.TOTP).delete()
    data = {"secret": get_adapter().encrypt(secret), "last_counter": counter}
    Authenticator.objects.create(user=user, type=Type.TOTP, data=data)
    del request.session[PENDING_APP]
    _now_has_one(request, user, "Set up an authenticator app")


@transaction.atomic
def set_up_passkey(request, *, name: str, credential: dict) -> None:
    """Raises NotProven where the passkey isn't an answer to this session's challenge."""
    user = _locked(request.user)
    try:
        webauthn.parse_registration_response(credential)
        webauthn.complete_registration(credential)
    except (
        ValidationError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
    ) as error:  # nothing that a browser would send
        raise NotProven("The passkey was not made. Try it again.") from error
    finally:
        webauthn.clear_state()
    webauthn.WebAuthn.add(user, name, credential)
    _now_has_one(request, user, "Set up a passkey")


def passkeys_work(request) -> bool:
    """A browser makes passkeys for a name over https, and to try them for localhost; for a bare number
    never.
    """
    host = urlsplit(f"//{request.get_host()}").hostname
    with suppress(ValueError):
        ipaddress.ip_address(host)
        return False
    return request.is_secure() or host == "localhost"


def codes_left(user) -> int:
    row = Authenticator.objects.filter(user_id=user.pk, type=Type.RECOVERY_CODES).first()
    if row is None:
        return 0
    try:
        return len(RecoveryCodes(row).get_unused_codes())
    except InvalidToken:
        return 0


@transaction.atomic
def make_codes(request) -> None:
    """New recovery codes; those before open nothing any more."""
    user = _locked(request.user)
    _new_codes(request, user)
    _note(user, "Made new recovery codes")


def shown_codes(request) -> list[str]:
    """The recovery codes that were made just now.

    They are shown until their owner says that they are kept, and never again.
    """
    row = Authenticator.objects.filter(
        pk=request.session.get(SHOWN_CODES), user_id=request.user.pk, type=Type.RECOVERY_CODES
    ).first()
    return [f"{code[:4]} {code[4:]}" for code in RecoveryCodes(row).generate_codes()] if row else []


def may_be_removed(factor: Authenticator) -> bool:
    """Where one is demanded, the last one stays."""
    return not is_demanded() or factors_of(factor.user).exclude(pk=factor.pk).exists()


@transaction.atomic
def remove(request, factor: Authenticator) -> None:
    """Their own. Recovery codes go with the last one. Raises PermissionError where it has to stay."""
    user = _locked(request.user)
    if not may_be_removed(factor):
        raise PermissionError(
            "This is your only second factor, and one is needed here. Set up another one first."
        )
    name = named(factor)
    factor.delete()
    if not factors_of(user).exists():
        Authenticator.objects.filter(user=user).delete()
    _note(user, f"Removed a second factor: {name}")
    _tell(user, "A second factor was removed from your sign-in.")


@transaction.atomic
def reset(user: User, *, by: User | None) -> None:
    """For somebody who has lost theirs: all of it goes, and every session of theirs ends.

    `by` None: on the server.
    """
    if by and by.pk == user.pk:
        raise PermissionError(
            "Your own second factor is changed under “Second factor”, at the top of the page."
        )
    if by and user.is_superuser and not by.is_superuser:
        raise PermissionError("A superuser’s second factor is reset on the server.")
    user = _locked(user)
    Authenticator.objects.filter(user=user).delete()
    user.end_sessions()
    _tell(
        user,
        f"{by or 'Somebody who looks after the server'} reset your second factor. Set up a new one when you "
        "sign in.",
    )


def named(factor: Authenticator) -> str:
    return f"Passkey “{factor.data['name']}”" if factor.type == Type.WEBAUTHN else "Authenticator app"


def _locked(user) -> User:
    # of two requests at once one waits for the other
    return User.objects.select_for_update().get(pk=user.pk)


def _now_has_one(request, user: User, words: str) -> None:
    if not Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).exists():
        _new_codes(request, user)
    _note(user, words)
    _tell(user, f"{words.replace('Set up', 'You set up')} as the second factor of your sign-in.")
    let_in(request)


def _new_codes(request, user: User) -> None:
    Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).delete()
    request.session[SHOWN_CODES] = RecoveryCodes.activate(user).instance.pk


def _note(user: User, words: str) -> None:
    log.write("second factor", user, by=user, said=f"{words}.")


def _tell(user: User, words: str) -> None:
    """Whoever had nothing to do with it learns of it."""
    at = f"{timezone.localtime():%-d %B %Y, %H:%M}"
    queue(
        Mail(
            "Your second factor",
            opening=(words, f"That was on {at}."),
            closing=(
                "If you know nothing of it, tell a manager of the clinic at once, and change your password.",
            ),
        ),
        user.email,
    )
