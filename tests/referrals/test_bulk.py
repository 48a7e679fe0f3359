"""The bench's ledger is loaded round the verbs: it has to be as they would have written it."""

from uuid import uuid4

import pytest

from clinic_site import append_only
from clinic_site.accounts.models import User
from clinic_site.registry import ProofRun
from referrals import credit
from referrals.credit_lots import book_of
from referrals.models import Member, Transfer
from referrals.proofs import prove
from tests.bench.bulk import STORY, Bulk

pytestmark = pytest.mark.django_db


def test_a_loaded_ledger_holds_and_life_goes_on_in_it():
    bulk = Bulk(300)
    bulk.load()
    assert Transfer.objects.count() == 300
    assert append_only.missing() == []
    assert [words for found in prove(ProofRun()) for words in found.broken] == []
    member = Member.objects.get(pk=bulk.measured()[0])
    assert len(book_of(member.account).lines) == len(STORY)
    desk = User.objects.get(email__startswith="desk@")
    credit.redeem(member.account, cents=100, spent_on="Sun cream", invoice="1", token=uuid4(), by=desk)
    assert [words for found in prove(ProofRun()) for words in found.broken] == []
