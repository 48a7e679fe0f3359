"""Every mail of refer-a-friend but the codes: one function for each, called by the verb that causes it, in
its transaction.

Words for members are neutral: they say that a referral qualified, never whose or for what. A cause is told
once, however often its verb is called.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from functools import wraps

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from clinic_site.notifications.mail import MailContent, queue
from clinic_site.registry import Branding, branding
from referrals.codes import spoken
from referrals.formats import day
from referrals.templatetags.money import exactly, money, moved

MAILS_A_DAY = 3  # mails to one mailbox that somebody typed as theirs: it may be somebody else's
SEEN_FIRST = "Before you use credit for the first time, the front desk looks at a document with your name."
_held_back: ContextVar[bool] = ContextVar("held_back", default=False)


@contextmanager
def held_back() -> Iterator[None]:
    """Within it no mail is queued: for a year that is rehearsed."""
    token = _held_back.set(True)
    try:
        yield
    finally:
        _held_back.reset(token)


def programme_email(write):
    """A mail under the clinic's letterhead, which `write` is given first. None, while mails are held back."""

    @wraps(write)
    def unless_held_back(*args, **kwargs) -> None:
        if not _held_back.get():
            write(branding(), *args, **kwargs)

    return unless_held_back


def _tell(head: Branding, owner, cause: str, to: str, mail: MailContent) -> None:
    """Queue it, unless this cause of `owner` (a member or referral) was seen to. Empty, `to` is nowhere."""
    notice, is_new = owner.notices.get_or_create(key=cause)
    if is_new and to:
        notice.mail = queue(mail, to, head=head)
        notice.save(update_fields=["mail"])


def _address(account) -> str:
    """Where the account's owner is written to. Nowhere, once they are forgotten."""
    if account.member:
        return "" if account.member.forgotten_at else account.member.user.email
    return getattr(getattr(account.referral, "introduction", None), "email", "")


def _statement() -> tuple[str, str]:
    return "Your statement", settings.SITE_URL + reverse("referrals:statement")


def _ask(head: Branding) -> str:
    ways = [f"call {head.phone}"] * bool(head.phone) + [f"write to {head.email}"] * bool(head.email)
    return " or ".join(ways) or "ask at the front desk"


# --- to a member, and to a friend who has credit ------------------------------------------------------------


@programme_email
def joined(head, member, terms, *, at) -> None:
    """Somebody takes part, or does so again."""
    mine, theirs = (money(cents, head.currency_sign) for cents in (terms.member_cents, terms.friend_cents))
    mail = MailContent(
        "You take part in refer a friend",
        (
            "Thank you for joining. Hand on your link yourself, in your own words, and please say that you "
            "get a credit.",
            "You never give us a friend’s name or number. Only they can do that.",
        ),
        rows=(
            ("Your link", member.link),
            ("Your code, to read out", spoken(member.code)),
            ("You get", f"{mine} credit for each friend who came, at most {terms.cap_per_year} a year"),
            ("Your friend gets", f"{theirs} credit" if terms.friend_cents else "No credit"),
            ("You can use it", f"{terms.hold_days} days after you got it" if terms.hold_days else "At once"),
            ("It runs out", f"{terms.expiry_days} days after you got it" if terms.expiry_days else "Never"),
        ),
        links=(_statement(),),
        closing=(SEEN_FIRST, f"Did you not join? Please {_ask(head)}."),
    )
    _tell(head, member, f"joined:{member.pk}:{timezone.localdate(at)}", member.user.email, mail)


@programme_email
def rewarded(head, transfer, lot) -> None:
    """A referral qualified; `lot` is the credit that came of it."""
    account = transfer.destination
    rows = [
        ("Credit", exactly(transfer.cents, head.currency_sign)),
        ("You can use it from", day(lot.usable_from)),
    ]
    if lot.expires_at:
        rows.append(("Use it before", day(lot.expires_at)))
    if member := account.member:
        closing = () if member.confirmed_at else (SEEN_FIRST,)
        mail = MailContent(
            "A referral qualified",
            ("There is new credit on your account.",),
            tuple(rows),
            (_statement(),),
            closing,
        )
    else:
        opening = "You have a credit with us. To use it, tell the front desk your reference number."
        mail = MailContent(
            "A credit for you", (opening,), (("Your reference number", account.referral.reference), *rows)
        )
    _tell(head, member or account.referral, f"reward:{transfer.number}", _address(account), mail)


@programme_email
def expiring(head, account, lot) -> None:
    """What is left of a lot runs out soon."""
    mail = MailContent(
        f"Credit runs out on {day(lot.expires_at)}",
        ("Some of your credit can be used for a limited time only.",),
        (("Credit", exactly(lot.left, head.currency_sign)), ("Use it before", day(lot.expires_at))),
        (_statement(),) if account.member else (),
        () if account.member else (f"Your reference number is {account.referral.reference}.",),
    )
    _tell(head, account.member or account.referral, f"expiring:{lot.number}", _address(account), mail)


@programme_email
def redeemed(head, transfer, *, balance: int) -> None:
    """The receipt; `balance` is what the account holds afterwards, in cents."""
    account = transfer.source
    mail = MailContent(
        "A receipt for your credit",
        ("You have used credit.",),
        (
            ("Date", day(transfer.at)),
            ("Credit used", exactly(transfer.cents, head.currency_sign)),
            ("For", transfer.spent_on),
            ("Invoice", transfer.invoice),
            ("Credit left", exactly(balance, head.currency_sign)),
        ),
        (_statement(),) if account.member else (),
        (f"Was this not you? Please {_ask(head)}.",),
    )
    _tell(head, account.member or account.referral, f"redemption:{transfer.number}", _address(account), mail)


@programme_email
def changed(head, transfer, *, balance: int) -> None:
    """A manager reversed or adjusted; `balance` is what the account holds now, in cents."""
    came_in = not transfer.destination.system
    account = transfer.destination if came_in else transfer.source
    change = moved(transfer.cents if came_in else -transfer.cents, head.currency_sign)
    mail = MailContent(
        "Your credit has changed",
        ("The clinic has corrected your account.",),
        (
            ("Date", day(transfer.at)),
            ("Change", change),
            ("Credit now", exactly(balance, head.currency_sign)),
        ),
        (_statement(),) if account.member else (),
        (
            f"{'Your statement says why. ' if account.member else ''}If you have a question, please "
            f"{_ask(head)}.",
        ),
    )
    _tell(head, account.member or account.referral, f"change:{transfer.number}", _address(account), mail)


# --- to a friend, and to the front desk ---------------------------------------------------------------------


@programme_email
def introduced(head, referral, *, at) -> None:
    """To the friend: what happens next, and the way back. To the desk: that somebody waits, not who."""
    typed = referral.introduction
    same = type(typed).objects.filter(
        same_email=typed.same_email, referral__introduced_at__gt=at - timedelta(days=1)
    )
    if typed.email and same.count() <= MAILS_A_DAY:
        mail = MailContent(
            "We have your introduction",
            (
                "Thank you. We will contact you to find a time for a first visit.",
                "Whether a treatment is right for you is decided face to face, and the answer may be no.",
            ),
            rows=(("Your reference number", referral.reference),),
            links=(("Withdraw, and erase what you typed", referral.withdraw_link),),
            closing=("Did somebody else type your address? Use the same link: what they typed is erased.",),
        )
        _tell(head, referral, f"introduced:{referral.pk}", typed.email, mail)
    _tell_the_desk(
        head, referral, f"waiting:{referral.pk}", "An introduction has come in", "is waiting in the admin."
    )


@programme_email
def withdrawn(head, referral) -> None:
    """Mails about this referral go with what the friend typed, those that were sent too. The desk is told."""
    Email.objects.filter(notice__referral=referral).delete()
    words = "was withdrawn. What was typed is erased. Please do not contact this person."
    _tell_the_desk(head, referral, f"withdrawn:{referral.pk}", "An introduction was withdrawn", words)


def _tell_the_desk(head: Branding, referral, cause: str, subject: str, words: str) -> None:
    address = settings.SITE_URL + reverse("admin:referrals_referral_change", args=[referral.pk])
    mail = MailContent(
        subject, (f"Introduction {referral.reference} {words}",), links=(("Open it in the admin", address),)
    )
    _tell(head, referral, cause, head.email, mail)
