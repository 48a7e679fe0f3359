from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic_site.search.results import find


@require_safe
def search(request):
    found = find(request.GET.get("q", ""), as_typed="typed" in request.GET)
    return render(request, "search/search.html", {"found": found})
