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
PAPER, RAISED, INK, QUIET, LINE, GOLD = "#f4f6f0", "#fdfefb", "#1e2620", "#434d45", "#c3ccbb", "#f0b94f"
ACCENTS = {
    "pine": "#14502f",
    "lake": "#0b4a66",
    "plum": "#6a2150",
    "clay": "#7a2e12",
    "slate": "#3a4159",
    "rose": "#86163f",
}
CARD_SIZE = (1200, 630)  # what the networks that show cards ask for
MARGIN = 90
# The site's mark, as in `img/favicon.svg`: an effect that starts, rises and fades. Two Bézier curves on a
# square of 32.
CURVES = (((5, 23.5), (9.5, 23.5), (9.5, 9.5), (14, 9.5)), ((14, 9.5), (19, 9.5), (19, 22), (27, 23.5)))


def points(curves, steps: int) -> list[tuple[float, float]]:
    """Points along the curves, one after the other."""
    made = []
    for a, b, c, d in curves:
        for t in (n / steps for n in range(steps + 1)):
            u = 1 - t
            shares = (u**3, 3 * u * u * t, 3 * u * t * t, t**3)
            made.append(
                tuple(sum(s * p[axis] for s, p in zip(shares, (a, b, c, d), strict=True)) for axis in (0, 1))
            )
    return made


def mark(side: int, ground: str = INK) -> Image.Image:
    """The mark, `side` pixels wide.

    Drawn four times as large and made smaller, so that its edges are smooth.
    """
    scale = side / 8
    image = Image.new("RGBA", (side * 4, side * 4))
    draw = ImageDraw.Draw(image)

    def disc(x, y, radius, fill):
        draw.ellipse(
            ((x - radius) * scale, (y - radius) * scale, (x + radius) * scale, (y + radius) * scale),
            fill=fill,
        )

    draw.rounded_rectangle((0, 0, side * 4 - 1, side * 4 - 1), radius=9 * scale, fill=ground)
    for x, y in points(CURVES, steps=200):
        disc(x, y, 1.2, RAISED)
    disc(6, 23.5, 2.6, GOLD)
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
