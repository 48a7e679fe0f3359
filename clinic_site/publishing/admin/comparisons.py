"""The page that sets two pages side by side: an edition, or the draft, with an edition before it."""

from django.template.response import TemplateResponse

from clinic_site.pages.diff import compare
from clinic_site.publishing.models import Edition


def chosen_edition(request, document, default: int | None) -> Edition | None:
    """The edition of that document that the address asks to compare with, by its number; else that of the key
    `default`.
    """
    number = request.GET.get("with", "")
    editions = document.editions.all()
    wanted = (
        editions.filter(number=int(number)).first()
        if number.isascii() and number.isdigit() and len(number) < 9
        else None
    )
    return wanted or editions.filter(pk=default).first() or editions.order_by("-number").first()


def comparison_page(room, request, row, document, before: Edition | None, after, title: str):
    """What changed from the edition `before` to the page `after`, with every other edition to choose from."""
    editions = document.editions.defer("page_text", "card_text").with_status().order_by("-number")
    context = room.page_context(request, title, row) | {
        "chosen": str(before.number) if before else "",
        "choices": [(str(e.number), f"Edition {e.number}, {e.status.label}") for e in editions],
        "since": f"edition {before.number}" if before else "",
        "comparison": compare(before.page if before and before.is_intact else None, after),
    }
    return TemplateResponse(request, "admin/compare.html", context)
