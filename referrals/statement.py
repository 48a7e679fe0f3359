"""What a member reads of their own credit: sums, transfers and referrals, in plain words.

It names nobody but the member, unless the friend agreed to it; of a purchase it says no more than its kind;
and it never says when a friend came, or why one did not qualify. All amounts are in cents.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from django.core.paginator import Page, Paginator
from django.db.models import Case, F, OuterRef, QuerySet, Subquery, When
from django.utils import timezone

from clinic_site.calendar_days import in_days
from referrals.credit_lots import Book, Line, Lot, book_of, expired_lot
from referrals.formats import day, plain_amount
from referrals.models import Member, Referral, Reversal, Terms

SOON = 30  # days
PAGE_SIZE = 25
PRINTED = 10  # the newest transfers: as many as stand on one sheet with everything above them


# --- sums ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sums:
    """What the member has (`balance`), as far as it is `usable`, and why the rest is not."""

    balance: int
    usable: int
    unconfirmed: int = 0  # until the desk has seen who the member is
    on_hold: tuple[tuple[date, int], ...] = ()  # until when, how much
    expired: int = 0  # its time is over, and it is about to be written off
    expiring: tuple[tuple[date, int], ...] = ()  # of what is usable or waits for the desk: when, how much
    spendable: tuple[tuple[tuple[str, ...], int], ...] = ()  # on what, how much

    @property
    def is_all_usable(self) -> bool:
        return self.usable == self.balance


def sums_of(book: Book, *, is_confirmed: bool, now: datetime) -> Sums:
    usable = book.usable(now)
    soon = [
        lot
        for lot in book.lots.values()
        if lot.left and lot.is_usable(now) and lot.expires_at and lot.expires_at <= in_days(now, SOON)
    ]
    return Sums(
        balance=book.balance,
        usable=usable if is_confirmed else 0,
        unconfirmed=0 if is_confirmed else usable,
        on_hold=_by_day((lot.usable_from, lot.left) for lot in book.on_hold(now)),
        expired=sum(lot.left for lot in book.expired(now)),
        expiring=_by_day((lot.expires_at, lot.left) for lot in soon),
        spendable=tuple(book.by_things(now).items()),
    )


def _by_day(amounts) -> tuple[tuple[date, int], ...]:
    days: Counter[date] = Counter()
    for at, cents in amounts:
        days[timezone.localdate(at)] += cents
    return tuple(sorted(days.items()))


# --- transfers ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """One transfer as the member reads it: `cents` above zero came in, `balance` is after it."""

    number: int
    on: date
    reason: str
    note: str
    cents: int
    balance: int


class Entries:
    """The transfers of a book, newest first. Only those that are asked for are put in words."""

    def __init__(self, book: Book, now: datetime):
        self.book, self.now = book, now
        self.rows = {line.row["number"]: line.row for line in book.lines}

    def __len__(self):
        return len(self.book.lines)

    def __getitem__(self, part: slice) -> list[Entry]:
        return [self._entry(line) for line in self.book.lines[::-1][part]]

    def _entry(self, line: Line) -> Entry:
        row = line.row
        reason, note = self._words(row, came_in=line.cents > 0)
        return Entry(row["number"], timezone.localdate(row["at"]), reason, note, line.cents, line.balance)

    def _words(self, row: dict, *, came_in: bool) -> tuple[str, str]:
        """Reason and note. A manager's words on a referral are kept back: they could tell about a friend."""
        if undone := self.rows.get(row["reverses__number"]):
            return _words_of_reversal(row, undone, came_in=came_in)
        if row["referral__reference"]:
            lot = self.book.lots.get(row["number"])
            waits = lot and lot.left and lot.usable_from > self.now
            return "Reward for a referral", f"On hold until {day(lot.usable_from)}" if lot and waits else ""
        if row["spent_on"]:
            return f"Spent on {_bought(row)}", ""
        if number := expired_lot(row["key"]):
            return "Expired", f"Credit of {day(self.rows[number]['at'])}"
        return "Added by the clinic" if came_in else "Removed by the clinic", row["reason"]


def _words_of_reversal(row: dict, undone: dict, *, came_in: bool) -> tuple[str, str]:
    if undone["referral__reference"]:
        kept = "What you had spent of it before is not asked back." if row["cents"] < undone["cents"] else ""
        return "Reward taken back: the referral did not count after all", kept
    if undone["spent_on"]:
        return f"Given back: {_bought(undone)}", row["reason"]
    return f"Correction: what the clinic {'took' if came_in else 'gave'}", row["reason"]


def _bought(row: dict) -> str:
    """The kind of thing, as it's written in a sentence, and the invoice."""
    kind = row["spent_on"]
    if not kind[1:2].isupper():
        kind = kind[:1].lower() + kind[1:]
    return f"{kind}, invoice {row['invoice']}"


# --- referrals ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ReferralStage:
    name: str
    state: str  # done, now, ahead or ended
    on: date | None = None
    words: str = ""


@dataclass(frozen=True)
class ReferralProgress:
    """One referral: its title names the friend where they agreed to it."""

    title: str
    stages: tuple[ReferralStage, ...]


TOLD, CAME, HELD, YOURS = "Your friend told us", "First visit", "Credit on hold", "Yours to use"


def referrals_of(member: Member) -> QuerySet:
    """Newest first, each with `taken_back_at`, and with `friend`: a name, where its owner agreed."""
    reversals = Reversal.objects.filter(of__referral=OuterRef("pk"), of__destination__member=member)
    return (
        Referral.objects.filter(member=member)
        .select_related("terms")
        .annotate(
            friend=Case(When(introduction__telling_agreed_at__isnull=False, then=F("introduction__name"))),
            taken_back_at=Subquery(reversals.values("at")[:1]),
        )
        .order_by("-pk")
    )


class Rewards:
    """Which referral brought which lot of a book."""

    def __init__(self, book: Book):
        self.book = book
        self.lines = {
            line.row["referral__reference"]: line for line in book.lines if line.row["referral__reference"]
        }
        self.expired = {expired_lot(line.row["key"]) for line in book.lines}

    def lot(self, referral: Referral) -> Lot | None:
        line = self.lines.get(referral.reference)
        return self.book.lots.get(line.row["number"]) if line else None

    def has_expired(self, lot: Lot, now: datetime) -> bool:
        return lot.is_expired(now) and (lot.left > 0 or lot.number in self.expired)

    def were_full(self, referral: Referral) -> bool:
        """The year's cap was reached when the friend came."""
        year = timezone.localdate(referral.attended_at).year
        before = [
            line
            for line in self.lines.values()
            if line.row["at"] <= referral.attended_at and timezone.localdate(line.row["at"]).year == year
        ]
        return len(before) >= referral.terms.cap_per_year


def progress_of(referral: Any, rewards: Rewards, *, is_confirmed: bool, now: datetime) -> ReferralProgress:
    told_on = timezone.localdate(referral.introduced_at or referral.mentioned_at)
    title = referral.friend or f"A friend, {day(told_on)}"
    told = ReferralStage(TOLD, "done", told_on, "" if referral.introduced_at else "at the front desk")
    return ReferralProgress(title, (told, *_after_telling(referral, rewards, is_confirmed, now)))


def _after_telling(
    referral: Any, rewards: Rewards, is_confirmed: bool, now: datetime
) -> tuple[ReferralStage, ...]:
    if referral.declined_at:
        return (ReferralStage("Did not qualify", "ended", timezone.localdate(referral.declined_at)),)
    if not referral.attended_at:
        if referral.withdrawn_at:
            on = timezone.localdate(referral.withdrawn_at)
            return (ReferralStage("Withdrawn", "ended", on, "Your friend took it back."),)
        return (
            ReferralStage(CAME, "now", words="Not noted yet."),
            ReferralStage(HELD, "ahead"),
            ReferralStage(YOURS, "ahead"),
        )
    came, lot = ReferralStage(CAME, "done"), rewards.lot(referral)
    if lot is None:
        words = (
            f"You had the {referral.terms.cap_per_year} rewards that the terms allow in a year."
            if rewards.were_full(referral)
            else "You were not taking part then."
        )
        return (came, ReferralStage("No credit", "ended", words=words))
    if referral.taken_back_at:
        return (came, ReferralStage("Credit taken back", "ended", timezone.localdate(referral.taken_back_at)))
    usable_on = timezone.localdate(lot.usable_from)
    if lot.usable_from > now:
        return (
            came,
            ReferralStage(HELD, "now", words=f"until {day(lot.usable_from)}"),
            ReferralStage(YOURS, "ahead"),
        )
    held = ReferralStage(HELD, "done")
    if rewards.has_expired(lot, now):
        return (came, held, ReferralStage("Expired", "ended", timezone.localdate(lot.expires_at)))
    if not is_confirmed:
        return (came, held, ReferralStage(YOURS, "now", words="once the front desk has seen who you are"))
    return (came, held, ReferralStage(YOURS, "done", usable_on))


# --- the whole ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Statement:
    sums: Sums
    entries: Page  # of Entry
    referrals: Page  # of ReferralProgress
    terms: Terms | None  # that the member accepted last

    @property
    def is_printed_whole(self) -> bool:
        return self.entries.paginator.count <= PRINTED


def statement_of(
    member: Member, *, entries_page=1, referrals_page=1, now: datetime | None = None
) -> Statement:
    """With a page of transfers and a page of referrals: the same number of queries for any."""
    now = now or timezone.now()
    book, is_confirmed = book_of(member.account), bool(member.confirmed_at)
    rewards, found = Rewards(book), Paginator(referrals_of(member), PAGE_SIZE).get_page(referrals_page)
    found.object_list = [
        progress_of(referral, rewards, is_confirmed=is_confirmed, now=now) for referral in found.object_list
    ]
    return Statement(
        sums=sums_of(book, is_confirmed=is_confirmed, now=now),
        entries=Paginator(cast(Any, Entries(book, now)), PAGE_SIZE).get_page(entries_page),
        referrals=found,
        terms=member.terms,
    )


def rows_of(member: Member, now: datetime | None = None) -> list[tuple[str, str, str, str, int]]:
    """For a spreadsheet, oldest first: date, reason, amount, balance, number of the transfer."""
    entries = Entries(book_of(member.account), now or timezone.now())
    return [
        (
            entry.on.isoformat(),
            harmless(". ".join(filter(None, (entry.reason, entry.note)))),
            plain_amount(entry.cents),
            plain_amount(entry.balance),
            entry.number,
        )
        for entry in reversed(entries[:])
    ]


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    is_formula = text.lstrip()[:1] in tuple("=+-@|%") or text[:1] in tuple("\t\r\n")
    return f"'{text}" if is_formula else text
