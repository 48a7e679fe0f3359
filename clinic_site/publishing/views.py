import re

from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from clinic_site.publishing.pictures import content_matches


@require_safe
def media(request, name):
    """A picture by the digest of its content. One that was changed on the disk is not served."""
    known = re.fullmatch(r"[0-9a-f]{40}\.(webp|avif)", name)
    if not known or not default_storage.exists(name):
        raise Http404
    with default_storage.open(name) as file:
        data = file.read()
    if not content_matches(name, data):
        raise Http404
    response = HttpResponse(data, content_type=f"image/{known[1]}")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
