"""A reason of the programme says something: in the verbs, in the database, and in `prove`."""

from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic_site import append_only
from clinic_site.registry import ProofRun
from referrals import credit
from referrals.errors import ReferralError
from referrals.models import Adjustment, Referral, Switch, Terms
from referrals.proofs import prove
from tests import factories
from tests.referrals.tampering import raw

pytestmark = pytest.mark.django_db
SILENT = (" ", " \u200e ", "\u3164\u2060", "...", "1.", "\u00ad—")


@pytest.fixture
def account(desk):
    return factories.member(factories.terms(), confirmed_by=desk).account


@pytest.mark.parametrize("silent", SILENT)
def test_silence_is_refused(account, manager, silent):
    with pytest.raises(ReferralError, match="Say why"):
        credit.adjust(account, by=manager, cents=500, because=silent, token=uuid4())
    with pytest.raises(IntegrityError, match="in words"), transaction.atomic():
        Adjustment.objects.create(
            account=account, cents=5, because=silent, token=uuid4(), asked_by=manager, needs_second=False
        )
    with pytest.raises(IntegrityError, match="in words"), transaction.atomic():
        Switch.objects.create(is_open=False, because=silent, by=manager)
    with pytest.raises(ValidationError):
        Switch(is_open=False, because=silent, by=manager).full_clean()
    with pytest.raises(ValidationError):
        Terms(from_on=timezone.localdate(), member_cents=5, spendable_on=silent).save()
    given = credit.adjust(account, by=manager, cents=500, because="Goodwill", token=uuid4())
    transfer = account.incoming.get()
    assert transfer.reason == given.because
    with pytest.raises(ReferralError, match="Say why"):
        credit.reverse(transfer, by=manager, because=silent)


@pytest.mark.parametrize("names", ["Łukasz", "lukasz", "LUKASZ", "＠", "416‑555‑0100", "416/555 0100"])
def test_no_reason_names_or_reaches_somebody_in_any_spelling(account, manager, names):
    account.member.user.name = "Łukasz Nowak"
    account.member.user.save()
    with pytest.raises(ReferralError, match="Leave out names"):
        credit.adjust(account, by=manager, cents=500, because=f"For {names} here", token=uuid4())


def test_an_invoice_in_other_characters_is_the_same_one(account, manager):
    credit.adjust(account, by=manager, cents=3000, because="Goodwill", token=uuid4())
    spend = {"cents": 500, "spent_on": account.spendable[0], "by": manager}
    credit.redeem(account, invoice="2026-0142", token=uuid4(), **spend)
    for invoice in ("2026‑0142", "２０２６-0142", " 2026-0142\u200e", "٢٠٢٦-0142"):
        with pytest.raises(ReferralError, match="already"):
            credit.redeem(account, invoice=invoice, token=uuid4(), **spend)
    later = credit.redeem(account, invoice="2026‑0143", token=uuid4(), **spend)
    assert later.invoice == "2026-0143"


def test_prove_finds_a_silent_reason(account, manager):
    credit.adjust(account, by=manager, cents=500, because="Goodwill", token=uuid4())
    assert not any(found.broken for found in prove(ProofRun()))
    append_only.remove()
    raw("UPDATE referrals_adjustment SET because = %s", "\u200e")
    raw("UPDATE referrals_switch SET because = %s", "...")
    append_only.install()
    broken = [words for found in prove(ProofRun()) for words in found.broken]
    assert sum("a reason that says nothing" in words for words in broken) == 2


def test_a_decline_without_its_reason_is_none_in_the_database_either(desk):
    referral = factories.referral(factories.member(factories.terms()))
    declined = {"declined_at": timezone.now(), "declined_by": desk}
    for because in ({}, {"declined_because": None}, {"declined_because": "ill"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Referral.objects.filter(pk=referral.pk).stamp(**declined, **because)
    with pytest.raises(IntegrityError), transaction.atomic():
        Referral.objects.filter(pk=referral.pk).stamp(declined_because="never")
    Referral.objects.filter(pk=referral.pk).stamp(**declined, declined_because="never")
