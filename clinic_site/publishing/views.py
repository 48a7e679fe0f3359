import re

from django.contrib import admin
from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic_site.publishing.models import Picture, PreviewLink, stopped_now
from clinic_site.publishing.pictures import content_matches
from clinic_site.publishing.reading import Broken, reading_of


@require_safe
def media(request, name):
    """A picture by the digest of its content.

    One that was changed on the disk is not served, and one of somebody whose consent no longer holds to staff
    alone.
    """
    known = re.fullmatch(r"[0-9a-f]{40}\.(webp|avif|jpeg)", name)
    if not known or not default_storage.exists(name):
        raise Http404
    with default_storage.open(name) as file:
        data = file.read()
    if not content_matches(name, data):
        raise Http404
    held_back = any(name in picture.file_names for picture in Picture.objects.held_back())
    if held_back and not request.user.has_perm("publishing.view_picture"):
        raise Http404
    response = HttpResponse(data, content_type=f"image/{known[1]}")
    response["Cache-Control"] = "no-store" if held_back else "public, max-age=31536000, immutable"
    return response


@require_safe
def preview(request, token):
    """One edition for somebody outside, with today's stops laid over it; or one plain page that says nothing
    about why not.
    """
    link = PreviewLink.of(token)
    response = None
    if link and link.opens:
        edition = link.edition
        try:
            reading = reading_of(edition, " ".join(stopped_now()))
        except Broken:
            response = render(request, "publishing/broken_seal.html", status=503)
        else:
            response = admin.site.get_model_admin(edition.document_type).render_page(
                request, reading, preview_link=link
            )
    response = response or render(request, "publishing/no_preview.html", status=410 if link else 404)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
