from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic_site.publishing.models import Live
from clinic_site.publishing.reading import answers_for_readers, as_it_stood, cards, history_of, read
from treatments.comparing import MAX_COLUMNS, choices_for, compared
from treatments.models import Overview, Treatment

OVERVIEW = "overview"  # the one overview's slug: its address has none


def treatment_cards() -> list:
    """The cards of all live treatments, in the clinic's order. One query."""
    return sorted(
        cards(Live.objects.cards().filter(kind=Treatment.KIND)), key=lambda card: (card.order, card.title)
    )


@require_safe
@answers_for_readers
def overview(request):
    reading = read(Overview, OVERVIEW)
    return render(
        request,
        "treatments/overview.html",
        {"reading": reading, "page": reading.page, "cards": treatment_cards()},
    )


@require_safe
@answers_for_readers
def treatment(request, slug):
    """A treatment, folded to its first minute where there is no room; `?whole` opens it for a reader without
    a script.
    """
    reading = read(Treatment, slug)
    shown = {"reading": reading, "page": reading.page, "is_whole": "whole" in request.GET}
    return render(request, "treatments/treatment.html", shown)


@require_safe
def compare(request):
    """What else somebody could do for one problem: `?for=hyperhidrosis`. And chosen treatments side by side:
    `?with=hyperhidrosis&with=tmj-pain`. Without a choice: what to choose from.
    """
    every = treatment_cards()
    shown = {
        "cards": every,
        "choices": choices_for(every, request.GET.get("for", "")),
        "comparison": compared(every, request.GET.getlist("with")),
        "most": MAX_COLUMNS,
    }
    return render(request, "treatments/compare.html", shown)


@require_safe
@answers_for_readers
def history(request, slug):
    return render(request, "publishing/history.html", {"history": history_of(Treatment, slug)})


@require_safe
@answers_for_readers
def edition(request, slug, number):
    reading = as_it_stood(Treatment, slug, number)
    return render(
        request, "treatments/treatment.html", {"reading": reading, "page": reading.page, "is_old": True}
    )


@require_safe
@answers_for_readers
def overview_history(request):
    return render(request, "publishing/history.html", {"history": history_of(Overview, OVERVIEW)})


@require_safe
@answers_for_readers
def overview_edition(request, number):
    reading = as_it_stood(Overview, OVERVIEW, number)
    return render(
        request,
        "treatments/overview.html",
        {"reading": reading, "page": reading.page, "cards": [], "is_old": True},
    )
