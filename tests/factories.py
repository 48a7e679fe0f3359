"""Small functions that walk the real verbs, so that no test starts from an impossible row."""

import re
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from itertools import count
from unittest import mock
from uuid import uuid4

from django.contrib.auth.models import Group
from django.utils import timezone

from blog.models import Answer, Topic
from clinic_site.accounts.models import User
from clinic_site.accounts.roles import CLINICIAN, EDITOR, FRONT_DESK, MANAGER
from clinic_site.evidence.models import Claim, Country, Licence, Source, Use
from clinic_site.publishing.models import BeforeTreatment, Section, UrgentHelp
from clinic_site.publishing.self_review import SELF_REVIEW_CHECKLIST
from referrals.models import Member, Referral, Switch, Terms
from treatments.models import Choice, Treatment, TreatmentClaim

_next = count(1)
PASSWORD = "a long password"
ROLES = {"manager": MANAGER, "editor": EDITOR, "clinician": CLINICIAN, "desk": FRONT_DESK}

# what the one doctor of a clinic gives with their signature under what they wrote
SELF_REVIEW = {
    "self_review_because": "The only clinician here.",
    "self_review_ticked": list(SELF_REVIEW_CHECKLIST),
    "self_review_asked": "A colleague in the next town: she found nothing.",
}


@contextmanager
def ago(**how_long):
    """What is done in this block was done so long ago."""
    then = timezone.now() - timedelta(**how_long)
    with mock.patch.object(timezone, "now", return_value=then):
        yield


def person(role: str, **fields) -> User:
    n = next(_next)
    registered = (
        {"registration_body": "Test register", "registration_number": str(n)} if role == "clinician" else {}
    )
    user = User.objects.create_user(
        f"{role}{n}@clinic.test", PASSWORD, name=f"Test {role} {n}", is_staff=True, **registered, **fields
    )
    user.groups.add(Group.objects.get(name=ROLES[role]))
    return user


def source(**fields) -> Source:
    n = next(_next)
    return Source.objects.create(
        **{
            "key": f"SOURCE-{n}",
            "title": f"Trial {n}",
            "publisher": "A journal",
            "year": 2020,
            "kind": "trial",
            "doi": f"10.1000/{n}",
            **fields,
        }
    )


def claim(key: str | None = None, *, checked_by: User | None = None, sources=None, **fields) -> Claim:
    n = next(_next)
    made = Claim.objects.create(
        **{
            "key": key or f"claim-{n}",
            "kind": "timing",
            "sentence": f"Fact number {n} is known.",
            "phrase": f"fact number {n}",
            "grade": "A",
            **fields,
        }
    )
    made.sources.set(sources if sources is not None else [source()])
    if checked_by:
        made.mark_checked(by=checked_by)
    return made


def urgent_help() -> UrgentHelp:
    return UrgentHelp.objects.get_or_create(
        pk=1,
        defaults={
            "title": "Get help now",
            "lead": "Call {emergency} at once if you notice one of these.",
            "signs": "Trouble breathing",
        },
    )[0]


def before_treatment() -> BeforeTreatment:
    return BeforeTreatment.objects.get_or_create(
        pk=1,
        defaults={
            "title": "Before treatment",
            "avoid_lead": "Don't have the injections with one of these:",
            "avoid": "An infection where the needle would go",
            "tell_lead": "Tell the clinician first about these:",
            "tell": "Every medicine that you take",
        },
    )[0]


def shared_blocks(checked_by: User) -> None:
    """Both, with their claims checked by somebody of the clinic: the starter's are a sample's."""
    keys = urgent_help().keys + before_treatment().keys
    for claim in Claim.objects.filter(key__in=keys).exclude(checked_by=checked_by):
        claim.mark_checked(by=checked_by)


def use(key: str | None = None) -> Use:
    made = Use.objects.create(key=key or f"use-{next(_next)}", name="A use")
    for country in Country:
        Licence.objects.create(
            use=made, country=country, status="licensed", since="2001-08", source=source(kind="regulator")
        )
    return made


def treatment(slug: str | None = None, *, by: User, checked_by: User, **fields) -> Treatment:
    """A complete draft: the checks have nothing to stop it for."""
    slug = slug or f"treatment-{next(_next)}"
    shared_blocks(checked_by)
    made = Treatment.objects.create(
        **{
            "slug": slug,
            "title": f"Treatment {slug}",
            "short": slug,
            "group": "medical",
            "summary": "What it is about.",
            **fields,
        }
    )
    made.uses.add(use())
    lasts = claim(
        f"{slug}-lasts",
        checked_by=checked_by,
        sentence="It lasts about three months.",
        phrase="about three months",
    )
    helps = claim(
        f"{slug}-helps",
        checked_by=checked_by,
        kind="benefit",
        sentence="In a trial 60% were better; after dummy injections 30% were.",
        phrase="",
        measure=f"better in {slug}",
        low=60,
        unit="percent",
        comparator="placebo",
        comparator_low=30,
        population="adults",
    )
    harms = claim(
        f"{slug}-harms",
        checked_by=checked_by,
        kind="side-effect",
        sentence="About 5% had a sore spot.",
        phrase="",
    )
    for slot in TreatmentClaim.SLOTS:
        TreatmentClaim.objects.create(treatment=made, role=slot, claim=lasts)
    TreatmentClaim.objects.create(treatment=made, role="benefit", claim=helps)
    TreatmentClaim.objects.create(treatment=made, role="side-effect", claim=harms)
    for order, (kind, name, works) in enumerate(
        [("nothing", "Doing nothing", "No study."), ("own", "The injections", f"[[{slug}-helps]]")]
    ):
        Choice.objects.create(treatment=made, kind=kind, name=name, works=works, strength="none", order=order)
    for position, anchor in enumerate(Treatment.PARTS):
        Section.objects.create(
            document=made, anchor=anchor, position=position, body=f"<p>The effect lasts [[{lasts.key}]].</p>"
        )
    made.note_save(by=by)
    return made


def answer(
    slug: str | None = None,
    *,
    by: User,
    checked_by: User,
    body: str | None = None,
    about=(),
    topics=("side-effects",),
    **fields,
) -> Answer:
    slug = slug or f"answer-{next(_next)}"
    shared_blocks(checked_by)
    fact = claim(
        f"{slug}-fact",
        checked_by=checked_by,
        sentence="About 5% had a sore arm.",
        phrase="about 5% of people",
    )
    made = Answer.objects.create(
        **{"slug": slug, "title": f"What about {slug}?", "summary": "In short.", "answered_by": by, **fields}
    )
    for key in topics:
        made.topics.add(
            Topic.objects.get_or_create(slug=key, defaults={"title": key.replace("-", " ").capitalize()})[0]
        )
    made.treatments.set(about)
    Section.objects.create(
        document=made, anchor="answer", body=body or f"<p>It happens to [[{fact.key}]].</p>"
    )
    made.note_save(by=by)
    return made


def edit(document, *, by: User) -> None:
    """Somebody changes a word of the draft, and saves it."""
    words = "".join(chr(ord("a") + int(digit)) for digit in str(next(_next)))
    document.summary = f"What it is about, in other words: {words}."
    document.save()
    document.note_save(by=by)


def live(document, *, by: User, signer: User, note: str = "First edition."):
    """Submitted and signed: patients read it."""
    edition = document.submit(by=by, change_note=note)
    edition.sign(by=signer)
    return edition


def terms(**fields) -> Terms:
    """Terms in force since today, with the programme open."""
    manager = person("manager")
    Switch.objects.create(is_open=True, because="Tests", by=manager)
    return Terms.objects.create(
        **{
            "from_on": timezone.localdate(),
            "member_cents": 5000,
            "spendable_on": "Sun cream\nSkin care",
            **fields,
        }
    )


def member(under: Terms, *, confirmed_by: User | None = None, now=None, **fields) -> Member:
    n = next(_next)
    user = User.objects.create_user(**{"email": f"member{n}@home.test", "name": f"Mem Ber{n}", **fields})
    made = Member.join(user, terms=under, now=now)
    if confirmed_by:
        made.confirm(by=confirmed_by, now=now)
    return made


def referral(by: Member, *, now=None, may_tell: bool = False, **typed) -> Referral:
    n = next(_next)
    typed = {"name": f"Fri End{n}", "email": f"friend{n}@home.test", "phone": "", "times": "", **typed}
    return Referral.introduce(by, token=uuid4(), may_tell=may_tell, now=now, **typed)


def written_by(page) -> str:
    """Who wrote it, as the foot of a page tells: of a response, or its HTML."""
    html = page if isinstance(page, str) else page.content.decode()
    found = re.search(r"<dt>Written by</dt>\s*<dd>(.*?)</dd>", html, re.S)
    return unescape(found[1]).strip() if found else ""
