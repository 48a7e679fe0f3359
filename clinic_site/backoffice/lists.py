"""Lists of the admin, whatever stands behind the question mark of their address: a search that's too long for
the database, a year that no calendar has, a filter that there isn't.
"""

import logging

from django.contrib import admin, messages
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG, SEARCH_VAR
from django.core.exceptions import FieldError, ValidationError
from django.db import DataError, OperationalError, transaction
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from clinic_site.text.folding import seen

log = logging.getLogger(__name__)
MAX_WORDS, MAX_CHARS = 30, 200  # of a search: SQLite refuses a condition of a thousand parts
# what Django and the two databases raise of values that no row can hold
UNREADABLE = (
    DataError,
    DisallowedModelAdminLookup,
    FieldError,
    IncorrectLookupParameters,
    OperationalError,
    OverflowError,
    TypeError,
    ValidationError,
    ValueError,
)


def searchable(term: str) -> str:
    """As much of what was typed as is searched for."""
    return " ".join(seen(term)[:MAX_CHARS].split()[:MAX_WORDS])


class ListMixin(admin.ModelAdmin):
    def get_search_results(self, request, queryset, search_term):
        return super().get_search_results(request, queryset, searchable(search_term))

    def changelist_view(self, request, extra_context=None):
        if request.method == "POST":
            with transaction.atomic():  # what an action did to many rows, and that it did
                return super().changelist_view(request, extra_context)
        if not request.GET:
            return super().changelist_view(request, extra_context)
        typed = request.GET.get(SEARCH_VAR, "")
        if len(typed) > MAX_CHARS or len(typed.split()) > MAX_WORDS:
            request.GET = request.GET.copy()
            request.GET[SEARCH_VAR] = searchable(typed)
            messages.warning(
                request, f"Only the beginning was searched for: {MAX_WORDS} words, {MAX_CHARS} characters."
            )
        try:
            with transaction.atomic():  # after an error PostgreSQL refuses whatever else such a block asks
                response = super().changelist_view(request, extra_context)
                if isinstance(response, TemplateResponse):
                    response.render()  # some of it asks the database only then
        except UNREADABLE as error:
            log.warning("A list can't be filtered like that: %s", type(error).__name__)
            response = None
        if response is None or ERROR_FLAG in request.GET or response.get("Location", "").endswith("?e=1"):
            messages.warning(request, "This list can’t be filtered like that, so all of it is shown.")
            return redirect(request.path)
        return response
