"""The components page: what designers look at, and what tests compare."""

from django.conf import settings
from django.contrib import admin
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic_site.clinic.models import Accent
from clinic_site.devtools.specimens import specimens


@require_safe
def design(request):
    """For staff, and for developers: 404 for everybody else."""
    if not (settings.DEBUG or admin.site.has_permission(request)):
        raise Http404
    shown = [(specimen, specimen.drawn()) for specimen in specimens()]
    return render(request, "devtools/design.html", {"specimens": shown, "accents": Accent.choices})
