"""What it costs: the page of it, and where it's told elsewhere."""

from django.db.models import Exists
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic_site.clinic.models import Details, Fee
from clinic_site.publishing.reading import Card
from clinic_site.registry import currency_promises, details_annotations
from treatments.views import treatment_cards

details_annotations["has_fees"] = lambda: Exists(Fee.objects.order_by())
currency_promises.append(Fee.objects.exists)


def fees_of(clinic: Details, document_id: int) -> list[Fee]:
    """What somebody pays who has a treatment. No query where the clinic shows no fees."""
    return list(Fee.objects.of(document_id)) if clinic.shows_fees else []


def fees_by_treatment(fees: list[Fee]) -> list[tuple[Card, list[Fee]]]:
    """The fees of each treatment whose page is live, with its card."""
    own = [
        (card, [fee for fee in fees if fee.treatment_id == card.edition.document_id])
        for card in treatment_cards()
    ]
    return [(card, found) for card, found in own if found]


@require_safe
def fees(request):
    shown = list(Fee.objects.all()) if Details.current().shows_fees else []
    everybody = [fee for fee in shown if fee.treatment_id is None]
    groups = fees_by_treatment(shown) if shown else []
    return render(request, "clinic/fees.html", {"everybody": everybody, "groups": groups})
