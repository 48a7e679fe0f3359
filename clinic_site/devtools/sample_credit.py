"""What the pages of a member show. Made by hand: they stand in no ledger."""

from dataclasses import dataclass, replace
from datetime import date

from referrals.statement import Sums


@dataclass(frozen=True)
class SampleTerms:
    member_cents: int = 5000
    friend_cents: int = 0
    cap_per_year: int = 10
    late_mention_days: int = 60
    hold_days: int = 14
    expiry_days: int | None = None
    spendable: tuple[str, ...] = ("Sun cream", "Skin care products from our shelf")
    from_on: date = date(2026, 1, 1)


@dataclass(frozen=True)
class StatementRow:
    on: date
    reason: str
    cents: int
    balance: int
    note: str = ""


@dataclass(frozen=True)
class Stage:
    name: str
    state: str  # done, now, ahead or ended
    on: date | None = None
    words: str = ""


@dataclass(frozen=True)
class Referral:
    title: str
    stages: tuple[Stage, ...]


@dataclass(frozen=True)
class Receipt:
    title: str
    amount: str
    rows: tuple[tuple[str, str], ...]


CREDITS = {
    "all of it usable": Sums(8750, 8750),
    "less than all, for every reason": Sums(
        127000,
        3750,
        on_hold=((date(2026, 5, 18), 105000), (date(2026, 5, 20), 5000)),
        expired=13250,
        expiring=((date(2026, 5, 30), 3750),),
    ),
    "waiting for the desk": Sums(5000, 0, unconfirmed=5000),
    "none": Sums(0, 0),
}
STATEMENT = (
    StatementRow(date(2026, 6, 1), "Reward for a referral", 5000, 10250, "On hold until 15 June 2026"),
    StatementRow(date(2026, 5, 29), "Expired", -1250, 5250, "Credit of 29 May 2025"),
    StatementRow(date(2026, 5, 21), "Taken off by the clinic", -500, 6500, "Counted twice in March"),
    StatementRow(date(2026, 5, 20), "Added by the clinic", 2000, 7000, "Goodwill after a long wait"),
    StatementRow(date(2026, 5, 12), "Reward taken back: the referral did not count after all", -5000, 5000),
    StatementRow(
        date(2026, 5, 6), "Given back: sun cream, invoice 2026-1", 1250, 10000, "It came back unopened"
    ),
    StatementRow(date(2026, 5, 4), "Spent on sun cream, invoice 2026-1", -1250, 8750),
    StatementRow(date(2026, 4, 2), "Reward for a referral", 5000, 10000),
    StatementRow(date(2026, 3, 2), "Reward for a referral", 5000, 5000),
)
TOLD, CAME = Stage("Your friend told us", "done", date(2026, 3, 2)), Stage("First visit", "done")
HELD, YOURS = Stage("Credit on hold", "done"), Stage("Yours to use", "ahead")
REFERRALS = (
    Referral(
        "A friend, 2 March 2026",
        (TOLD, Stage("First visit", "now", words="Not noted yet."), replace(HELD, state="ahead"), YOURS),
    ),
    Referral("Ben Sample", (TOLD, CAME, replace(HELD, state="now", words="until 3 April 2026"), YOURS)),
    Referral("A friend, 2 March 2026", (TOLD, CAME, HELD, replace(YOURS, state="done", on=date(2026, 4, 3)))),
    Referral(
        "A friend, 2 March 2026",
        (TOLD, CAME, HELD, replace(YOURS, state="now", words="once the front desk has seen who you are")),
    ),
    Referral("A friend, 2 March 2026", (TOLD, CAME, HELD, Stage("Expired", "ended", date(2026, 5, 29)))),
    Referral("A friend, 2 March 2026", (TOLD, CAME, Stage("Credit taken back", "ended", date(2026, 5, 12)))),
    Referral(
        "A friend, 2 March 2026",
        (
            replace(TOLD, words="at the front desk"),
            CAME,
            Stage("No credit", "ended", words="You had the 10 rewards that the terms allow in a year."),
        ),
    ),
    Referral("A friend, 2 March 2026", (TOLD, Stage("Did not qualify", "ended", date(2026, 3, 9)))),
    Referral(
        "A friend, 2 March 2026",
        (TOLD, Stage("Withdrawn", "ended", date(2026, 3, 9), "Your friend took it back.")),
    ),
)
RECEIPT = Receipt(
    "Receipt R-000123",
    "$12.50",
    (
        ("Used for", "Sun cream"),
        ("On", "4 May 2026"),
        ("At the desk", "Sample Desk"),
        ("Left on your account", "$1,087.50"),
    ),
)
