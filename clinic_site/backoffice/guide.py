"""The staff guide: two sheets, one for whoever writes, one for whoever signs and for the front desk.

Each page of the admin leads to the part that fits it. Its pictures are taken from the running site (`make
guide`).
"""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import admin
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from clinic_site.backoffice.site import site

SHEETS = {"writing": "Writing, in one sheet", "signing": "Signing, and the front desk, in one sheet"}


@dataclass(frozen=True)
class Screenshot:
    """A picture of the admin: its file's name, what it shows in words, and its size in CSS pixels."""

    name: str
    alt: str
    width: int = 900
    height: int = 560

    @property
    def file(self) -> str:
        return f"img/guide/{self.name}.webp"


SCREENSHOTS = (
    Screenshot(
        "first_page",
        "The first page: a list of tasks, each with one button, and the menu with your name.",
    ),
    Screenshot(
        "draft",
        "A draft: buttons for saving, previewing and submitting below the form, and the checks.",
        height=640,
    ),
    Screenshot(
        "submit", "The page that submits a draft: a box for what changed, and the button.", height=960
    ),
    Screenshot(
        "sign",
        "The page for the clinician on a phone: what changed, and two buttons at the bottom.",
        width=390,
        height=1080,
    ),
    Screenshot(
        "stop", "The page that stops a statement: a box for the reason, and a red button.", height=940
    ),
    Screenshot("desk", "The desk of refer-a-friend: one search, and the button for a late mention."),
)


@site.page("guide/", name="guide_sheets", permission="")
def guide_sheets(request):
    """The sheet for whoever asks: those who write, or the others."""
    return redirect(
        "admin:guide", sheet="writing" if request.user.has_perm("publishing.submit_document") else "signing"
    )


@site.page("guide/<slug:sheet>/", name="guide", permission="")
def guide(request, sheet):
    if sheet not in SHEETS:
        raise Http404
    context = {
        **admin.site.each_context(request),
        "title": SHEETS[sheet],
        "pictures": {picture.name: picture for picture in SCREENSHOTS},
        "sheet": sheet,
        "is_sole_clinician": settings.SOLE_CLINICIAN,
    }
    return TemplateResponse(request, f"admin/guide/{sheet}.html", context)
