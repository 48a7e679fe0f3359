"""What waits of claims, sources, pictures and stops."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.urls import reverse
from django.utils import timezone

from clinic_site.accounts.models import User
from clinic_site.evidence.models import Source
from clinic_site.publishing.models import Mark, Picture, Section, Stop
from clinic_site.publishing.work_queue.editions import day
from clinic_site.registry import Priority, WorkItem, WorkQueue, work_queue

SOON = timedelta(days=60)  # before a consent ends


def claims_to_check(claims: Iterable[Any]) -> list[WorkQueue]:
    """What stands on most pages first: patients may read something there that holds no more."""

    def row(claim: Any) -> WorkItem:
        changed = f" by {claim.changed_by}" if claim.changed_by else ""
        since = f"Changed{changed} on {day(claim.changed_at)}" if claim.changed_at else "Not checked yet"
        on = f"used on {claim.pages} page{'s' * (claim.pages > 1)}" if claim.pages else "on no page"
        address = reverse("admin:evidence_claim_check", args=[claim.pk])
        return WorkItem(claim.sentence, "Check", address, f"{since}; {on} that patients read")

    unchecked = [claim for claim in claims if not claim.stands_checked]
    newest_first = sorted(
        unchecked, key=lambda claim: claim.changed_at.timestamp() if claim.changed_at else 0, reverse=True
    )
    found = sorted(newest_first, key=lambda claim: claim.pages or 0, reverse=True)
    return work_queue(
        Priority.CLAIMS,
        "Claims to check",
        found,
        row,
        f"{reverse('admin:evidence_claim_changelist')}?checked=no",
    )


def outdated_sources() -> list[WorkQueue]:
    pages = Mark.objects.filter(
        kind=Mark.Kind.SOURCE, key=OuterRef("key"), edition__live__isnull=False
    ).order_by()
    old = Source.objects.exclude(status=Source.Status.CURRENT).annotate(
        pages=Subquery(pages.values("key").annotate(pages=Count("pk")).values("pages"))
    )

    def row(source: Any) -> WorkItem:
        where = "one page" if source.pages == 1 else f"{source.pages} pages"
        note = f"{source.get_status_display().capitalize()}; used on {where}"
        return WorkItem(
            source.title,
            "See where it’s used",
            reverse("admin:evidence_source_change", args=[source.pk]),
            note,
        )

    outdated = f"{Source.Status.SUPERSEDED},{Source.Status.RETRACTED}"
    listed = f"{reverse('admin:evidence_source_changelist')}?status__in={outdated}"
    old = old.filter(pages__gt=0).order_by("status", "-pages")  # a retracted one first
    return work_queue(Priority.SOURCES, "Pages cite an outdated source", old, row, listed)


def _shown() -> Exists:
    """A condition: the live edition of some page was sealed with this picture."""
    return Exists(
        Mark.objects.filter(kind=Mark.Kind.PICTURE, key=OuterRef("file"), edition__live__isnull=False)
    )


def _ending() -> Q:
    """A condition: a consent that has ended or soon does, or one withdrawn to a picture that a page or a
    draft still has.
    """
    withdrawn = Q(consent_withdrawn_on__isnull=False) & (Q(is_shown=True) | Q(is_in_a_draft=True))
    return Q(consent_until__lte=timezone.localdate() + SOON, consent_withdrawn_on=None) | withdrawn


def _unasked() -> Q:
    """A condition: patients see it, and nobody has said whether it shows a person.

    It was uploaded before anybody was asked.
    """
    return Q(is_shown=True, shows_person=None)


# What waits of pictures, by the name of the queue in addresses: its title, the button, and the condition.
PICTURE_QUEUES = {
    "consent": ("Consent to a picture of a person ends", "Edit", _ending),
    "person": (
        "Patients see pictures of which nobody has said whether they show a person",
        "Answer",
        _unasked,
    ),
}


def waiting_pictures() -> QuerySet[Picture]:
    """All that wait, each with the queue that it is `in_` by name: `in_consent`, `in_person`."""
    found = Picture.objects.annotate(
        is_shown=_shown(), is_in_a_draft=Exists(Section.objects.filter(picture=OuterRef("pk")))
    )
    found = found.annotate(
        **{
            f"in_{name}": Case(
                When(condition(), then=Value(True)), default=Value(False), output_field=BooleanField()
            )
            for name, (_, _, condition) in PICTURE_QUEUES.items()
        }
    )
    found = found.filter(Q(in_consent=True) | Q(in_person=True))
    return found.order_by(
        F("consent_withdrawn_on").desc(nulls_last=True), F("consent_until").asc(nulls_last=True), "pk"
    )


def pictures_without_consent() -> Iterator[WorkQueue]:
    def note(picture: Any) -> str:
        if not (picture.consent_until or picture.consent_withdrawn_on):
            return "Where it shows one, it needs a written consent, or it comes out of its pages"
        if not (gone := picture.why_held_back):
            return f"Ends on {picture.consent_until:%-d %B %Y}: {picture.consent}"
        left = (
            "Its pages are without a picture now" if picture.is_shown else "No page that patients read has it"
        )
        return f"{gone[0].upper()}{gone[1:]}: {picture.consent}. {left}"

    def row(button: str, picture: Any) -> WorkItem:
        address = reverse("admin:publishing_picture_change", args=[picture.pk])
        return WorkItem(str(picture), button, address, note(picture))

    found = list(waiting_pictures())
    for name, (title, button, _) in PICTURE_QUEUES.items():
        yield from work_queue(
            Priority.EXPIRES,
            title,
            [one for one in found if getattr(one, f"in_{name}")],
            partial(row, button),
            f"{reverse('admin:publishing_picture_changelist')}?queue={name}",
        )


def open_stops(user: User) -> list[WorkQueue]:
    """Whoever may lift a stop, lifts it; the others mend the claim."""
    lifts = "publishing.lift_stop" in user.role_permissions
    if not (lifts or "evidence.change_claim" in user.role_permissions):
        return []

    def row(stop: Stop) -> WorkItem:
        note = f"Stopped by {stop.by} on {day(stop.at)}: {stop.because}"
        if lifts:
            return WorkItem(
                stop.claim.sentence,
                "Lift the stop",
                reverse("admin:publishing_stop_lift", args=[stop.pk]),
                note,
            )
        address = reverse("admin:evidence_claim_change", args=[stop.claim_id])
        return WorkItem(stop.claim.sentence, "Edit the claim", address, note)

    listed = f"{reverse('admin:publishing_stop_changelist')}?lifted_at__isempty=1"
    stops = Stop.objects.open().select_related("claim", "by").order_by("at")
    return work_queue(
        Priority.STOPS, "Claims that are stopped: patients read a notice in their place", stops, row, listed
    )
