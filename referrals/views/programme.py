from django.shortcuts import render
from django.views.decorators.http import require_safe

from referrals.models import Terms


@require_safe
def programme(request):
    return render(request, "referrals/programme.html", {"terms": Terms.objects.in_force().first()})
