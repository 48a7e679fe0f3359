from django.conf import settings
from django.shortcuts import render
from django.views.decorators.http import require_safe

from referrals.membership import member_of
from referrals.models import Terms


@require_safe
def programme(request):
    # without a session's cookie nobody is asked for: reading stays without one
    is_signed_in = settings.SESSION_COOKIE_NAME in request.COOKIES and member_of(request.user) is not None
    return render(
        request,
        "referrals/programme.html",
        {"terms": Terms.objects.in_force().first(), "is_signed_in": is_signed_in},
    )
