"""When the clinic is open: rows of staff, and how they are said.

Every page shows them, so they come with the clinic's own row, in one query: see `told_hours`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from itertools import groupby

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone

from clinic_site.editorial.unsigned_words import promises_in
from clinic_site.publishing.prepared import Joined

ENDS, PARTS = "\x1e", "\x1f"  # of a row, of a value: no name holds them, as what is typed is cleared of them


class Weekday(models.IntegerChoices):
    """As `date.weekday` counts."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


class OpeningHours(models.Model):
    """From when to when the clinic is open on a day of the week. A day may have several, none overlapping."""

    clinic = models.ForeignKey("Details", models.CASCADE, default=1, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField("day", choices=Weekday)
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        verbose_name = verbose_name_plural = "opening hours"
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(opens__lt=models.F("closes")), name="opens_before_it_closes"
            ),
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="opens_on_a_day_of_the_week"),
            models.UniqueConstraint(fields=["weekday", "opens"], name="opens_once_at_a_time"),
        ]

    def __str__(self):
        return f"{self.get_weekday_display()}, {said(self.opens)} to {said(self.closes)}"

    def overlaps(self, other: "OpeningHours") -> bool:
        same = self.weekday == other.weekday
        return same and self.opens < other.closes and other.opens < self.closes


class Closure(models.Model):
    """Days on which the clinic is closed whatever the day of the week: a holiday."""

    clinic = models.ForeignKey("Details", models.CASCADE, default=1, related_name="closures")
    name = models.CharField(max_length=60, help_text="“Labour Day”.")
    first_day = models.DateField("from")
    last_day = models.DateField("to", help_text="The last day that it's closed.")

    class Meta:
        ordering = ["first_day"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")), name="a_closure_ends_after_it_began"
            ),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        super().clean()
        self._refuse_medical_words()

    def save(self, *args, **kwargs):
        self._refuse_medical_words()
        super().save(*args, **kwargs)

    def _refuse_medical_words(self) -> None:
        if wrong := promises_in(self.name):  # "closed for two weeks" is no medical figure
            raise ValidationError({"name": wrong})


def _told(model: type[models.Model], *fields: str) -> Coalesce:
    values = [Cast(field, TextField()) for field in fields]
    between = [part for value in values for part in (Value(PARTS, TextField()), value)][1:]
    rows = model._default_manager.order_by().values(one=Value(1))
    joined = rows.annotate(told=Joined(Concat(*between), Value(ENDS, TextField()))).values("told")
    return Coalesce(Subquery(joined[:1]), Value("", TextField()))


def told_hours() -> Coalesce:
    """An expression: all opening hours in one value."""
    return _told(OpeningHours, "weekday", "opens", "closes")


def told_closures() -> Coalesce:
    """An expression: all closures in one value."""
    return _told(Closure, "first_day", "last_day", "name")


def _rows(told: str) -> list[list[str]]:
    return [row.split(PARTS, 2) for row in told.split(ENDS) if row]


def hours_in(told: str) -> list[OpeningHours]:
    """The rows of `told_hours`, in the order of the week."""
    rows = [
        OpeningHours(weekday=int(day), opens=time.fromisoformat(opens), closes=time.fromisoformat(closes))
        for day, opens, closes in _rows(told)
    ]
    return sorted(rows, key=lambda row: (row.weekday, row.opens))


def closures_in(told: str) -> list[Closure]:
    """The rows of `told_closures` that aren't over, the next one first."""
    rows = [
        Closure(first_day=date.fromisoformat(first), last_day=date.fromisoformat(last), name=name)
        for first, last, name in _rows(told)
    ]
    today = timezone.localdate()
    return sorted((row for row in rows if row.last_day >= today), key=lambda row: row.first_day)


@dataclass(frozen=True)
class Days:
    """Days of the week in a row with the same hours; without any: closed."""

    first: Weekday
    last: Weekday
    hours: tuple[OpeningHours, ...]

    @property
    def name(self) -> str:
        if self.first == self.last:
            return str(self.first.label)
        between = "and" if self.last - self.first == 1 else "to"
        return f"{self.first.label} {between} {self.last.label}"

    @property
    def spans(self) -> list[tuple[str, str, str, str]]:
        """(opens, closes) as a clock writes them, then as people say them."""
        return [
            (f"{one.opens:%H:%M}", f"{one.closes:%H:%M}", said(one.opens), said(one.closes))
            for one in self.hours
        ]


def week_of(hours: Iterable[OpeningHours]) -> list[Days]:
    """The whole week, days with the same hours taken together. Empty where there are no hours."""
    every = list(hours)
    if not every:
        return []
    by_day = {day: tuple(one for one in every if one.weekday == day) for day in Weekday}
    week = []
    for _, group in groupby(Weekday, key=lambda day: [(one.opens, one.closes) for one in by_day[day]]):
        days = list(group)
        week.append(Days(days[0], days[-1], by_day[days[0]]))
    return week


def said(at: time) -> str:
    """ "9 am", "5:30 pm", "noon"."""
    if (at.hour, at.minute) in ((0, 0), (12, 0)):
        return "noon" if at.hour else "midnight"
    minutes = f":{at.minute:02}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes} {'pm' if at.hour >= 12 else 'am'}"
