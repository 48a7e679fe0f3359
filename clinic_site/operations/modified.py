"""When a list or a feed last changed: nobody keeps that, so it's noticed."""

import hashlib
import time
from collections.abc import Callable
from functools import wraps

from django.core.cache import cache
from django.utils.http import http_date

A_MONTH = 30 * 24 * 3600  # seconds
SETTLED = 2  # seconds: a change within the second that was told before would be missed


def dated(view: Callable) -> Callable:
    """Answers with the time since which the answer has been what it is, so that readers which ask by date
    (If-Modified-Since) are served like those which ask by tag.

    It's the time of the first answer in these words: not that of an edition, since stops, withdrawals and
    late publications change words as well.
    """

    @wraps(view)
    def answered(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        del response["Last-Modified"]
        if request.method == "GET" and response.status_code == 200 and not request.GET:
            now, digest = time.time(), hashlib.sha256(response.content).hexdigest()
            known, since = cache.get(f"modified{request.path}", ("", now))
            if known != digest:
                since = now
                cache.set(f"modified{request.path}", (digest, since), A_MONTH)
            if now - since >= SETTLED:
                response["Last-Modified"] = http_date(since)
                response["Cache-Control"] = "no-cache"
        return response

    return answered
