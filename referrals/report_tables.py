"""The owner's report as tables: for the screen and for a spreadsheet."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from referrals import reports
from referrals.formats import plain_amount

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
        """Rows for a spreadsheet, with a head and no total: amounts as 12.50, whatever the currency."""

        head = [title for title, _ in self.columns]
        return [
            head,
            *([plain_amount(cell) if kind == MONEY else cell for cell, kind in row] for row in self.body),
        ]


def tables(on: date) -> dict[str, Table]:
    """The report as it stood at the end of a day, by the names of its parts."""
    made = (_owed_table(on), _ageing_table(on), *_month_tables(on))
    return {table.name: table for table in made}


def _owed_table(on: date) -> Table:
    sums = reports.owed(on)
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
    ages = reports.ageing(on)
    rows: list[tuple[Any, ...]] = [(age.name, age.lots, age.cents, age.on_hold) for age in ages]
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
    by_month = reports.months(on)
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
