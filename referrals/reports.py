"""What the owner asks of the programme: what is owed on a day, how old it is, what each month brought, and
what new terms would have cost. All of it is recomputed from the rows; amounts are in cents.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter

from django.db.models import Case, CharField, Count, F, IntegerField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from clinic_site.calendar_days import start_of
from referrals.credit_lots import Book, Lot, transfer_rows
from referrals.models import Referral, Reversal, Terms, Transfer
from referrals.transfer_kinds import TRANSFER_KINDS

MONTHS = 12


def end_of(on: date) -> datetime:
    """The moment at which that day is over, in the clinic's own time."""
    return start_of(on + timedelta(days=1))


def months_before(on: date, months: int) -> date:
    """The same day so many months earlier; the month's last where it has no such day."""
    year, month = divmod(on.year * 12 + on.month - 1 - months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(on.day, last))


# --- what is owed -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Owed:
    """What the clinic owes at the end of a day, by whom it owes it to."""

    members: int = 0
    friends: int = 0
    forgotten: int = 0  # people who asked to be forgotten: their credit stands without a name

    @property
    def total(self) -> int:
        return self.members + self.friends + self.forgotten


def owed(on: date) -> Owed:
    """Recomputed from the transfers until then. Who is forgotten since then counts as they stood on it."""
    sums: Counter[str] = Counter()
    end = end_of(on)
    for side, sign in (("destination", 1), ("source", -1)):
        owner = Case(
            When(**{f"{side}__member__forgotten_at__lt": end}, then=Value("forgotten")),
            When(**{f"{side}__member__isnull": False}, then=Value("members")),
            default=Value("friends"),
            output_field=CharField(),
        )
        rows = (
            Transfer.objects.filter(at__lt=end, **{f"{side}__system": ""})
            .order_by()
            .annotate(owner=owner)
            .values("owner")
        )
        for row in rows.annotate(cents=Sum("cents")):
            sums[row["owner"]] += sign * row["cents"]
    return Owed(**sums)


@dataclass
class Age:
    """Credit that came in so many months ago, as far as it is there, and how much of it is on hold."""

    name: str
    below: int | None  # months
    cents: int = 0
    on_hold: int = 0
    lots: int = 0


def ageing(on: date) -> list[Age]:
    """What is owed at the end of a day, by the age of the credit. One walk, an account at a time."""
    end = end_of(on)
    ages = [
        Age("0 to 3 months", 3),
        Age("3 to 6 months", 6),
        Age("6 to 12 months", 12),
        Age("12 months and more", None),
    ]
    since = [end_of(months_before(on, age.below)) for age in ages if age.below]
    for lot in _lots_left(end):
        age = next((age for age, begin in zip(ages, since, strict=False) if lot.at >= begin), ages[-1])
        age.cents += lot.left
        age.lots += 1
        if lot.usable_from >= end:
            age.on_hold += lot.left
    return ages


def _lots_left(end: datetime) -> Iterator[Lot]:
    """Every lot that holds credit at that moment."""
    owner = Case(
        When(source__system="", then=F("source")), default=F("destination"), output_field=IntegerField()
    )
    rows = transfer_rows().filter(at__lt=end).annotate(owner=owner).order_by("owner", "number")
    for account, moves in groupby(rows.iterator(chunk_size=5000), key=itemgetter("owner")):
        book = Book()
        for row in moves:
            book.add(row, came_in=row["destination_id"] == account)
        yield from (lot for lot in book.lots.values() if lot.left)


# --- by month -----------------------------------------------------------------------------------------------


@dataclass
class Month:
    """What moved in a month. `owed` is at its end. Above it, all but `lost` (which is no transfer) add up."""

    begins: date | None  # None: everything before the first that is shown
    issued: int = 0
    taken_back: int = 0  # rewards that were reversed
    redeemed: int = 0
    given_back: int = 0  # redemptions that were reversed
    expired: int = 0
    adjusted: int = 0  # what managers gave, less what they took
    lost: int = 0  # of rewards that were reversed: what was spent before
    owed: int = 0
    introduced: int = 0
    mentioned: int = 0  # late mentions at the desk
    attended: int = 0
    declined: int = 0
    withdrawn: int = 0

    @property
    def change(self) -> int:
        return self.issued - self.taken_back - self.redeemed + self.given_back - self.expired + self.adjusted


# What the kinds of transfer add to (see `TransferKind.total`) -> the column, and which way it counts there
REPORTED = {
    "issued": ("issued", 1),
    "redeemed": ("redeemed", 1),
    "expired": ("expired", 1),
    "adjusted up": ("adjusted", 1),
    "adjusted down": ("adjusted", -1),
    "rewards reversed": ("taken_back", 1),
    "redeemed, reversed": ("given_back", 1),
}
COLUMNS = {(kind.source, kind.destination): REPORTED[kind.total] for kind in TRANSFER_KINDS}
SUMMED = [f.name for f in fields(Month) if f.name not in ("begins", "owed")]


@dataclass
class Months:
    """Month by month until a day, with all that was before in one row, and the sum of all."""

    rows: list[Month] = field(default_factory=list)

    @property
    def total(self) -> Month:
        total = Month(None, **{name: sum(getattr(row, name) for row in self.rows) for name in SUMMED})
        total.owed = self.rows[-1].owed
        return total


def months(until: date, *, count: int = MONTHS) -> Months:
    """The `count` months that end with the day `until`; before them, all that was earlier."""
    first = [months_before(until.replace(day=1), n) for n in reversed(range(count))]
    rows = [Month(None), *map(Month, first)]
    end = end_of(until)
    begins = [start_of(on) for on in first]

    ends = ("source__system", "destination__system")
    for month, row in _by_month(Transfer.objects.all(), "at", begins, end, *ends, n=Sum("cents")):
        name, sign = COLUMNS[row["source__system"], row["destination__system"]]
        setattr(rows[month], name, getattr(rows[month], name) + sign * row["n"])
    for month, row in _by_month(Reversal.objects.all(), "at", begins, end, n=Sum("lost_cents")):
        rows[month].lost = row["n"]
    for name in ("introduced", "mentioned", "declined", "withdrawn"):
        for month, row in _by_month(Referral.objects.all(), f"{name}_at", begins, end, n=Count("pk")):
            setattr(rows[month], name, row["n"])
    for month, row in _by_month(
        Referral.objects.all(), "attended_on", first, until + timedelta(days=1), n=Count("pk")
    ):
        rows[month].attended = row["n"]

    for before, after in zip([Month(None), *rows], rows, strict=False):
        after.owed = before.owed + after.change
    return Months(rows)


def _by_month(
    found: QuerySet, column: str, begins: list, end, *by: str, **sums
) -> Iterator[tuple[int, dict]]:
    """(which month, what was summed in it), where the months begin so, and 0 is the time before the first.

    The months are told apart by comparing: a function that cuts a date to its month would be Python's, on
    SQLite, and slow.
    """
    earlier = [When(**{f"{column}__lt": begin}, then=Value(i)) for i, begin in enumerate(begins)]
    month = Case(*earlier, default=Value(len(begins)), output_field=IntegerField())
    found = (
        found.filter(**{f"{column}__lt": end})
        .order_by()
        .annotate(month=month)
        .values("month", *by)
        .annotate(**sums)
    )
    return ((row["month"], row) for row in found)


# --- what new terms would have cost -------------------------------------------------------------------------


@dataclass(frozen=True)
class Cost:
    """What terms would have cost on a year's referrals: rewards for members, and both sides' cents."""

    referrals: int
    rewards: int
    members: int
    friends: int

    @property
    def total(self) -> int:
        return self.members + self.friends


def year_before(on: date) -> tuple[date, date]:
    """The year that ends with that day: its first day and its last."""
    return months_before(on, 12) + timedelta(days=1), on


def cost_under(terms: Terms, on: date) -> Cost:
    """What the friends who were recorded as having come in the year until that day would have cost under
    these terms.

    The cap counts by calendar year, as it does in real life; every member is taken to have stayed. What was
    reversed is left out.
    """
    begin, end = year_before(on)
    reversed_rewards = Reversal.objects.filter(of__referral__isnull=False).values("of__referral")
    came = (
        Referral.objects.filter(attended_at__gte=_start_of_year(begin), attended_at__lt=end_of(on))
        .exclude(pk__in=reversed_rewards)
        .order_by("attended_at", "pk")
        .values_list("member_id", "attended_at")
    )
    had: Counter[tuple[int, int]] = Counter()
    referrals, rewards = 0, 0
    for member, at in came.iterator(chunk_size=5000):
        had[member, timezone.localdate(at).year] += 1
        if timezone.localdate(at) >= begin:
            referrals += 1
            rewards += had[member, timezone.localdate(at).year] <= terms.cap_per_year
    return Cost(referrals, rewards, rewards * terms.member_cents, referrals * terms.friend_cents)


def cost_in_truth(on: date) -> Cost:
    """What the same year's referrals did cost: the rewards that were given and not reversed."""
    begin, end = year_before(on)
    given = Transfer.objects.filter(
        referral__attended_at__gte=start_of(begin),
        referral__attended_at__lt=end_of(end),
        referral__isnull=False,
        reversal=None,
    )
    sums = given.aggregate(
        referrals=Count("referral", distinct=True),
        rewards=Count("pk", filter=Q(destination__member__isnull=False)),
        members=Coalesce(Sum("cents", filter=Q(destination__member__isnull=False)), 0),
        friends=Coalesce(Sum("cents", filter=Q(destination__member=None)), 0),
    )
    return Cost(**sums)


def _start_of_year(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, 1, 1))
