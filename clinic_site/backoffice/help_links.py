"""Where each page of the admin is explained: the guide's part that fits it."""

from fnmatch import fnmatch

from django.urls import reverse

# which part helps on a page: the first line whose pattern fits the name of its address
HELP_LINKS = (
    ("index", "writing", "first-page", "the first page"),
    ("publishing_edition_publish", "signing", "publishing", "publishing"),
    ("publishing_edition_withdraw", "signing", "withdrawing", "withdrawing a page"),
    ("publishing_edition_*", "signing", "signing", "signing"),
    ("publishing_batch_*", "signing", "signing", "signing"),
    ("*_submit", "writing", "submitting", "submitting"),
    ("*_withdraw", "signing", "withdrawing", "withdrawing a page"),
    ("publishing_stop_*", "signing", "stopping", "stopping a statement"),
    ("evidence_claim_stop", "signing", "stopping", "stopping a statement"),
    ("evidence_*", "writing", "claims", "claims and sources"),
    ("publishing_previewlink_*", "writing", "previewing", "showing a page before it is live"),
    ("*_preview", "writing", "previewing", "showing a page before it is live"),
    ("referrals_*", "signing", "desk", "refer a friend"),
    ("blog_question_*", "writing", "writing", "writing"),
    ("clinic_message_*", "signing", "messages", "messages and mails"),
    ("notifications_mail_*", "signing", "messages", "messages and mails"),
    ("mfa_*", "signing", "second-factor", "your second factor"),
    ("accounts_*", "signing", "people", "people and the log"),
    ("*", "writing", "writing", "writing"),
)


def help_link(url_name: str) -> dict[str, str]:
    """The `address` and `title` of the guide's part on the page with that URL name."""
    sheet, part, title = next(part[1:] for part in HELP_LINKS if fnmatch(url_name, part[0]))
    return {"address": f"{reverse('admin:guide', args=[sheet])}#{part}", "title": title}
