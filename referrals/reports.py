"""What the owner asks of the programme: what is owed on a day, how old it is, what each month brought, and
what new terms would have cost. All of it is recomputed from the rows; amounts are in cents.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time, timedelta
from itertools import groupby
from operator import itemgetter

from django.db.models import Case, CharField, Count, F, IntegerField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from referrals.lots import FIELDS, Book, Lot
from referrals.models import House, Referral, Reversal, Terms, Transfer

MONTHS = 12


def end_of(on: date) -> datetime:
    """The moment at which that day is over, in the clinic's own time."""
    return timezone.make_aware(datetime.combine(on + timedelta(days=1), time()))


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
    """Recomputed from the transfers until the end of that day.

    Who is forgotten since then counts as they stood on it.
    """
    end, sums = end_of(on), Counter()
    for side, sign in (("destination", 1), ("source", -1)):
        owner = Case(
            When(**{f"{side}__member__forgotten_at__lt": end}, then=Value("forgotten")),
            When(**{f"{side}__member__isnull": False}, then=Value("members")),
            default=Value("friends"),
            output_field=CharField(),
        )
        rows = (
            Transfer.objects.filter(at__lt=end, **{f"{side}__house": ""})
            .order_by()
            .annotate(owner=owner)
            .values("owner")
        )
        for row in rows.annotate(cents=Sum("cents")):
            sums[row["owner"]] += sign * row["cents"]
    return Owed(**sums)


@dataclass
class Age:
    """Credit that came in so many months ago, as far as it is still there, and how much of that is on
    hold.
    """

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
    since = [end_of(months_before(on, age.below)) for age in ages[:-1]]
    for lot in _lots_left(end):
        age = next((age for age, begin in zip(ages, since, strict=False) if lot.at >= begin), ages[-1])
        age.cents += lot.left
        age.lots += 1
        if lot.usable_from > end:
            age.on_hold += lot.left
    return ages


def _lots_left(end: datetime) -> Iterator[Lot]:
    """Every lot that holds credit at that moment."""
    owner = Case(
        When(source__house="", then=F("source")), default=F("destination"), output_field=IntegerField()
    )
    rows = (
        Transfer.objects.filter(at__lt=end)
        .annotate(owner=owner)
        .order_by("owner", "number")
        .values(*FIELDS, "owner")
    )
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


# (source, destination; "" is a member's or a friend's account) -> the column, and which way it counts there
COLUMNS = {
    (House.PROMOTIONS, ""): ("issued", 1),
    ("", House.PROMOTIONS): ("taken_back", 1),
    ("", House.REDEEMED): ("redeemed", 1),
    (House.REDEEMED, ""): ("given_back", 1),
    ("", House.EXPIRED): ("expired", 1),
    (House.ADJUSTMENTS, ""): ("adjusted", 1),
    ("", House.ADJUSTMENTS): ("adjusted", -1),
}
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
    """The `count` months that end with the one of `until`, until the end of that day; before them, all that
    was earlier.
    """
    first = [months_before(until.replace(day=1), n) for n in reversed(range(count))]
    rows = [Month(None), *map(Month, first)]
    end = end_of(until)
    begins = [timezone.make_aware(datetime.combine(on, time())) for on in first]

    for month, row in _by_month(
        Transfer.objects.all(), "at", begins, end, "source__house", "destination__house", n=Sum("cents")
    ):
        name, sign = COLUMNS[row["source__house"], row["destination__house"]]
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

    for before, month in zip([Month(None), *rows], rows, strict=False):
        month.owed = before.owed + month.change
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


# --- as tables: for the screen and for a spreadsheet --------------------------------------------------------

TEXT, MONEY, COUNT = "text", "money", "count"


@dataclass(frozen=True)
class Table:
    """A part of the report. `columns` are (title, kind); a row has a cell for each, amounts in cents."""

    name: str
    title: str
    note: str
    columns: tuple[tuple[str, str], ...]
    rows: list[tuple]
    total: tuple

    @property
    def body(self) -> list[list[tuple]]:
        """Rows of (cell, kind)."""
        return [self._cells(row) for row in self.rows]

    @property
    def foot(self) -> list[tuple]:
        return self._cells(self.total)

    def _cells(self, row: tuple) -> list[tuple]:
        return [(cell, kind) for cell, (_, kind) in zip(row, self.columns, strict=True)]

    def plain(self) -> list[list]:
        """Rows for a spreadsheet, with a head and without a total: amounts as 12.50, whatever the
        currency.
        """

        def plain(cell, kind: str):
            return (
                f"{'-' if cell < 0 else ''}{abs(cell) // 100}.{abs(cell) % 100:02}" if kind == MONEY else cell
            )

        head = [title for title, _ in self.columns]
        return [head, *([plain(cell, kind) for cell, kind in row] for row in self.body)]


def tables(on: date) -> dict[str, Table]:
    """The report as it stood at the end of a day, by the names of its parts."""
    made = (_owed_table(on), _ageing_table(on), *_month_tables(on))
    return {table.name: table for table in made}


def _owed_table(on: date) -> Table:
    sums = owed(on)
    rows = [
        ("Members", sums.members),
        ("Friends", sums.friends),
        ("People who asked to be forgotten", sums.forgotten),
    ]
    return Table(
        "owed",
        "To whom",
        "Credit that was given and neither used nor taken back nor expired.",
        (("Whose", TEXT), ("Owed", MONEY)),
        rows,
        ("Together", sums.total),
    )


def _ageing_table(on: date) -> Table:
    ages = ageing(on)
    rows = [(age.name, age.lots, age.cents, age.on_hold) for age in ages]
    return Table(
        "ageing",
        "How old it is",
        "By the day on which the credit was given. What is on hold can't be used yet.",
        (("Given", TEXT), ("How often", COUNT), ("Owed", MONEY), ("On hold", MONEY)),
        rows,
        ("Together", *(sum(row[i] for row in rows) for i in (1, 2, 3))),
    )


MONEY_BY_MONTH = (
    ("Given as rewards", "issued"),
    ("Rewards taken back", "taken_back"),
    ("Redeemed", "redeemed"),
    ("Redemptions given back", "given_back"),
    ("Expired", "expired"),
    ("Adjusted", "adjusted"),
    ("Lost", "lost"),
    ("Owed at the end", "owed"),
)
COUNTS_BY_MONTH = (
    ("Introduced", "introduced"),
    ("Late mentions", "mentioned"),
    ("Came", "attended"),
    ("Declined", "declined"),
    ("Withdrawn", "withdrawn"),
)


def _month_tables(on: date) -> Iterator[Table]:
    by_month = months(on)
    for name, title, note, columns, kind in (
        (
            "months",
            "Credit, month by month",
            "What was lost had been spent before its reward was taken back: it is no transfer, and changes "
            "nothing that is owed.",
            MONEY_BY_MONTH,
            MONEY,
        ),
        (
            "friends",
            "Friends, month by month",
            "Who came is counted in the month of the visit, late mentions too.",
            COUNTS_BY_MONTH,
            COUNT,
        ),
    ):
        rows = [
            (
                f"{row.begins:%B %Y}" if row.begins else "Before",
                *(getattr(row, attribute) for _, attribute in columns),
            )
            for row in by_month.rows
        ]
        total = ("Together", *(getattr(by_month.total, attribute) for _, attribute in columns))
        yield Table(name, title, note, (("Month", TEXT), *((head, kind) for head, _ in columns)), rows, total)


# --- what new terms would have cost -------------------------------------------------------------------------


@dataclass(frozen=True)
class Cost:
    """What terms would have cost on the referrals of a year: how many rewards for members, how many for
    friends, in cents.
    """

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
    """What the friends who were put down as having come in the year until that day would have cost under
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
    had, referrals, rewards = Counter(), 0, 0
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
        referral__attended_at__gte=timezone.make_aware(datetime.combine(begin, time())),
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
