"""Days and amounts as they are written where no template and no currency stands."""

from datetime import date, datetime

from django.utils import timezone


def day(on: date | datetime | None) -> str:
    """ "3 March 2026", in the clinic's own time; empty for none."""
    if on is None:
        return ""
    return f"{timezone.localdate(on) if isinstance(on, datetime) else on:%-d %B %Y}"


def amount(cents: int) -> str:
    """ "50.00", "−12.50": for people."""
    return plain_amount(cents).replace("-", "\N{MINUS SIGN}")


def plain_amount(cents: int) -> str:
    """ "50.00", "-12.50": for spreadsheets."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"
