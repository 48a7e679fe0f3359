"""The staff guide: two sheets, one for whoever writes, one for whoever signs and for the front desk.

Each page of the admin leads to the part that fits it. Its pictures are taken from the running site (`make
guide`).
"""

from dataclasses import dataclass
from fnmatch import fnmatch

from django.contrib import admin
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from clinic_site.backoffice.site import site
from clinic_site.registry import Help, helps

SHEETS = {"writing": "Writing, in one sheet", "signing": "Signing, and the front desk, in one sheet"}
# which part helps on a page: the first line whose pattern fits the name of its address
PARTS = (
    ("index", "writing", "first-page", "the first page"),
    ("publishing_edition_publish", "signing", "publishing", "publishing"),
    ("publishing_edition_withdraw", "signing", "withdrawing", "taking a page away"),
    ("publishing_edition_*", "signing", "signing", "signing"),
    ("publishing_batch_*", "signing", "signing", "signing"),
    ("*_submit", "writing", "submitting", "submitting"),
    ("*_withdraw", "signing", "withdrawing", "taking a page away"),
    ("publishing_stop_*", "signing", "stopping", "stopping a statement"),
    ("evidence_claim_stop", "signing", "stopping", "stopping a statement"),
    ("evidence_*", "writing", "claims", "claims and sources"),
    ("publishing_previewlink_*", "writing", "previewing", "showing a page before it is live"),
    ("*_preview", "writing", "previewing", "showing a page before it is live"),
    ("referrals_*", "signing", "desk", "refer a friend"),
    ("clinic_message_*", "signing", "messages", "messages and mails"),
    ("notifications_mail_*", "signing", "messages", "messages and mails"),
    ("mfa_*", "signing", "second-factor", "your second factor"),
    ("staff_*", "signing", "people", "people and the log"),
    ("*", "writing", "writing", "writing"),
)


@dataclass(frozen=True)
class Picture:
    """A picture of the admin: its file's name, what it shows in words, and its size in CSS pixels."""

    name: str
    alt: str
    width: int = 900
    height: int = 560

    @property
    def file(self) -> str:
        return f"img/guide/{self.name}.webp"


PICTURES = (
    Picture(
        "first_page",
        "The first page: a list of what waits, each line with one button, and the menu with your name.",
    ),
    Picture(
        "draft",
        "A draft: buttons for saving, previewing and submitting below the form, and the checks.",
        height=640,
    ),
    Picture("submit", "The page that submits a draft: a box for what changed, and the button.", height=640),
    Picture(
        "sign",
        "The page for the clinician on a phone: what changed, and two buttons at the bottom.",
        width=390,
        height=844,
    ),
    Picture("stop", "The page that stops a statement: a box for the reason, and a red button.", height=940),
    Picture("desk", "The desk of refer-a-friend: one search, and the button for a late mention."),
)


def help_on(name: str) -> Help:
    """The part of the guide for the page whose address has that name."""
    sheet, part, title = next(part[1:] for part in PARTS if fnmatch(name, part[0]))
    return Help(f"{reverse('admin:guide', args=[sheet])}#{part}", title)


helps.append(help_on)


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
        "pictures": {picture.name: picture for picture in PICTURES},
        "sheet": sheet,
    }
    return TemplateResponse(request, f"admin/guide/{sheet}.html", context)
