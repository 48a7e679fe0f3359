"""A ledger of any size, loaded round the verbs: only for the bench, into an empty database of its own.

The rows are those that the verbs would have written, numbers, digests and notes included: `prove` holds on
them.

Every member has the same story of ten transfers, spread over 300 days; all members' stories run beside each
other, so that one account's rows lie far apart. Needs Django to be set up.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from django.core.management.color import no_style
from django.db import connection, transaction
from django.utils import timezone

from clinic_site import append_only
from clinic_site.accounts.models import User
from clinic_site.accounts.sample_users import make_sample_users
from clinic_site.clinic.models import Details
from clinic_site.operations.models import Heartbeat
from referrals.codes import ALPHABET, _check_letter
from referrals.models import (
    Acceptance,
    Account,
    Adjustment,
    Head,
    Introduction,
    Member,
    Notice,
    Referral,
    Reversal,
    Switch,
    Terms,
    Transfer,
    digest_of,
)
from referrals.transfer_kinds import SystemAccount

BATCH = 5000
DAYS = 300
GIVEN = "Ada Bao Cai Dov Eli Fay Gil Hal Ida Jan Kim Lea Mia Noa Ola Pia Rae Sky Tam Uma".split()
SURNAMES = [
    f"{a}{b}"
    for a in ("Amber", "Birch", "Cedar", "Delta", "Ember")
    for b in ("field", "ford", "ley", "ton", "wood")
]
MEASURED = 20  # members, spread evenly: what the bench looks at in every size
# What each member's transfers are, in their order: a reward, a spending, a spending taken back, a gift by a
# manager. In cents.
STORY = (
    ("reward", 5000),
    ("redeem", 2000),
    ("reward", 5000),
    ("redeem", 4000),
    ("reverse", 4000),
    ("reward", 5000),
    ("adjust", 1000),
    ("redeem", 3000),
    ("reward", 5000),
    ("redeem", 1500),
)
REWARDS = [step for step, (kind, _) in enumerate(STORY) if kind == "reward"]


class Bulk:
    """`transfers` of them, ten for each member; numbers and keys follow from the member's place and the step
    of the story.
    """

    def __init__(self, transfers: int):
        self.members = transfers // len(STORY)
        self.begins = timezone.now() - timedelta(days=DAYS)
        self.apart = timedelta(days=DAYS) / transfers

    def load(self) -> None:
        append_only.remove()
        with transaction.atomic():
            self._people()
            self._friends()
            self._transfers()
            self._put_sequences_right()
        append_only.install()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def measured(self) -> list[int]:
        """The keys of the members to look at."""
        return [self.members * (2 * n + 1) // (2 * MEASURED) + 1 for n in range(MEASURED)]

    def _number(self, step: int, place: int) -> int:
        return step * self.members + place + 1

    def _at(self, step: int, place: int) -> datetime:
        return self.begins + self.apart * self._number(step, place)

    @staticmethod
    def _add(model, rows: Iterator) -> None:
        while batch := list(islice(rows, BATCH)):
            model.objects.bulk_create(batch)

    def _people(self) -> None:
        people, _ = make_sample_users()
        self.desk, self.manager = people["desk"], people["manager"]
        Details(pk=1, name="A clinic of many members").save()
        Switch.objects.create(is_open=True, because="The bench", by=self.manager, at=self.begins)
        self.terms = Terms.objects.create(
            from_on=timezone.localdate(self.begins),
            member_cents=5000,
            spendable_on="Sun cream",
            expiry_days=265,
        )
        self.system_accounts = {
            system: Account.objects.create(system=system) for system in SystemAccount.values
        }
        self.users_from = User.objects.order_by("pk").last().pk + 1
        places, begins, from_ = range(self.members), self.begins, self.users_from
        self._add(
            User,
            (
                User(
                    pk=from_ + n,
                    email=f"m{n}@rehearsal.example",
                    name=self._name(n),
                    password="!",
                    is_sample=True,
                )
                for n in places
            ),
        )
        self._add(
            Member,
            (
                Member(
                    pk=n + 1,
                    user_id=from_ + n,
                    code=self._code(n),
                    joined_at=begins,
                    adult_at=begins,
                    confirmed_at=begins,
                    confirmed_by=self.desk,
                )
                for n in places
            ),
        )
        self._add(Account, (Account(pk=self._account(n), member_id=n + 1, opened_at=begins) for n in places))
        self._add(
            Acceptance, (Acceptance(pk=n + 1, member_id=n + 1, terms=self.terms, at=begins) for n in places)
        )

    @staticmethod
    def _name(n: int) -> str:
        return f"{GIVEN[n % len(GIVEN)]} {n} {SURNAMES[n // len(GIVEN) % len(SURNAMES)]}"

    @staticmethod
    def _code(n: int) -> str:
        """Far from the ones beside it, as codes by chance are."""
        n, letters = n * 387_420_489 % 32**6, ""
        for _ in range(6):
            n, letter = divmod(n, 32)
            letters += ALPHABET[letter]
        return letters + _check_letter(letters)

    def _account(self, place: int) -> int:
        return len(self.system_accounts) + 1 + place

    def _friends(self) -> None:
        many = [(k, step, n) for k, step in enumerate(REWARDS) for n in range(self.members)]
        self._add(
            Referral,
            (self._referral(k * self.members + n + 1, self._at(step, n), n + 1) for k, step, n in many),
        )
        self._add(
            Introduction,
            (self._introduction(k * self.members + n + 1, self._at(step, n)) for k, step, n in many),
        )

    def _referral(self, pk: int, at: datetime, member: int) -> Referral:
        return Referral(
            pk=pk,
            member_id=member,
            terms=self.terms,
            reference=f"F{self._code(pk)}",
            token=UUID(int=pk, version=4),
            introduced_at=at - timedelta(hours=1),
            attended_on=timezone.localdate(at),
            attended_at=at,
            attended_by=self.desk,
            visit_number=f"V-{pk}",
        )

    def _introduction(self, pk: int, at: datetime) -> Introduction:
        at -= timedelta(hours=1)
        return Introduction(
            pk=pk,
            referral_id=pk,
            name=self._name(pk * 7),
            email=f"f{pk}@rehearsal.example",
            phone=f"555 {pk // 10_000:03} {pk % 10_000:04}",
            adult_at=at,
            contact_agreed_at=at,
        )

    def _transfers(self) -> None:
        self.digest, self.reversals, self.adjustments = "", [], []
        self._add(
            Transfer, (self._transfer(step, n) for step in range(len(STORY)) for n in range(self.members))
        )
        self._add(Adjustment, iter(self.adjustments))
        self._add(Reversal, iter(self.reversals))
        # of their second reward, which runs out soon, everybody has been told: `tick` has nothing to do
        soon = ((f"expiring:{self._number(REWARDS[1], n)}", n + 1) for n in range(self.members))
        self._add(Notice, (Notice(key=key, member_id=member) for key, member in soon))
        Heartbeat.objects.create(pk=1, at=timezone.now())
        Head.objects.create(pk=1, number=len(STORY) * self.members, digest=self.digest)

    def _transfer(self, step: int, place: int) -> Transfer:
        kind, cents = STORY[step]
        number, at, account = (
            self._number(step, place),
            self._at(step, place),
            Account(pk=self._account(place)),
        )
        own = self.system_accounts[{"reward": "promotions", "adjust": "adjustments"}.get(kind, "redeemed")]
        source, destination = (account, own) if kind == "redeem" else (own, account)
        says = {"by": self.desk}
        if kind == "reward":
            referral = REWARDS.index(step) * self.members + place + 1
            says |= {"key": f"referral:{referral}:member", "referral_id": referral}
        elif kind == "redeem":
            says |= {
                "key": f"redemption:{UUID(int=number, version=4)}",
                "spent_on": "Sun cream",
                "invoice": "2026-1",
            }
        elif kind == "reverse":
            of = Transfer(pk=self._number(step - 1, place), number=self._number(step - 1, place))
            says = {
                "by": self.manager,
                "key": f"reversal:{of.number}",
                "reverses": of,
                "reason": "The goods came back",
            }
            self.reversals.append(
                Reversal(
                    of=of, transfer_id=number, lost_cents=0, because=says["reason"], at=at, by=self.manager
                )
            )
        else:
            says = {"by": self.manager, "key": f"adjustment:{place + 1}", "reason": "Goodwill"}
            self.adjustments.append(
                Adjustment(
                    pk=place + 1,
                    account=account,
                    cents=cents,
                    because="Goodwill",
                    token=UUID(int=place, version=4),
                    asked_at=at,
                    asked_by=self.manager,
                    needs_second=False,
                )
            )
        transfer = Transfer(
            pk=number, number=number, at=at, source=source, destination=destination, cents=cents, **says
        )
        self.digest = transfer.digest = digest_of(transfer.facts(), self.digest)
        return transfer

    @staticmethod
    def _put_sequences_right() -> None:
        """The next row gets the next key, though these brought theirs along."""
        models = (
            User,
            Member,
            Account,
            Acceptance,
            Referral,
            Introduction,
            Transfer,
            Adjustment,
            Reversal,
            Notice,
        )
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), models):
                cursor.execute(statement)
