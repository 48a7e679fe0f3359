"""The mails that answer somebody who asked for a code: one of three, whatever the address.

None repeats what was typed, and each is of no use after `until`: then it isn't sent any more.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from clinic_site.notifications.mail import MailContent, queue

NOBODY_ASKED = "If you did not ask for it, delete this mail: nothing has changed."
MINUTES = settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT // 60


def _queue(to: str, until: datetime, subject: str, **parts: Any) -> None:
    queue(MailContent(subject, **parts), to, at_once=True, until=until)


def code(to: str, the_code: str, *, until: datetime) -> None:
    """The code that shows whose address it is."""
    _queue(
        to,
        until,
        "Your code",
        opening=("Type this code on the page where you asked for it:",),
        rows=(("Your code", f"{the_code[:4]} {the_code[4:]}"),),
        closing=(
            f"It works once, within {MINUTES} minutes, and only in the browser that you asked from.",
            "Tell it to nobody. We never ask for it on the phone.",
            NOBODY_ASKED,
        ),
    )


def for_staff(to: str, *, until: datetime) -> None:
    _queue(
        to,
        until,
        "There is no code for this address",
        opening=(
            "Somebody, perhaps you, asked for a code for refer-a-friend with this address. It belongs to "
            "a member of staff.",
            "Staff do not take part in the programme. You sign in with your password, not with a code:",
        ),
        links=(("Sign in as staff", settings.SITE_URL + reverse("admin:login")),),
        closing=(NOBODY_ASKED,),
    )


def for_nobody(to: str, *, until: datetime) -> None:
    _queue(
        to,
        until,
        "There is no code for this address",
        opening=(
            "Somebody, perhaps you, wanted to sign in to refer-a-friend with this address. Nobody takes "
            "part with it.",
            "Perhaps you joined with another address. If you have not joined yet, you can do that here:",
        ),
        links=(("Join refer-a-friend", settings.SITE_URL + reverse("referrals:join")),),
        closing=(NOBODY_ASKED,),
    )
