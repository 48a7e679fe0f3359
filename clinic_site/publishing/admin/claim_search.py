"""Claims as a writer puts them into running text: found by words, by key or by figure, and shown as what they
say.
"""

import re
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import JsonResponse
from django.views.decorators.http import require_GET

from clinic_site.backoffice.site import site
from clinic_site.charts.figures import amount
from clinic_site.evidence.models import Claim
from clinic_site.publishing.models import Stop

MAX_CLAIMS, MAX_KEYS = 12, 100


def _as_chip(claim: Any) -> dict[str, str]:
    if claim.is_stopped:
        state, said = "stopped", "stopped: patients don’t read it"
    elif not claim.is_checked:
        state, said = "unchecked", "not checked yet"
    else:
        state, said = "checked", ""
    sources = ", ".join(f"{s.publisher} {s.year or ''}".strip() for s in claim.sources.all())
    return {
        "key": claim.key,
        "phrase": claim.phrase,
        "sentence": claim.sentence,
        "figure": "" if claim.low is None else amount(claim.low, claim.high, claim.unit),
        "source": sources or "no source",
        "state": state,
        "said": said,
    }


def _found(typed: str) -> Q:
    """Every word stands in the claim's key or words, or is one of its numbers."""
    found = Q()
    for word in re.findall(r"[^\s,;\[\]]+", typed.replace("\x00", ""))[:6]:
        one = (
            Q(key__icontains=word)
            | Q(sentence__icontains=word)
            | Q(phrase__icontains=word)
            | Q(measure__icontains=word)
        )
        if re.fullmatch(r"\d{1,9}(?:\.\d{1,6})?%?", word):
            number = float(word.rstrip("%"))
            one |= Q(low=number) | Q(high=number)
        found &= one
    return found


@site.page("publishing/claim-search/", name="claim_search", permission="evidence.view_claim")
@require_GET
def claim_search(request):
    """`q`: at most a dozen claims that hold what was typed. `keys`: those claims, whatever their state."""
    keys = [key for key in request.GET.get("keys", "").replace("\x00", "").split(",") if key][:MAX_KEYS]
    wanted = Q(key__in=keys) if keys else _found(request.GET.get("q", ""))
    claims = (
        Claim.objects.filter(wanted)
        .with_sources()
        .seen_by(request.user)
        .annotate(is_stopped=Exists(Stop.objects.open().filter(claim=OuterRef("pk"))))
        .order_by("key")
    )
    return JsonResponse({"claims": [_as_chip(claim) for claim in claims[: MAX_KEYS if keys else MAX_CLAIMS]]})
