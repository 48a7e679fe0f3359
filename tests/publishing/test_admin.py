"""Writing, submitting, signing, sending back, publishing, withdrawing and stopping, through the admin's
addresses.
"""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image as Pixels

from clinic_site.accounts.models import User
from clinic_site.audit_log.models import AuditEntry, DraftSave
from clinic_site.clinic.models import Policy
from clinic_site.evidence.models import Claim
from clinic_site.publishing.models import Edition, Live, Picture, Section, Stop, UrgentHelp
from tests import factories
from tests.admin_forms import address, as_, errors_of, filled
from treatments.models import Overview, Treatment, TreatmentClaim

pytestmark = pytest.mark.django_db
ROLES = ("manager", "editor", "clinician", "desk")


@pytest.fixture
def live(waiting, clinician):
    waiting.sign(by=clinician)
    return waiting


# --- who may what -------------------------------------------------------------------------------------------


def held(edition, clinician):
    edition.sign(by=clinician, hold=True)
    return edition


def policy_waiting(editor):
    policy = Policy.objects.create(slug="privacy", title="Privacy", summary="What is kept.")
    Section.objects.create(document=policy, anchor="kept", heading="What is kept", body="<p>Nothing.</p>")
    policy.note_save(by=editor)
    return policy.submit(by=editor, change_note="First edition.")


WRITERS = {"manager", "editor", "clinician"}
# whoever has no second factor signs with their password
SIGNED_NOW = {"when": "now", "password": factories.PASSWORD}
# action -> (who may take it, the row, what is sent along, what must be true of the row afterwards)
ACTIONS = {
    "submit": (
        WRITERS,
        lambda t: t.draft,
        {"change_note": "First edition."},
        lambda row: row.editions.exists(),
    ),
    "sign": ({"clinician"}, lambda t: t.waiting, SIGNED_NOW, lambda row: row.status == "live"),
    "send-back": (
        {"clinician"},
        lambda t: t.waiting,
        {"because": "Too long."},
        lambda row: row.returned_because == "Too long.",
    ),
    "publish": (
        {"manager", "clinician"},
        lambda t: held(t.waiting, t.doctor),
        {"when": "now"},
        lambda row: row.status == "live",
    ),
    "withdraw": (WRITERS, lambda t: t.live, {"because": "A fault."}, lambda row: row.status == "withdrawn"),
    "withdraw the page": (
        WRITERS,
        lambda t: t.live.document.specific,
        {"because": "A fault."},
        lambda row: not Live.objects.filter(document=row.pk).exists(),
    ),
    "sign a policy": ({"manager"}, lambda t: t.policy, SIGNED_NOW, lambda row: row.status == "live"),
    "send-back a policy": (
        {"manager"},
        lambda t: t.policy,
        {"because": "No."},
        lambda row: row.status == "sent-back",
    ),
    "check": ({"clinician"}, lambda t: t.claim, {}, lambda row: row.is_checked),
    "stop": (
        WRITERS,
        lambda t: t.claim,
        {"because": "A new trial"},
        lambda row: Stop.objects.open().filter(claim=row).exists(),
    ),
    "lift": ({"manager", "clinician"}, lambda t: t.stop, {}, lambda row: row.lifted_at is not None),
}


class Things:
    """Rows to take an action with, each made when a test asks for it."""

    def __init__(self):
        self.writer, self.doctor = factories.person("editor"), factories.person("clinician")

    @property
    def draft(self):
        return factories.treatment("sweat", by=self.writer, checked_by=self.doctor)

    @property
    def waiting(self):
        return self.draft.submit(by=self.writer, change_note="First edition.")

    @property
    def live(self):
        edition = self.waiting
        edition.sign(by=self.doctor)
        return edition

    @property
    def policy(self):
        return policy_waiting(self.writer)

    @property
    def claim(self):
        return factories.claim()

    @property
    def stop(self):
        return Stop.say(self.claim, by=self.writer, because="A new trial")


def take(client, row, action, sent):
    action = action.split(" ")[0]
    where = address(row, action)
    if action == "check":
        sent = {"shown": row.digest, **sent}
    return client.post(where, sent)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", ACTIONS)
def test_who_may_run_an_action(action, role):
    allowed, make, sent, done = ACTIONS[action]
    row, client, logged = make(Things()), as_(factories.person(role)), AuditEntry.objects.count()
    happened = done(row)
    response = take(client, row, action, sent)
    row = type(row).objects.get(pk=row.pk)
    if role in allowed:
        assert response.status_code == 302, response.content.decode()
        assert done(row)
        assert AuditEntry.objects.count() == logged + 1
    else:
        assert response.status_code == 403
        assert done(row) == happened
        assert AuditEntry.objects.count() == logged


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_never_runs_by_looking_at_it(action):
    allowed, make, sent, done = ACTIONS[action]
    row = make(Things())
    happened = done(row)
    response = as_(factories.person(min(allowed))).get(address(row, action.split(" ")[0]), sent)
    assert response.status_code == 200
    assert done(type(row).objects.get(pk=row.pk)) == happened


@pytest.mark.parametrize("action", ACTIONS)
def test_a_superuser_is_refused(action):
    _, make, sent, done = ACTIONS[action]
    row = make(Things())
    happened = done(row)
    response = take(
        as_(User.objects.create_superuser("root@clinic.test", "a long password", name="Root")),
        row,
        action,
        sent,
    )
    assert response.status_code == 403
    assert "superuser" in response.content.decode()
    assert done(type(row).objects.get(pk=row.pk)) == happened


def test_nobody_signs_what_they_wrote(draft):
    doctor = factories.person("clinician")
    factories.edit(draft, by=doctor)
    edition = draft.submit(by=factories.person("editor"), change_note="x")
    response = as_(doctor).post(address(edition, "sign"), SIGNED_NOW)
    assert "nobody signs what they wrote" in response.content.decode()
    assert not Edition.objects.get(pk=edition.pk).is_signed


def test_one_doctor_may_sign_their_own_words_where_the_clinic_says_so(draft, settings):
    doctor = factories.person("clinician")
    with factories.ago(hours=25):
        edition = draft.submit(by=doctor, change_note="x")
    client = as_(doctor)
    assert "self_review_because" not in client.get(address(edition, "sign")).content.decode()
    settings.SOLE_CLINICIAN = True
    assert "self_review_because" in client.get(address(edition, "sign")).content.decode()
    whole = SIGNED_NOW | factories.SELF_REVIEW
    for left_out in factories.SELF_REVIEW:
        response = client.post(address(edition, "sign"), whole | {left_out: ""})
        assert response.status_code == 422
        assert not Edition.objects.get(pk=edition.pk).is_signed
    client.post(address(edition, "sign"), whole)
    edition = Edition.objects.get(pk=edition.pk)
    assert edition.self_review_because == "The only clinician here."
    page = client.get(address(edition)).content.decode()
    assert "I have compared every figure with its source." in page
    assert "A colleague in the next town" in page


def test_one_doctor_lets_their_own_words_lie_for_a_day(draft, settings):
    settings.SOLE_CLINICIAN = True
    doctor = factories.person("clinician")
    with factories.ago(hours=23):
        edition = draft.submit(by=doctor, change_note="x")
    response = as_(doctor).post(address(edition, "sign"), SIGNED_NOW | factories.SELF_REVIEW)
    assert response.status_code == 422
    assert "a day after it was submitted" in response.content.decode()
    assert not Edition.objects.get(pk=edition.pk).is_signed


# --- signing: one page, on a phone --------------------------------------------------------------------------


def test_whoever_signs_reads_decides_and_sends_back_on_one_page(waiting, clinician):
    html = as_(clinician).get(address(waiting, "sign")).content.decode()
    in_order = [
        waiting.change_note,
        "Read the page as patients will",
        'id="comparison"',
        'id="sign"',
        address(waiting, "send-back"),
    ]
    places = [html.index(words) for words in in_order]
    assert places == sorted(places)


def test_who_cannot_sign_reads_why_instead_of_a_form(waiting, editor, clinician):
    Stop.say(Claim.objects.get(key="sweat-lasts"), by=editor, because="A new trial")
    client = as_(clinician)
    response = client.get(address(waiting, "sign"))
    assert "was stopped meanwhile: sweat-lasts" in response.content.decode()
    assert 'name="password"' not in response.content.decode()
    assert client.post(address(waiting, "sign"), SIGNED_NOW).status_code == 422
    assert address(waiting, "send-back") in response.content.decode()


@pytest.mark.parametrize("meanwhile", ["sent back", "signed"])
def test_somebody_else_was_faster(waiting, clinician, meanwhile):
    colleague = factories.person("clinician")
    if meanwhile == "signed":
        waiting.sign(by=colleague)
    else:
        waiting.send_back(by=colleague, because="The dose is missing.")
    said = (
        f"{colleague.name} (Test register"
        if meanwhile == "signed"
        else "sent back meanwhile: The dose is missing."
    )
    for action, sent in (("sign", SIGNED_NOW), ("send-back", {"because": "My long reason"})):
        response = as_(clinician).post(address(waiting, action), sent)
        assert response.status_code == 422
        assert (said if action == "sign" else "My long reason") in response.content.decode()


def test_a_page_is_signed_for_a_time_to_come(waiting, clinician):
    client, moment = as_(clinician), timezone.localtime() + timedelta(days=2)
    response = client.post(address(waiting, "sign"), SIGNED_NOW | {"when": "later", "live_from": ""})
    html = response.content.decode()
    assert html.index('class="errornote error-summary" role="alert" tabindex="-1"') < html.index(
        "What changed"
    )
    assert '<a href="#id_live_from">From: Choose the day and the time.</a>' in html
    assert 'id="id_live_from"' in html
    wrong = client.post(address(waiting, "sign"), SIGNED_NOW | {"password": "not this one"}).content.decode()
    assert '<a href="#id_password">' in wrong[wrong.index("error-summary") : wrong.index("What changed")]
    assert "Choose the day and the time." in response.content.decode()
    response = client.post(
        address(waiting, "sign"), SIGNED_NOW | {"when": "later", "live_from": "2001-01-01T09:00"}
    )
    assert "That time has passed" in response.content.decode()
    assert "2001-01-01T09:00" in response.content.decode()
    client.post(
        address(waiting, "sign"), SIGNED_NOW | {"when": "later", "live_from": f"{moment:%Y-%m-%dT%H:%M}"}
    )
    edition = Edition.objects.get(pk=waiting.pk)
    assert edition.status == "scheduled"
    assert abs(edition.live_from - moment) < timedelta(minutes=1)


def test_a_refusal_keeps_what_was_typed_and_shows_the_findings(draft, editor):
    Section.objects.filter(document=draft, anchor="timing").update(body="<p>It lasts 3 months.</p>")
    response = as_(editor).post(address(draft, "submit"), {"change_note": "My careful <b>note</b>"})
    html = response.content.decode()
    assert response.status_code == 422
    assert "My careful &lt;b&gt;note&lt;/b&gt;" in html
    assert "It lasts 3 months." in html
    assert "A medical figure that is not a claim" in html
    assert not draft.editions.exists()


def test_a_claim_that_changed_meanwhile_is_not_checked_unread(clinician):
    claim = factories.claim()
    seen = claim.digest
    claim.sentence = "Something else is known."
    claim.save()
    client = as_(clinician)
    response = client.post(address(claim, "check"), {"shown": seen})
    assert response.status_code == 422
    assert "Something else is known." in response.content.decode()
    claim.refresh_from_db()
    assert not claim.is_checked
    client.post(address(claim, "check"), {"shown": response.context["form"]["shown"].value()})
    claim.refresh_from_db()
    assert claim.is_checked


# --- drafts -------------------------------------------------------------------------------------------------


def test_a_new_draft_has_its_empty_parts(editor):
    client = as_(editor)
    client.post(
        "/admin/treatments/treatment/add/",
        {"title": "Sweat", "slug": "sweat", "short": "Sweat", "group": "medical", "order": 1},
    )
    made = Treatment.objects.get(slug="sweat")
    assert [s.anchor for s in made.ordered_sections()] == list(Treatment.PARTS)
    assert DraftSave.objects.filter(words=made.words_key, user=editor).count() == 1


def test_a_half_empty_draft_is_saved_once_and_looked_at(editor):
    client = as_(editor)
    for kind, fields in {
        "treatments/treatment": {"short": "x", "group": "medical", "order": 1, "slug": "x"},
        "treatments/overview": {},
        "blog/answer": {"slug": "x", "answered_by": editor.pk},
        "clinic/policy": {"slug": "about"},
    }.items():
        response = client.post(f"/admin/{kind}/add/", {"title": "Half", **fields})
        page = client.get(response.headers["Location"])
        changed = client.post(response.headers["Location"], filled(page, title="Half a page"))
        assert changed.status_code == 302, errors_of(changed)
        row = page.context["original"]
        assert DraftSave.objects.filter(words=f"document:{row.pk}").count() == 2
        preview = client.get(address(row, "preview_page"))
        assert preview.status_code == 200
        assert "Half a page" in preview.content.decode()


def test_pasted_scripts_styles_and_null_bytes_are_cleaned(draft, editor):
    client = as_(editor)
    nasty = (
        '<p style="color:red" onclick="x()">Keep\x00 this</p><script>alert(1)</script><style>p{}</style>'
        '<a href="javascript:x()">link</a><img src=x onerror=y><h3>Kept</h3>'
    )
    response = client.post(address(draft), filled(client.get(address(draft)), **{"sections-0-body": nasty}))
    assert response.status_code == 302, errors_of(response)
    body = draft.ordered_sections()[0].body
    assert "Keep this" in body
    assert "<h3>Kept</h3>" in body
    for gone in ("\x00", "script", "style", "onclick", "javascript", "onerror", "<img"):
        assert gone not in body


def test_null_bytes_elsewhere_are_said_in_words(draft, editor):
    client = as_(editor)
    response = client.post(address(draft), filled(client.get(address(draft)), title="Nul\x00l"))
    assert response.status_code == 200
    assert "Null characters are not allowed" in errors_of(response)


def test_saving_and_going_on_to_the_next_step(draft, editor):
    client = as_(editor)
    for then in ("preview", "submit"):
        response = client.post(address(draft), filled(client.get(address(draft)), **{f"_then_{then}": "Go"}))
        assert response.headers["Location"] == address(draft, then)


def test_whoever_may_only_look_has_the_way_back(draft, editor, clinician):
    looker = factories.person("desk")
    for name in ("view_treatment", "view_section", "view_treatmentclaim", "view_claim", "view_edition"):
        looker.user_permissions.add(Permission.objects.get(codename=name))
    client = as_(looker)
    for row in (draft, Claim.objects.first(), draft.submit(by=editor, change_note="First.")):
        html = client.get(address(row)).content.decode()
        back = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_changelist")
        assert re.search(rf'<a href="{back}"[^>]*class="closelink">Close</a>', html), row
        assert "Save" not in html


def test_a_part_of_its_own_gets_its_anchor_from_its_heading(draft, editor):
    client = as_(editor)
    page = client.get(address(draft))
    n = int(filled(page)["sections-TOTAL_FORMS"])
    new = {
        "sections-TOTAL_FORMS": n + 1,
        f"sections-{n}-heading": "The chin",
        f"sections-{n}-body": "<p>Small.</p>",
        f"sections-{n}-position": 1,
    }
    client.post(address(draft), filled(page, **new, **{f"sections-{n}-document": draft.pk}))
    assert draft.sections.get(anchor="the-chin").body == "<p>Small.</p>"


def test_a_required_part_is_neither_deleted_nor_renamed(draft, editor):
    client = as_(editor)
    client.post(
        address(draft),
        filled(client.get(address(draft)), **{"sections-0-DELETE": "on", "sections-0-anchor": "other"}),
    )
    assert draft.sections.filter(anchor="in-brief").exists()


def test_one_key_fact_twice_is_said_in_words(draft, editor):
    draft.roles.all().delete()
    client, claims = as_(editor), [factories.claim(), factories.claim()]
    rows = {"roles-TOTAL_FORMS": 2}
    for n in (0, 1):
        rows |= {
            f"roles-{n}-role": "lasts",
            f"roles-{n}-claim": claims[n].pk,
            f"roles-{n}-order": n,
            f"roles-{n}-treatment": draft.pk,
        }
    response = client.post(address(draft), filled(client.get(address(draft)), **rows))
    assert "This key fact is already listed." in errors_of(response)
    rows["roles-1-role"], rows["roles-1-gap"] = "peaks", "And why not"
    response = client.post(address(draft), filled(client.get(address(draft)), **rows))
    assert "one of the two" in errors_of(response)
    assert not TreatmentClaim.objects.filter(treatment=draft).exists()


def test_the_checks_stand_beside_the_draft(draft, editor):
    Section.objects.filter(document=draft, anchor="timing").update(
        body="<p>The effect lasts [[sweat-lasts]]. It lasts 3 months.</p>"
    )
    html = as_(editor).get(address(draft)).content.decode()
    assert "It lasts 3 months." in html
    assert "to fix" in html


def test_a_draft_is_thrown_away_and_a_submitted_one_is_not(draft, editor, waiting):
    client = as_(editor)
    other = factories.treatment("other", by=editor, checked_by=factories.person("clinician"))
    client.post(address(other, "delete"), {"post": "yes"})
    assert not Treatment.objects.filter(slug="other").exists()
    response = client.post(address(draft, "delete"), {"post": "yes"}, follow=True)
    assert "Withdraw the page instead" in response.content.decode()
    assert Treatment.objects.filter(slug="sweat").exists()


def test_a_returned_draft_says_why(draft, waiting, clinician, editor):
    waiting.send_back(by=clinician, because="Say who pays.")
    assert "Say who pays." in as_(editor).get(address(draft)).content.decode()


def test_the_overview_keeps_its_address_and_is_alone(editor):
    client = as_(editor)
    client.post("/admin/treatments/overview/add/", {"title": "All treatments"})
    assert Overview.objects.get().slug == "overview"
    assert client.get("/admin/treatments/overview/add/").status_code == 403


# --- previews -----------------------------------------------------------------------------------------------


def test_a_preview_says_that_it_is_none_of_the_public_pages(draft, editor):
    response = as_(editor).get(address(draft, "preview_page"))
    html = response.content.decode()
    assert "Preview: not signed" in html
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert "about three months" in html
    assert "frame-ancestors 'self'" in response.headers["Content-Security-Policy"]
    for view in ("preview", "preview_page"):
        assert Client().get(address(draft, view)).status_code == 302
        assert as_(factories.person("desk")).get(address(draft, view)).status_code == 403


def test_a_preview_stands_on_one_page_in_every_look(draft, waiting, editor):
    client = as_(editor)
    for row in (draft, waiting):
        response = client.get(address(row, "preview"))
        html, framed = response.content.decode(), address(row, "preview_page")
        assert [html.count(f'src="{framed}"'), html.count(f'src="{framed}?as=print"')] == [2, 1]
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
        on_paper = client.get(framed, {"as": "print"}).content.decode()
        assert "css/print_preview.css" in on_paper
        assert "css/site.css" not in on_paper
        one = client.get(address(row, "preview"), {"as": "paper"}).content.decode()
        assert one.count("<iframe") == 1
        assert client.get(address(row, "preview"), {"as": "nonsense"}).content.decode().count("<iframe") == 3


def test_an_edition_shows_its_sealed_words(draft, waiting, clinician):
    Section.objects.filter(document=draft).update(body="<p>Changed since.</p>")
    client = as_(clinician)
    page = client.get(address(waiting)).content.decode()
    assert f'src="{address(waiting, "preview_page")}"' in page
    assert "60 percent: better in sweat; adults" in page
    assert "dummy injection: 30 percent" in page
    framed = client.get(address(waiting, "preview_page"))
    assert "Preview: not signed" in framed.content.decode()
    assert "Changed since" not in framed.content.decode()
    assert framed.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in framed.headers["Content-Security-Policy"]


def test_a_broken_seal_is_said_and_nothing_is_shown(waiting, clinician, monkeypatch):
    monkeypatch.setattr(Edition, "is_intact", False)
    client = as_(clinician)
    assert "BROKEN" in client.get(address(waiting)).content.decode()
    shown = client.get(address(waiting, "preview_page")).content.decode()
    assert "three months" not in shown
    assert "shown to nobody" in shown


def test_only_the_editor_loosens_the_security_policy(draft, editor):
    client = as_(editor)
    with_editor = client.get(address(draft)).headers["Content-Security-Policy"]
    assert with_editor.count("'sha256-") == 2
    assert "unsafe" not in with_editor
    for elsewhere in (
        "/admin/",
        "/admin/treatments/treatment/",
        address(draft, "submit"),
        address(draft, "preview"),
    ):
        assert "sha256" not in client.get(elsewhere).headers["Content-Security-Policy"]


# --- what pages are made with -------------------------------------------------------------------------------


ASKED = {"shows_person": "False", "focus_x": 50, "focus_y": 50}


def picture_file(size, form="PNG", name="hand.png"):
    out = BytesIO()
    Pixels.new("L", size).save(out, form)
    return SimpleUploadedFile(name, out.getvalue(), "image/png")


def test_a_picture_is_taken_and_shown(editor, client):
    client.force_login(editor)
    client.post("/admin/publishing/picture/add/", {"file": picture_file((40, 30)), "alt": "A hand", **ASKED})
    made = Picture.objects.get()
    html = client.get(address(made)).content.decode()
    assert "40 × 30 pixels" in html
    assert reverse("media", args=[made.files["webp"][-1][1]]) in html


@pytest.mark.parametrize(
    ("upload", "sentence"),
    [
        (
            lambda: SimpleUploadedFile("hand.png", b"<html>not a picture</html>", "image/png"),
            "isn't a JPEG, PNG, WebP or AVIF",
        ),
        (lambda: picture_file((20_000, 10)), "20000 × 10 pixels"),
        (
            lambda: SimpleUploadedFile("hand.png", picture_file((400, 400)).read()[:200], "image/png"),
            "damaged",
        ),
        (lambda: SimpleUploadedFile("hand.png", b"", "image/png"), "empty"),
    ],
)
def test_an_upload_that_cannot_be_taken_is_refused_in_a_sentence(upload, sentence, editor, client):
    client.force_login(editor)
    response = client.post("/admin/publishing/picture/add/", {"file": upload(), "alt": "A hand", **ASKED})
    assert response.status_code == 200
    assert sentence in response.content.decode().replace("&#x27;", "'")
    assert 'value="A hand"' in response.content.decode()
    assert not Picture.objects.exists()


def test_a_picture_in_use_is_not_deleted(draft, editor, client):
    client.force_login(editor)
    client.post("/admin/publishing/picture/add/", {"file": picture_file((40, 30)), "alt": "A hand", **ASKED})
    made = Picture.objects.get()
    Section.objects.filter(document=draft, anchor="timing").update(picture=made)
    response = client.post(address(made, "delete"), {"post": "yes"})
    assert "would require deleting the following protected" in response.content.decode()
    assert Picture.objects.exists()


def test_urgent_help_is_one_row(editor):
    client = as_(editor)
    assert client.get("/admin/publishing/urgenthelp/").headers["Location"].endswith("/add/")
    client.post(
        "/admin/publishing/urgenthelp/add/",
        {
            "title": "Now",
            "lead": "Call {emergency}.",
            "signs": "Trouble breathing",
            "emergencies_lead": "Call {emergency} for these as well.",
        },
    )
    row = UrgentHelp.objects.get()
    assert row.pk == 1
    assert client.get("/admin/publishing/urgenthelp/").headers["Location"] == address(row)
    assert client.post(address(row, "delete"), {"post": "yes"}).status_code == 403


def test_stops_are_said_on_the_claim_and_listed_open_first(draft, live, editor, clinician):
    client, claim = as_(editor), draft.roles.get(role="benefit").claim
    html = client.get(address(claim)).content.decode()
    assert "Treatment sweat" in html
    client.post(address(claim, "stop"), {"because": "A new trial"})
    stop = Stop.objects.get()
    assert address(stop) in client.get(address(claim)).content.decode()
    assert client.get("/admin/publishing/stop/add/").status_code == 403
    assert "60%" not in Client().get("/treatments/sweat/").content.decode()
    stop.lift(by=clinician)
    Stop.say(claim, by=editor, because="Another trial")
    listed = client.get("/admin/publishing/stop/").content.decode()
    assert listed.index("Another trial") < listed.index("A new trial")


def test_an_edition_says_why_it_cannot_be_signed_now(draft, editor, clinician):
    edition = draft.submit(by=editor, change_note="First.")
    assert "signed or published now" not in as_(clinician).get(address(edition)).content.decode()
    Stop.say(Claim.objects.get(key="sweat-lasts"), by=editor, because="A newer trial.")
    html = as_(clinician).get(address(edition)).content.decode().replace("&#x27;", "'")
    assert (
        "It can't be signed or published now. A claim on this page was stopped meanwhile: sweat-lasts."
        in html
    )
