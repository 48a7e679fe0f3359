"""What becomes of somebody's second factor, written down in the log and told to them by mail: whoever had
nothing to do with it learns of it.
"""

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils import timezone

from clinic_site.accounts.models import User
from clinic_site.accounts.second_factor import SHOWN_CODES, Type, codes_left, let_in, locked, named
from clinic_site.audit_log import log
from clinic_site.notifications.mail import MailContent, queue


def held_by(user) -> dict[int, Authenticator]:
    """Everything that they sign in with beside the password, by its key."""
    return Authenticator.objects.filter(user_id=user.pk).in_bulk()


def note(request, before: dict[int, Authenticator]) -> str:
    """Write down what one of allauth's views has done to what the signed-in person held before, and say it;
    empty: nothing.
    """
    user, now = request.user, held_by(request.user)
    added = {now[pk].type: now[pk] for pk in now.keys() - before}
    gone = [before[pk] for pk in before.keys() - now if before[pk].type != Type.RECOVERY_CODES]
    if codes := added.pop(Type.RECOVERY_CODES, None):
        request.session[SHOWN_CODES] = codes.pk
    if added:
        what = "passkey" if Type.WEBAUTHN in added else "authenticator app"
        words = f"{'a' if what == 'passkey' else 'an'} {what}"
        _write(user, f"Set up {words}.")
        _tell(user, f"You set up {words} as the second factor of your sign-in.")
        let_in(request, user)
        return f"The {what} is your second factor now."
    if gone:
        _write(user, f"Removed a second factor: {named(gone[0])}.")
        _tell(user, "A second factor was removed from your sign-in.")
        return f"Removed: {named(gone[0])}."
    if codes:
        _write(user, "Made new recovery codes.")
    return ""


def note_recovery_code(user: User) -> str:
    """One was used. Returns it in a sentence for the page."""
    left = codes_left(user)
    words = f"{left} more {'is' if left == 1 else 'are'} left." if left else "it was the last one."
    used = f"A recovery code was used in place of a second factor: {words}"
    _write(user, used)
    _tell(user, used)
    return f"That was a recovery code: {words} Generate new codes under “Second factor”."


def note_failure(user: User) -> None:
    said = "A wrong password or second factor, after signing in with the right password."
    log.write("sign-in failed", user, by=user, said=said)


@transaction.atomic
def reset(user: User, *, by: User | None) -> None:
    """For somebody who has lost theirs: all of it goes, and every session of theirs ends. `by` None: on the
    server.

    Raises PermissionError.
    """
    if by and by.pk == user.pk:
        raise PermissionError(
            "Your own second factor is changed under “Second factor”, at the top of the page."
        )
    if by and user.is_superuser and not by.is_superuser:
        raise PermissionError("A superuser’s second factor is reset on the server.")
    user = locked(user)
    Authenticator.objects.filter(user=user).delete()
    user.end_sessions()
    who = by or "Somebody who looks after the server"
    _tell(user, f"{who} reset your second factor. Set up a new one when you sign in.")


def _write(user: User, words: str) -> None:
    log.write("second factor", user, by=user, said=words)


def _tell(user: User, words: str) -> None:
    at = f"{timezone.localtime():%-d %B %Y, %H:%M}"
    if_unasked = "If you don’t know about it, tell a manager of the clinic at once, and change your password."
    queue(
        MailContent("Your second factor", opening=(words, f"That was on {at}."), closing=(if_unasked,)),
        user.email,
    )
