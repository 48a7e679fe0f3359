"""One row of everything that the admin shows."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from blog.models import Question, Topic
from clinic_site.accounts.invitations import Invitation
from clinic_site.audit_log import log
from clinic_site.clinic import models as clinic
from clinic_site.notifications.models import Mail
from clinic_site.pages.shapes import seal
from clinic_site.publishing.models import Batch, Picture, PreviewLink, Stop
from clinic_site.search.models import Synonym
from clinic_site.visits.models import VisitRequest
from referrals import credit, rewards
from referrals.models import Switch
from tests import factories
from treatments.models import Overview
from treatments.offerings import Offering


@pytest.fixture
def furnished(editor, clinician):
    """One row of everything that the admin shows: {model: row}."""
    from tests.notices.models import Notice

    return furnish(editor, clinician) | {
        "notices.notice": Notice.objects.create(slug="parking", title="Parking")
    }


def furnish(editor, clinician) -> dict:
    """One row of everything of the site's own, beside the starter content or without it."""
    treatment = factories.treatment("sweat", by=editor, checked_by=clinician)
    edition = treatment.submit(by=editor, change_note="First edition.")
    claim = treatment.roles.first().claim
    user = factories.person("desk")
    answer, other = (factories.answer(slug, by=editor, checked_by=clinician) for slug in ("why", "why-not"))
    picture = Picture(
        alt="A hand",
        shows_person=False,
        width=2,
        height=2,
        files={"webp": [[2, "0" * 40 + ".webp"]], "avif": []},
    )
    picture.file.name = "0" * 40 + ".webp"
    picture.save()
    return {
        "treatments.treatment": treatment,
        "treatments.overview": Overview.objects.get_or_create(
            slug="overview", defaults={"title": "All treatments"}
        )[0],
        "blog.answer": answer,
        "blog.topic": Topic.objects.first(),
        "blog.question": Question.objects.create(token=uuid4(), words="Does a lift get me to you?"),
        "clinic.policy": clinic.Policy.objects.get_or_create(slug="privacy", defaults={"title": "Privacy"})[
            0
        ],
        "clinic.details": clinic.Details.objects.get_or_create(defaults={"name": "A clinic"})[0],
        "clinic.profile": clinic.Profile.objects.create(person=user, languages="English"),
        "clinic.fee": clinic.Fee.objects.create(kind="consultation", low_cents=12000),
        "treatments.offering": Offering.objects.create(treatment=treatment, brands="A brand"),
        "clinic.testimonial": clinic.Testimonial.objects.create(
            words="Kind people.",
            said_by="A. P.",
            consented_on=timezone.localdate(),
            consent_scope="this website",
        ),
        "clinic.accreditation": clinic.Accreditation.objects.create(name="A register", issuer="A body"),
        "search.synonym": Synonym.objects.create(words="dripping palms", means="hyperhidrosis"),
        "clinic.message": clinic.Message.objects.create(
            name="Ann", email="ann@patients.test", words="When are you open?"
        ),
        "visits.visitrequest": VisitRequest.take(uuid4(), name="Ann", email="ann@patients.test"),
        "notifications.mail": Mail.objects.create(
            from_email="clinic@clinic.test", to=["ann@home.test"], status=1
        ),
        "evidence.source": claim.sources.first(),
        "evidence.claim": claim,
        "evidence.use": treatment.uses.first(),
        "publishing.edition": edition,
        "publishing.previewlink": PreviewLink.make(
            edition, by=editor, reader="Our insurer", ends_at=timezone.now() + timedelta(days=3)
        ),
        "publishing.picture": picture,
        "publishing.batch": Batch.submit(
            {other.pk: seal(other.compose())["digest"]},
            by=editor,
            about="claim:why-not-fact",
            change_note="First edition.",
        ),
        "publishing.stop": Stop.say(claim, by=editor, because="A new trial"),
        "publishing.urgenthelp": factories.urgent_help(),
        "publishing.beforetreatment": factories.before_treatment(),
        **_credit(),
        "accounts.user": user,
        "accounts.invitation": Invitation.invite(
            Invitation(email="new@clinic.test", name="New Person", role="Editor"),
            by=factories.person("manager"),
        ),
        "audit_log.auditentry": log.write("changed", treatment, by=user, said="Something"),
    }


def _credit() -> dict:
    """A reward that was reversed, and an adjustment."""
    desk, manager = factories.person("desk"), factories.person("manager")
    terms = factories.terms()
    member = factories.member(terms, confirmed_by=desk)
    referral = factories.referral(member)
    reward = rewards.attend(referral, by=desk, on=timezone.localdate())[0]
    adjustment = credit.adjust(member.account, cents=300, because="Goodwill", token=uuid4(), by=manager)
    spent = credit.redeem(
        member.account, cents=100, spent_on="Sun cream", invoice="2026-1", token=uuid4(), by=desk
    )
    return {
        "referrals.terms": terms,
        "referrals.switch": Switch.objects.first(),
        "referrals.member": member,
        "referrals.referral": referral,
        "referrals.account": reward.source,
        "referrals.transfer": spent,
        "referrals.reversal": credit.reverse(reward, by=manager, because="Not due"),
        "referrals.adjustment": adjustment,
    }
