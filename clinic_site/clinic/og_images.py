"""The picture that other sites show beside a link to a page, and the icon of a browser's tab."""

import hashlib
from functools import lru_cache
from io import BytesIO

from django.http import Http404, HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe
from PIL import Image, ImageDraw

from clinic_site.clinic.drawn_text import fitted
from clinic_site.clinic.models import Details
from clinic_site.clinic.structured_data import A_DAY
from clinic_site.publishing.document_types import DOCUMENT_TYPES
from clinic_site.publishing.models import Live
from clinic_site.publishing.reading import cards

# as in `css/tokens.css`, in its light theme
PAPER, RAISED, INK, QUIET, LINE, SKIN = "#fbf6ee", "#fffdf9", "#2a241d", "#50473c", "#e0d4c2", "#f6d9a8"
ACCENTS = {
    "pine": "#0f4f3c",
    "lake": "#0b4a66",
    "plum": "#6a2150",
    "clay": "#7a2e12",
    "slate": "#3a4159",
    "rose": "#86163f",
}
CARD_SIZE = (1200, 630)  # what the networks that show cards ask for
MARGIN = 90


def mark(side: int, ground: str = ACCENTS["pine"]) -> Image.Image:
    """The site's mark, as in `img/favicon.svg`, `side` pixels wide: somebody in an arched window.

    Drawn four times as large and made smaller, so that its edges are smooth.
    """
    scale = side * 4 / 34
    image = Image.new("RGBA", (side * 4, side * 4))
    draw = ImageDraw.Draw(image)

    def disc(x, y, radius, fill):
        draw.ellipse(
            ((x - radius) * scale, (y - radius) * scale, (x + radius) * scale, (y + radius) * scale),
            fill=fill,
        )

    draw.rounded_rectangle((0, 0, side * 4 - 1, side * 4 - 1), radius=10 * scale, fill=ground)
    draw.arc([n * scale for n in (6.6, 5.6, 27.4, 26.4)], 180, 360, fill=RAISED, width=round(2.8 * scale))
    for x in (8, 26):
        draw.line([n * scale for n in (x, 16, x, 25.5)], fill=RAISED, width=round(2.8 * scale))
        disc(x, 25.5, 1.4, RAISED)
    disc(17, 18, 3.6, SKIN)
    return image.resize((side, side), Image.Resampling.LANCZOS)


@lru_cache(maxsize=128)
def card_png(clinic: str, accent: str, label: str, title: str) -> bytes:
    """A card of CARD_SIZE pixels: whose it is, what kind of page, its title."""
    image = Image.new("RGB", CARD_SIZE, PAPER)
    draw = ImageDraw.Draw(image)
    width = CARD_SIZE[0] - 2 * MARGIN
    draw.rectangle((0, 0, 24, CARD_SIZE[1]), fill=accent)
    fitted(label, (36, 30, 26), width, 46).draw(draw, (MARGIN, 80), accent)
    fitted(title, (80, 70, 60, 52, 44, 36), width, 350).draw(draw, (MARGIN, 150), INK)
    draw.line((MARGIN, 525, CARD_SIZE[0] - MARGIN, 525), fill=LINE, width=2)
    image.paste(logo := mark(56, accent), (MARGIN, 546), logo)
    fitted(clinic, (38, 32, 26), width - 76, 48).draw(draw, (MARGIN + 76, 550), QUIET)
    out = BytesIO()
    image.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


@lru_cache(maxsize=1)
def icon() -> bytes:
    """The mark in the sizes that browsers ask `/favicon.ico` for."""
    out = BytesIO()
    mark(48).save(out, "ICO", sizes=[(16, 16), (32, 32), (48, 48)])
    return out.getvalue()


def kept_a_day(request, content: bytes, content_type: str) -> HttpResponse:
    """The bytes, or 304 for a browser that has them already."""
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": f"public, max-age={A_DAY}"}
    response = HttpResponse(content, content_type=content_type, headers=headers)
    return get_conditional_response(request, etag=etag, response=response) or response


@require_safe
def favicon(request):
    return kept_a_day(request, icon(), "image/x-icon")


@require_safe
def clinic_picture(request):
    """The picture that stands beside a link to a page of the clinic that has no edition: home, a list, the
    contact form.
    """
    clinic = Details.current()
    png = card_png(clinic.name, ACCENTS.get(clinic.accent, INK), clinic.strapline, clinic.lead or clinic.name)
    return kept_a_day(request, png, "image/png")


@require_safe
def card_picture(request, kind, slug):
    """The picture that stands beside a link to a live page. 404 for anything else."""
    card = next(iter(cards(Live.objects.cards().filter(kind=kind, slug=slug))), None)
    if card is None:
        raise Http404
    clinic = Details.current()
    png = card_png(clinic.name, ACCENTS.get(clinic.accent, INK), DOCUMENT_TYPES[kind].LABEL, card.title)
    return kept_a_day(request, png, "image/png")
