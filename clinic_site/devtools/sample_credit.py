"""What the pages of a member show. Made by hand: they stand in no ledger."""

from dataclasses import dataclass, replace
from datetime import date

from referrals.statement import ReferralProgress, ReferralStage, Sums


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
    "earned under two versions of the terms": Sums(
        7500, 7500, spendable=((("Sun cream",), 2500), (("Sun cream", "Gift cards"), 5000))
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
TOLD, CAME = (
    ReferralStage("Your friend told us", "done", date(2026, 3, 2)),
    ReferralStage("First visit", "done"),
)
HELD, YOURS = ReferralStage("Credit on hold", "done"), ReferralStage("Yours to use", "ahead")
REFERRALS = (
    ReferralProgress(
        "A friend, 2 March 2026",
        (
            TOLD,
            ReferralStage("First visit", "now", words="Not noted yet."),
            replace(HELD, state="ahead"),
            YOURS,
        ),
    ),
    ReferralProgress(
        "Ben Sample", (TOLD, CAME, replace(HELD, state="now", words="until 3 April 2026"), YOURS)
    ),
    ReferralProgress(
        "A friend, 2 March 2026", (TOLD, CAME, HELD, replace(YOURS, state="done", on=date(2026, 4, 3)))
    ),
    ReferralProgress(
        "A friend, 2 March 2026",
        (TOLD, CAME, HELD, replace(YOURS, state="now", words="once the front desk has seen who you are")),
    ),
    ReferralProgress(
        "A friend, 2 March 2026", (TOLD, CAME, HELD, ReferralStage("Expired", "ended", date(2026, 5, 29)))
    ),
    ReferralProgress(
        "A friend, 2 March 2026", (TOLD, CAME, ReferralStage("Credit taken back", "ended", date(2026, 5, 12)))
    ),
    ReferralProgress(
        "A friend, 2 March 2026",
        (
            replace(TOLD, words="at the front desk"),
            CAME,
            ReferralStage(
                "No credit", "ended", words="You had the 10 rewards that the terms allow in a year."
            ),
        ),
    ),
    ReferralProgress(
        "A friend, 2 March 2026", (TOLD, ReferralStage("Did not qualify", "ended", date(2026, 3, 9)))
    ),
    ReferralProgress(
        "A friend, 2 March 2026",
        (TOLD, ReferralStage("Withdrawn", "ended", date(2026, 3, 9), "Your friend took it back.")),
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
