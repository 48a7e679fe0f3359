"""A sample year of the programme, for a database of its own: every row goes through the verbs of real life,
with `now` in the past. The same seed gives the same year.

The year's clock follows the transfers: when half of those asked for have moved, half of the year is over.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from functools import cache
from heapq import heappop, heappush
from random import Random
from uuid import UUID

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from clinic_site.accounts.models import User
from clinic_site.accounts.roles import MANAGER
from clinic_site.accounts.sample_users import make_sample_users
from referrals import credit, emails, expiry, rewards
from referrals.errors import ReferralError
from referrals.ledger import TooMuch
from referrals.models import Account, Adjustment, DeclineReason, Member, Referral, Switch, Terms, Transfer

DOMAIN = "rehearsal.example"
BATCH = 200  # steps in one database transaction
YEAR, WEEK, DAY = timedelta(days=365), timedelta(days=7), timedelta(days=1)
OPENS, OPEN_HOURS = time_of_day(9), 8
PER_MEMBER = 10  # transfers
SPENDABLE = ("Skin care products from our shelf", "Sun cream")
FIRST_TERMS = {"member_cents": 5000, "spendable_on": "\n".join(SPENDABLE)}
SECOND_TERMS = {
    "member_cents": 4000,
    "friend_cents": 1500,
    "hold_days": 10,
    "expiry_days": 120,
    "spendable_on": "\n".join([*SPENDABLE, "Hats"]),
}
MISTAKES = (
    "The goods came back",
    "Wrong invoice",
    "The visit was put down twice",
    "Typed for the wrong account",
)
REASONS = ("Goodwill after a long wait", "Put right after a call", "Counted wrongly at the desk")
TIMES = ("", "Weekday mornings", "After four", "Any time")
# What happens next, and how often beside the others.
STEPS = {
    "introduce": 330,
    "attend": 280,
    "redeem": 250,
    "mention_late": 35,
    "decline": 30,
    "confirm": 60,
    "accept": 60,
    "adjust": 30,
    "reverse": 14,
    "withdraw": 12,
    "leave": 12,
    "come_back": 3,
}


class NotItsOwn(ReferralError):
    """The database isn't one that may be filled with samples."""


def refuse_unless_its_own() -> None:
    if User.objects.filter(is_sample=False).exists():
        raise NotItsOwn("There are real people in this database.")
    if Transfer.objects.exists():
        raise NotItsOwn("Credit has moved in this database already.")


@dataclass
class Year:
    """`transfers` transfers in the 365 days up to `until`.

    `tell(moved, now)` hears how far it is, once a batch.
    """

    transfers: int
    seed: int
    until: date
    tell: Callable[[int, datetime], None]
    steps: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STEPS, 0) | {"join": 0, "expire": 0})

    def run(self) -> str:
        """Fill the database. Returns the password of the sample staff, empty where they stood before.

        Raises NotItsOwn where real people or transfers are in it.
        """
        refuse_unless_its_own()
        self.random = Random(self.seed)
        with emails.held_back():
            password = self._open()
            while self.moved < self.transfers:
                with transaction.atomic():
                    for _ in range(BATCH):
                        if self.moved >= self.transfers:
                            break
                        self._step()
                self.tell(self.moved, self.now)
        return password

    def _open(self) -> str:
        """Staff, the first terms, and an open programme, as the year begins."""
        self.begins = timezone.make_aware(datetime.combine(self.until, OPENS)) - YEAR
        self.now, self.moved = self.begins, 0
        self.members: list[Member] = []
        self.gone: list[Member] = []
        self.accepted: set[int] = set()  # members, by key, under the newest terms
        self.unconfirmed: list[Member] = []
        self.waiting: list[
            tuple[Referral, str]
        ] = []  # with what is the matter with the friend: "", "self" or "twice"
        self.friends = self.visits = 0
        self.usable: list[tuple[datetime, int]] = []  # when, and the account: a heap
        self.lately: list[Transfer] = []
        self.asked: list[Adjustment] = []
        self.expired_at = self.begins
        with transaction.atomic():
            people, password = make_sample_users()
            self.desk, self.manager = people["desk"], people["manager"]
            self.second_manager = self._person("second-manager", "Second Sample Manager", is_staff=True)
            self.second_manager.groups.add(Group.objects.get(name=MANAGER))
            for person in (self.desk, self.manager, self.second_manager):
                # nobody's role changes in that year
                person.has_role_permission = cache(person.has_role_permission)  # type: ignore[method-assign]
            self.terms = Terms.objects.create(
                from_on=timezone.localdate(self.begins), made_at=self.begins, **FIRST_TERMS
            )
            if not Switch.objects.filter(Switch.is_on()).exists():
                because = (
                    "Sample: before a real clinic opens it, somebody asks its college in writing and "
                    "files the answer."
                )
                Switch.objects.create(is_open=True, because=because, by=self.manager, at=self.begins)
        return password

    def _person(self, local: str, name: str, **fields) -> User:
        return User.objects.create_user(f"{local}@{DOMAIN}", None, name=name, is_sample=True, **fields)

    def _token(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)

    # --- one step ---

    def _step(self) -> None:
        self._move_clock()
        half = self.begins + YEAR / 2
        if self.terms.friend_cents == 0 and self.now >= half:
            self.terms = Terms.objects.create(
                from_on=timezone.localdate(self.now), made_at=self.now, **SECOND_TERMS
            )
            self.accepted.clear()
        if self.now - self.expired_at >= WEEK:
            expired = expiry.expire_due(self.now, since=self.expired_at - DAY)
            self.steps["expire"] += expired
            self.moved += expired
            self.expired_at = self.now
        share = self.moved / self.transfers
        if len(self.members) + len(self.gone) < self.transfers / PER_MEMBER * (0.2 + 0.8 * share):
            self._join()
            self.steps["join"] += 1
        else:
            name = self.random.choices(list(STEPS), list(STEPS.values()))[0]
            if getattr(self, f"_{name}")():
                self.steps[name] += 1

    def _move_clock(self) -> None:
        """As much of the year's opening hours is over as of its transfers; never twice the same moment."""
        days = 365 * self.moved / self.transfers
        opened = timezone.make_aware(
            datetime.combine(timezone.localdate(self.begins) + int(days) * DAY, OPENS)
        )
        self.now = max(opened + (days % 1) * timedelta(hours=OPEN_HOURS), self.now + timedelta(seconds=1))

    def _any(self, of: Sequence):
        return of[self.random.randrange(len(of))] if of else None

    def _take(self, of: list):
        """Any of them, which it takes out."""
        if not of:
            return None
        n = self.random.randrange(len(of))
        of[n], of[-1] = of[-1], of[n]
        return of.pop()

    # --- members ---

    def _join(self) -> None:
        n = len(self.members) + len(self.gone) + 1
        member = Member.join(self._person(f"member{n}", f"Sample Member {n}"), terms=self.terms, now=self.now)
        if self.random.random() < 0.2:
            member.be_named("Sam")
        self.members.append(member)
        self.unconfirmed.append(member)
        self.accepted.add(member.pk)

    def _confirm(self) -> bool:
        if member := self._take(self.unconfirmed):
            member.confirm(by=self.desk, now=self.now)
        return bool(member)

    def _accept(self) -> bool:
        member = self._any(self.members)
        if member is None or member.pk in self.accepted:
            return False
        member.accept(self.terms, now=self.now)
        self.accepted.add(member.pk)
        return True

    def _leave(self) -> bool:
        if len(self.members) < 5:
            return False
        member = self._take(self.members)
        member.leave(now=self.now)
        self.gone.append(member)
        return True

    def _come_back(self) -> bool:
        if member := self._take(self.gone):
            self.members.append(Member.join(member.user, terms=self.terms, now=self.now))
            self.accepted.add(member.pk)
        return bool(member)

    # --- friends ---

    def _introduce(self) -> bool:
        if not (member := self._any(self.members)) or len(self.waiting) > 50 + self.transfers / 50:
            return False
        self.friends += 1
        chance, matter = self.random.random(), ""
        email = f"friend{self.friends}@{DOMAIN}"
        if chance < 0.01:
            email, matter = member.user.email, "self"
        elif chance < 0.03 and self.friends > 1:
            email, matter = f"friend{self.random.randint(1, self.friends - 1)}+again@{DOMAIN}", "twice"
        # numbers that are set aside for stories
        phone = (
            f"{self.random.randint(200, 989)} 555 01{self.random.randint(0, 99):02}" if chance > 0.6 else ""
        )
        referral = Referral.introduce(
            member,
            token=self._token(),
            may_tell=chance > 0.5,
            now=self.now,
            name=f"Sample Friend {self.friends}",
            email=email,
            phone=phone,
            times=self._any(TIMES),
        )
        self.waiting.append((referral, matter))
        return True

    def _attend(self) -> bool:
        referral, matter = self._take(self.waiting) or (None, "")
        if referral is None:
            return False
        if matter:
            rewards.decline(
                referral,
                by=self.desk,
                because=DeclineReason.SELF if matter == "self" else DeclineReason.TWICE,
                now=self.now,
            )
            return True
        days_ago = self.random.randint(
            0, min(3, (timezone.localdate(self.now) - timezone.localdate(referral.introduced_at)).days)
        )
        on = timezone.localdate(self.now) - days_ago * DAY
        self._given(rewards.attend(referral, by=self.desk, on=on, visit_number=self._visit(), now=self.now))
        return True

    def _visit(self) -> str:
        self.visits += 1
        return f"V-{self.visits}"

    def _given(self, transfers: list[Transfer]) -> None:
        self.moved += len(transfers)
        for reward in transfers:
            self.lately.append(reward)
            assert reward.referral is not None
            heappush(self.usable, (reward.at + reward.referral.terms.hold_days * DAY, reward.destination_id))

    def _mention_late(self) -> bool:
        member = self._any(self.members)
        if member is None:
            return False
        on = timezone.localdate(self.now) - self.random.randint(1, 59) * DAY
        on = max(on, timezone.localdate(member.joined_at))
        _, given = rewards.mention_late(
            member, by=self.desk, on=on, visit_number=self._visit(), token=self._token(), now=self.now
        )
        self._given(given)
        return True

    def _decline(self) -> bool:
        referral, _ = self._take(self.waiting) or (None, "")
        if referral is None:
            return False
        because = self._any(
            [
                DeclineReason.KNOWN,
                DeclineReason.NEVER,
                DeclineReason.NEVER,
                DeclineReason.MINOR,
                DeclineReason.STAFF,
            ]
        )
        rewards.decline(referral, by=self.desk, because=because, now=self.now)
        return True

    def _withdraw(self) -> bool:
        referral, _ = self._take(self.waiting) or (None, "")
        if referral:
            referral.withdraw(now=self.now)
        return referral is not None

    # --- credit ---

    def _redeem(self) -> bool:
        if not self.usable or self.usable[0][0] > self.now:
            return False
        account = Account(pk=heappop(self.usable)[1])
        cents = self.random.choice((500, 1200, 2500, 3999, 5000, 7500))
        bill = {
            "spent_on": self._any(SPENDABLE),
            "invoice": f"{self.now.year}-{self.random.randint(1, 9999)}",
            "again": True,
            "token": self._token(),
        }
        again = self.now + self.random.randint(1, 60) * DAY
        try:
            spent = credit.redeem(account, cents=cents, by=self.desk, now=self.now, **bill)
        except TooMuch as refused:
            if not refused.usable:
                return False
            spent = credit.redeem(account, cents=refused.usable, by=self.desk, now=self.now, **bill)
        except ReferralError:  # nobody has looked at who they are
            heappush(self.usable, (again, account.pk))
            return False
        heappush(self.usable, (again, account.pk))
        self.lately.append(spent)
        self.moved += 1
        return True

    def _reverse(self) -> bool:
        del self.lately[:-200]
        transfer = self._take(self.lately)
        if transfer is None:
            return False
        try:
            reversal = credit.reverse(transfer, by=self.manager, because=self._any(MISTAKES), now=self.now)
        except ReferralError:  # it was paid with credit that was reversed since
            return False
        self.moved += reversal.transfer_id is not None
        return True

    def _adjust(self) -> bool:
        """A small one moves at once; a large one waits, and the second manager sees to it the next time."""
        if asked := self._take(self.asked):
            if self.random.random() < 0.8:
                credit.approve(asked, by=self.second_manager, now=self.now)
                self.moved += 1
            else:
                credit.turn_down(asked, by=self.second_manager, now=self.now)
            return True
        member = self._any(self.members)
        if member is None:
            return False
        cents = self.random.choice((500, 1000, 1500, 2000, 8000))
        if self._adjust_by(member, cents) and self.random.random() < 0.25:
            self._adjust_by(member, -cents // 2)
        return True

    def _adjust_by(self, member: Member, cents: int) -> bool:
        """Whether it moved at once."""
        adjustment = credit.adjust(
            member.account,
            cents=cents,
            because=self._any(REASONS),
            token=self._token(),
            by=self.manager,
            now=self.now,
        )
        if adjustment.needs_second:
            self.asked.append(adjustment)
        else:
            self.moved += 1
        return not adjustment.needs_second
