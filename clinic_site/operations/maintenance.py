"""The site closed for work on it: installed by the settings while `MAINTENANCE` is true."""

from django.http import HttpResponse
from django.template.loader import render_to_string

TRY_AGAIN_AFTER = 600  # seconds


def maintenance(get_response):
    """Middleware: 503 for everything but the question whether this process is alive.

    It asks nothing of the database.
    """

    def closed(request):
        if request.path == "/healthz":
            return get_response(request)
        return HttpResponse(
            render_to_string("maintenance.html"), status=503, headers={"Retry-After": str(TRY_AGAIN_AFTER)}
        )

    return closed
