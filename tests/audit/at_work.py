"""A site at work, and every page of its admin: run inside the site, by `manage.py shell`.

Pages are found as staff find them: from the first page of each role, by the links that stand there and on
what they lead to. `missed` names the addresses that no link led to, so that a new page can't be forgotten.
"""

import json
import re
from collections import Counter
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from uuid import uuid4

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.files.base import ContentFile
from django.db.models import Model
from django.test import Client
from django.urls import get_resolver, resolve, reverse
from django.utils import timezone
from PIL import Image
from post_office.models import STATUS

from clinic_site.accounts import second_factor
from clinic_site.accounts.invitations import Invitation
from clinic_site.accounts.models import User
from clinic_site.clinic.models import Message
from clinic_site.evidence.models import Claim
from clinic_site.notifications.models import Mail
from clinic_site.publishing.models import Batch, Picture, PreviewLink, Stop
from clinic_site.publishing.usages import ChangedEvidence, candidates
from referrals import credit, emails, rewards
from referrals.models import Account, Terms
from tests import factories
from treatments.models import Treatment

LINK = re.compile(r"""(?:href|src)="(/admin/[^"#]*)""")
SAVES_FIRST = re.compile(
    r'name="_then_([a-z-]+)"'
)  # a button of a draft's form that leads on to a page of the draft
# a few rows of what looks different from row to row; of all else one, seen by the first role that reaches it
ROWS = {
    "publishing_edition_change": 4,
    "treatments_treatment_change": 2,
    "referrals_referral_change": 3,
    "referrals_member_change": 2,
    "evidence_claim_change": 2,
    "clinic_message_change": 2,
}
SEEN_BY_EACH = {"index", *ROWS, "evidence_claim_change"}
NO_PAGE = {
    "jsi18n": "a script",
    "autocomplete": "data for a field",
    "view_on_site": "leads out of the admin",
    "login": "seen signed out",
    "logout": "it takes a POST",
    "password_change_done": "follows a POST",
    "referrals_report_csv": "a file",
    "guide_sheets": "leads to the sheet for whoever asks",
    "claim_search": "data for the editor",
    "blog_answer_check": "a panel of the draft's own page",
    "clinic_policy_check": "the same",
    "treatments_overview_check": "the same",
    "treatments_treatment_check": "the same",
    "referrals_account_redeem": "a form on a member's page",
    "referrals_referral_attended": "a form on a referral's page",
    "audit_log_auditentry_change": "an entry stands whole in its list",
    "audit_log_auditentry_history": "nothing happens to an entry",
}
FOR_NOBODY = ("_add", "_delete")  # where a link to one is missing, no role has the right


def put_to_work() -> tuple[dict[str, User], list[Model], dict[str, str]]:
    """Something in each state that staff meet: waiting, sent back, held, stopped, lent, invited, asked, owed.

    Returns who is who (beside the sample people a second manager, who has a second factor), the rows that
    must not be missed in long lists, and the addresses of places that the guide shows.
    """
    now = timezone.now()
    who = {role: User.objects.get(email=f"{role}@clinic.example") for role in factories.ROLES}
    manager, editor, clinician, desk = who.values()
    other = factories.person("manager")
    Authenticator.objects.create(user=other, type="totp", data={"secret": ""})
    Authenticator.objects.create(user=other, type="recovery_codes", data={"seed": "", "used_mask": 0})

    editions = []
    for slug in ("hyperhidrosis", "jowls", "nose-tip", "neck-bands"):
        document = Treatment.objects.get(slug=slug)
        section = document.sections.exclude(body="").first()
        section.body += "<p>Ask us when you come.</p>"
        section.save()
        document.note_save(by=editor)
        if slug != "neck-bands":  # a draft that is about to be submitted
            editions.append(document.submit(by=editor, change_note="Says that one may ask."))
    editions[1].send_back(by=clinician, because="Say whom to ask.")
    editions[2].sign(by=clinician, hold=True)
    PreviewLink.make(editions[0], by=manager, reader="our insurer", ends_at=now + timedelta(days=9))
    stopped, unchecked = Claim.objects.filter(key__startswith="jawline").order_by("key")[:2]
    shared = Claim.objects.filter(roles__treatment__slug="oily-skin-and-acne").exclude(pk=stopped.pk).first()
    shared.sentence = f"{shared.sentence.rstrip('.')}, as far as anybody knows."
    shared.phrase = f"{shared.phrase or 'it is so'}, as far as anybody knows"
    shared.save()
    shared.mark_checked(by=clinician)
    shown = [one.shown.partition(":") for one in candidates(ChangedEvidence.by(shared))]
    touched = {int(key): digest for key, _, digest in shown}
    batch = Batch.submit(
        touched,
        by=editor,
        about=f"claim:{shared.key}",
        change_note="Says how far it is known.",
        was_wrong=False,
    )
    Stop.say(stopped, by=editor, because="A source is being looked into.")
    unchecked.phrase = f"{unchecked.phrase or 'it is so'}, as far as anybody knows"
    unchecked.save()

    drawn = BytesIO()
    Image.new("RGB", (800, 600), "#cbb").save(drawn, "PNG")
    picture = Picture.objects.create(
        file=ContentFile(drawn.getvalue(), "drawn.png"), alt="A plain wall", shows_person=False
    )
    Message.objects.create(name="Ann Sample", email="ann@example.com", words="Is there a lift?")
    answered = Message.objects.create(
        name="Bo Sample", email="bo@example.com", words="Thank you", answered_at=now, answered_by=desk
    )
    Invitation.invite(Invitation(email="new@clinic.example", name="New Sample", role="Editor"), by=manager)
    with emails.held_back():
        terms = Terms.objects.in_force().first()
        then = now - timedelta(days=3)
        unconfirmed = factories.member(terms, name="Una Sample")
        member = factories.member(terms, confirmed_by=desk, now=then, name="Ann Sample")
        rewards.attend(
            factories.referral(member, now=then, may_tell=True), by=desk, on=timezone.localdate(now), now=now
        )
        factories.referral(member, now=now)
        account = Account.objects.get(member=member)
        credit.adjust(account, cents=terms.alone_cents, because="A kindness", token=uuid4(), by=manager)
        spent_on = account.spendable[0]
        receipt, mistake = (
            credit.redeem(account, cents=500, spent_on=spent_on, invoice=invoice, token=uuid4(), by=desk)
            for invoice in ("A-1", "A-2")
        )
        credit.reverse(mistake, by=manager, because="Rung up twice")
    for asker in (manager, other):
        credit.adjust(account, cents=terms.alone_cents + 100, because="A kindness", token=uuid4(), by=asker)
    failed = Mail.objects.create(
        from_email="clinic@clinic.example", to=["a@clinic.example"], subject="A code", status=STATUS.failed
    )
    waiting, draft = editions[0].pk, Treatment.objects.get(slug="neck-bands").pk
    places = {
        "index": "/admin/",
        "draft": f"/admin/treatments/treatment/{draft}/change/",
        "submit": f"/admin/treatments/treatment/{draft}/submit/",
        "sign": f"/admin/publishing/edition/{waiting}/sign/",
        "stop": f"/admin/evidence/claim/{unchecked.pk}/stop/",
        "desk": "/admin/referrals/desk/",
    }
    rows = [unchecked, stopped, picture, answered, unconfirmed, member, receipt, failed, other, batch]
    return {**who, "second manager": other}, rows, places


def reached(client: Client, seen: Counter, rows: list[Model]) -> list[str]:
    """The pages that somebody signed in reaches, as few of each view as `ROWS` says; those that others saw
    before count.
    """
    rows_too = [
        reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk]) for row in rows
    ]
    waiting, pages, own = ["/admin/", *rows_too], [], Counter()
    met = set(waiting)
    while waiting:
        path = waiting.pop(0)
        name = resolve(urlsplit(path).path).view_name.removeprefix("admin:")
        if name in NO_PAGE or own[name] >= ROWS.get(name, 1):
            continue
        answer = client.get(path)
        is_page = answer.headers["Content-Type"].startswith("text/html")
        words = answer.content.decode() if is_page else ""
        links = [*LINK.findall(words), *(f"../{view}/" for view in SAVES_FIRST.findall(words))]
        if answer.status_code == 302:
            seen[name] += 1
            links = [answer.url]
        elif answer.status_code == 200 and is_page:
            own[name] += 1
            if name in SEEN_BY_EACH or not seen[name]:
                pages.append(path)
        for link in links:
            link = urljoin(path, link.replace("&amp;", "&"))
            # a list in another order, or narrowed, is the same page
            if link.startswith("/admin/") and link.partition("?")[0] not in met:
                met |= {link, link.partition("?")[0]}
                waiting.append(link)
    seen += own
    return pages


def tell() -> None:
    """Put the site to work and write down what was reached: each person's session, and their paths; what
    nobody reached.
    """
    told, seen = [], Counter()
    people, rows, _ = put_to_work()
    for role, person in people.items():
        client = Client(HTTP_HOST=urlsplit(settings.SITE_URL).netloc)
        client.force_login(person)
        if Authenticator.objects.filter(user=person).exists():
            other = Client()
            other.force_login(person)
            told.append(("owes a second factor", other.session.session_key, ["/admin/account/again/code/"]))
            session = client.session
            session[second_factor.GIVEN] = person.pk
            session.save()
        told.append((role, client.session.session_key, reached(client, seen, rows)))
    names = {name for name in get_resolver().namespace_dict["admin"][1].reverse_dict if isinstance(name, str)}
    missed = [name for name in sorted(names - set(seen) - set(NO_PAGE)) if not name.endswith(FOR_NOBODY)]
    Path(settings.DATA_DIR, "at-work.json").write_text(json.dumps({"people": told, "missed": missed}))


def tell_places() -> None:
    """Put the site to work and write down a session for each person, and the places that the guide shows."""
    people, _, places = put_to_work()
    sessions = {}
    for role, person in people.items():
        client = Client()
        client.force_login(person)
        sessions[role] = client.session.session_key
    Path(settings.DATA_DIR, "places.json").write_text(json.dumps({"sessions": sessions, "places": places}))
