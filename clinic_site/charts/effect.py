"""Effect over time: bands for when it starts, is strongest, fades and is repeated; and what trials measured.

Measured points stand alone, each at its time: nothing is drawn between two of them, or after the last.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from clinic_site.charts.axes import TimeAxis
from clinic_site.charts.bands import Band, axis_for, band_of, drawable_time, start_of
from clinic_site.charts.figures import Fact, drawable
from clinic_site.charts.panels import Panel, measurements_of, panel_of, series_of
from clinic_site.pages.shapes import ClaimNote

SLOTS = ("starts", "peaks", "lasts", "repeat")


@dataclass(frozen=True)
class EffectChart:
    slug: str
    bands: tuple[Band, ...]
    axis: TimeAxis | None
    panels: tuple[Panel, ...]
    why_not: str = ""

    @property
    def drawn(self) -> tuple[Band, ...]:
        return tuple(band for band in self.bands if band.stretch)

    @property
    def is_one_armed(self) -> bool:
        """Whether a time is drawn without a comparator's."""
        return any(not band.other for band in self.drawn)

    @property
    def has_compared(self) -> bool:
        """Whether one of the times was compared with something."""
        return any(band.against for band in self.drawn)


def why_nothing_is_drawn(notes: Iterable[ClaimNote | None]) -> str:
    """The plain words for a page without a picture."""
    weak = [note for note in notes if note and note.figure and not drawable(note)]
    if weak:
        return (
            "What is known about the times comes from clinics’ own pages and experts’ opinions. That is "
            "too little to draw."
        )
    return (
        "No source that we have read gives figures over time for this, so there is nothing that we could "
        "draw truthfully."
    )


def effect_chart(
    slug: str, facts: Iterable[Fact], claims: Iterable[ClaimNote], copies: frozenset[int] = frozenset()
) -> EffectChart:
    """The picture of a treatment page, from its key facts and its `measured` claims.

    `copies`: what was read second-hand.
    """
    shown = sorted((fact for fact in facts if fact.slot in SLOTS), key=lambda fact: SLOTS.index(fact.slot))
    drawn = [figure for fact in shown if (figure := drawable_time(fact.claim))]
    axis = axis_for(drawn) if drawn else None
    since = start_of((fact.slot, drawable_time(fact.claim)) for fact in shown)
    panels = tuple(panel_of(group, copies) for group in series_of(measurements_of(claims)))
    why_not = "" if drawn or panels else why_nothing_is_drawn(fact.claim for fact in shown)
    return EffectChart(
        slug=slug,
        bands=tuple(band_of(axis, fact, copies, since) for fact in shown),
        axis=axis,
        panels=panels,
        why_not=why_not,
    )
