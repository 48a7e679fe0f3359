"""The pages about the people of the clinic."""

from django.db.models import Exists, OuterRef, Subquery
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from clinic_site.clinic.models import Profile
from clinic_site.publishing.models import Live
from clinic_site.publishing.reading import Card, cards
from clinic_site.registry import details_annotations, person_slugs
from treatments.views import treatment_cards

REVIEWED_SHOWN = 12  # pages that somebody reviewed, on the page about them

details_annotations["has_people"] = lambda: Exists(Profile.objects.shown().order_by())
person_slugs.append(
    lambda path: Subquery(Profile.objects.shown().filter(person=OuterRef(path)).values("slug")[:1])
)


def shown_people() -> list[Profile]:
    """Everybody whom the site shows, in the clinic's order. One query."""
    return list(Profile.objects.shown().select_related("person", "portrait"))


def treated_by(profile: Profile) -> list[Card]:
    """The live pages of what patients see somebody about."""
    treats = set(profile.treats.values_list("pk", flat=True))
    return [card for card in treatment_cards() if card.edition.document_id in treats]


def reviewed_by(profile: Profile) -> list[Card]:
    """Live pages that somebody signed, the newest signature first."""
    signed = Live.objects.cards().filter(edition__signed_by=profile.person_id)
    return cards(signed.order_by("-edition__signed_at", "-pk")[: REVIEWED_SHOWN + 1])


@require_safe
def people(request):
    return render(request, "clinic/people.html", {"people": shown_people()})


@require_safe
def person(request, slug):
    """The page about somebody; 410 when they left."""
    known = Profile.objects.filter(is_shown=True).select_related("person", "portrait")
    profile = get_object_or_404(known, slug=slug)
    if not (profile.person.is_active and profile.person.is_staff):
        return render(request, "clinic/person_gone.html", status=410)
    reviewed, treats = reviewed_by(profile), treated_by(profile)
    shown = {
        "profile": profile,
        "treats": treats,
        "has_facts": bool(treats or profile.has_facts),
        "reviewed": reviewed[:REVIEWED_SHOWN],
        "is_more_reviewed": len(reviewed) > REVIEWED_SHOWN,
    }
    return render(request, "clinic/person.html", shown)
