"""The ledger's promises, recomputed from the rows: one walk over the transfers, in the order of their
numbers.

The walk keeps what every account holds at that point, and nothing of the transfers behind it but what is
undone later: its memory grows with the accounts, not with the years. A transfer that breaks a promise is
named by its number.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from operator import attrgetter
from typing import NamedTuple

from django.db.models import CharField, Count, Exists, F, Max, Min, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from clinic_site import append_only
from clinic_site.registry import Finding, ProofRun, proofs
from referrals.lots import Lots
from referrals.models import (
    INVOICE,
    Acceptance,
    Account,
    Adjustment,
    Head,
    House,
    Reversal,
    Terms,
    Transfer,
    digest_of,
    facts_of,
    label_of,
)
from referrals.rewards import ALONE_FOR

BATCH = 2000
NAMES = {
    8: "every transfer has one cause, takes a way that credit may take, and is undone at most once",
    9: "no account is below zero after any transfer, and nothing was spent that was on hold or expired",
    10: "what is written once can't be changed: every trigger is in place",
    11: "every reward was earned: one a referral and side, attended before, under the terms that its member "
    "accepted",
    12: "no transfer was changed, added or taken away, and nobody moved credit of their own or alone over "
    "the limit",
}
# A member may agree to new terms while the desk redeems under the ones before.
JUST_ACCEPTED = timedelta(minutes=1)
REDEMPTION = re.compile(r"redemption:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
EXPIRY = re.compile(r"expiry:(\d{1,18}):(\d{1,18})")
ADJUSTMENT = re.compile(r"adjustment:(\d{1,18})")
TOTALS = (
    "issued",
    "adjusted up",
    "adjusted down",
    "redeemed",
    "redeemed, reversed",
    "expired",
    "rewards reversed",
    "lost",
)
SAYS = (
    "referral",
    "spent_on",
    "invoice",
    "reason",
    "by",
    "approved_by",
)  # what belongs to some kinds of moves alone
said_by = attrgetter(*SAYS)


# --- the rows -----------------------------------------------------------------------------------------------


class Row(NamedTuple):
    """A transfer, with what it must agree with: its referral, the transfer that it reverses, the note of that
    reversal.
    """

    id: int
    number: int
    at: datetime
    source: int
    destination: int
    cents: int
    key: str
    referral: int | None
    reverses: int | None
    spent_on: str
    invoice: str
    reason: str
    by: int | None
    approved_by: int | None
    digest: str
    sent_by: int | None
    terms: int | None
    mentioned_at: datetime | None
    attended_on: datetime | None
    attended_at: datetime | None
    attended_by: int | None
    of_id: int | None
    of_source: int | None
    of_destination: int | None
    of_cents: int | None
    of_key: str | None
    of_reverses: int | None
    noted: int | None
    noted_at: datetime | None
    noted_by: int | None
    noted_because: str | None
    lost_cents: int | None

    def facts(self, houses: dict[int, str]) -> tuple:
        """As `Transfer.facts`; `houses` are the clinic's own accounts by key."""
        source, destination = (label_of(pk, houses.get(pk, "")) for pk in (self.source, self.destination))
        return facts_of(
            self.number,
            self.at,
            source,
            destination,
            self.cents,
            self.key,
            self.reverses,
            self.spent_on,
            self.invoice,
            self.reason,
            self.by,
            self.approved_by,
        )


COLUMNS = (
    "id",
    "number",
    "at",
    "source_id",
    "destination_id",
    "cents",
    "key",
    "referral_id",
    "reverses__number",
    "spent_on",
    "invoice",
    "reason",
    "by_id",
    "approved_by_id",
    "digest",
    "referral__member_id",
    "referral__terms_id",
    "referral__mentioned_at",
    "referral__attended_on",
    "referral__attended_at",
    "referral__attended_by_id",
    "reverses_id",
    "reverses__source_id",
    "reverses__destination_id",
    "reverses__cents",
    "reverses__key",
    "reverses__reverses_id",
    "reverses__reversal__transfer_id",
    "reverses__reversal__at",
    "reverses__reversal__by_id",
    "reverses__reversal__because",
    "reverses__reversal__lost_cents",
)


def _batches() -> Iterator[list[Row]]:
    rows = map(
        Row._make, Transfer.objects.order_by("number", "pk").values_list(*COLUMNS).iterator(chunk_size=BATCH)
    )
    while batch := list(islice(rows, BATCH)):
        yield batch


@dataclass(slots=True)
class Holder:
    """A member's or a friend's account, as it stands at that point of the walk. Amounts in cents."""

    member: int | None
    referral: int | None
    user: int | None = None
    confirmed_at: datetime | None = None
    accepted: tuple[tuple[datetime, int], ...] = ()  # (when, terms), in the order of time
    balance: int = 0
    lots: Lots | None = None
    year: int = 0
    rewards: int = 0  # this year's, but for those that are undone later: they stand by number in `undone`
    undone: tuple[int, ...] = ()
    alone: tuple[tuple[datetime, int], ...] = ()  # adjusted by one person lately: when, how much


@dataclass
class Loss:
    """A transfer was taken back when nothing of its credit was left: that many `cents` had been spent."""

    at: datetime
    number: int
    account: int
    cents: int


# --- the walk -----------------------------------------------------------------------------------------------


class Walk:
    """One walk over the ledger.

    `broken` holds what it found, by promise; `totals` what was moved, in cents.
    """

    def __init__(self):
        self.broken: dict[int, list[str]] = {promise: [] for promise in (8, 9, 11, 12)}
        self.totals = dict.fromkeys(TOTALS, 0)
        self.count = self.rewards = 0
        self.before: Row | None = None
        self.digests = ("",)  # what the next digest may stand on
        self.houses, self.holders = {}, {}
        self.members: dict[int, Holder] = {}
        self.terms = {terms.pk: terms for terms in Terms.objects.order_by("from_on", "pk")}
        self.kinds = {terms.pk: set(terms.spendable) for terms in self.terms.values()}
        self.adjustments: dict[int, Adjustment] = {}
        self.undone: set[int] = set()
        self.undone_at: dict[
            int, datetime
        ] = {}  # when, for the credit of those that was undone by this point of the walk
        self.losses: deque[Loss] = deque()
        self.zone = timezone.get_current_timezone()

    def breaks(self, promise: int, row: Row, words: str) -> None:
        self.broken[promise].append(f"transfer {row.number}: {words}")

    def run(self) -> "Walk":
        self._open_accounts()
        self._note_reversals()
        for batch in _batches():
            asked = filter(None, (ADJUSTMENT.fullmatch(row.key) for row in batch))
            self.adjustments = Adjustment.objects.in_bulk([int(match[1]) for match in asked])
            for row in batch:
                self._step(row)
        self._settle_losses(None)
        self._same_cause_twice()
        self._missing()
        return self

    def _open_accounts(self) -> None:
        columns = (
            "pk",
            "house",
            "member_id",
            "referral_id",
            "member__user_id",
            "member__confirmed_at",
            "referral__terms_id",
        )
        for pk, house, member, referral, user, confirmed_at, terms in Account.objects.values_list(
            *columns
        ).iterator():
            if house:
                self.houses[pk] = house
                continue
            holder = self.holders[pk] = Holder(member, referral, user, confirmed_at)
            if member:
                self.members[member] = holder
            else:
                holder.accepted = ((datetime.min.replace(tzinfo=UTC), terms),)
        for member, at, terms in (
            Acceptance.objects.order_by("pk").values_list("member_id", "at", "terms_id").iterator()
        ):
            if member in self.members:
                self.members[member].accepted += ((at, terms),)

    def _note_reversals(self) -> None:
        reversals = Reversal.objects.order_by("at", "pk").values_list(
            "at", "of__number", "of__destination_id", "transfer_id", "lost_cents"
        )
        for at, number, account, transfer, lost in reversals.iterator():
            self.undone.add(number)
            self.totals["lost"] += lost
            if transfer is None:
                self.losses.append(Loss(at, number, account, lost))
        self.undone.update(
            Transfer.objects.filter(reverses__isnull=False)
            .values_list("reverses__number", flat=True)
            .iterator()
        )

    def _step(self, row: Row) -> None:
        self.count += 1
        self._chain(row)
        self._settle_losses(row)
        if row.cents <= 0:
            self.breaks(8, row, f"it moves {row.cents} cents")
        source, destination = self.holders.get(row.source), self.holders.get(row.destination)
        for holder in (source, destination):
            if holder and holder.user and holder.user in (row.by, row.approved_by):
                self.breaks(12, row, "somebody moved credit to or from their own account")
        way = (self.houses.get(row.source, ""), self.houses.get(row.destination, ""))
        if source:
            source.balance -= row.cents
            source.lots = source.lots or Lots(undone=self.undone)
            if source.balance < 0:
                self.breaks(9, row, f"it leaves {label_of(row.source, '')} at {source.balance} cents")
        if destination:
            destination.balance += row.cents
            destination.lots = destination.lots or Lots(undone=self.undone)
        if (source is None) == (destination is None):
            self.breaks(8, row, "credit does not move that way")
        elif row.reverses is not None:
            self._reversal(row, source, destination, way)
        elif way == (House.PROMOTIONS, ""):
            self._reward(row, destination)
        elif way == ("", House.REDEEMED):
            self._redemption(row, source)
        elif way == ("", House.EXPIRED):
            self._expiry(row, source)
        elif House.ADJUSTMENTS in way:
            self._adjustment(row, source, destination)
        else:
            self.breaks(8, row, "credit does not move that way")
        self.before = row

    def _chain(self, row: Row) -> None:
        """Numbers without a gap, times and ids that rise, digests that stand on each other."""
        before = self.before
        follows = row.number == (before.number if before else 0) + 1
        if before and row.number == before.number:
            self.breaks(12, row, "it stands there twice")
        elif not follows:
            first, last = (before.number if before else 0) + 1, row.number - 1
            gone = (
                f"transfer {first} is missing"
                if first == last
                else f"transfers {first} to {last} are missing"
            )
            self.broken[12].append(gone if first <= last else f"transfer {row.number}: numbers begin at one")
        if before and row.at < before.at:
            self.breaks(12, row, "it is dated before the transfer before it")
        if before and row.id <= before.id:
            self.breaks(12, row, "its row was written before the transfer before it")
        if row.of_id and row.reverses is None:
            self.breaks(12, row, "it reverses a transfer that isn't there")
        computed = [digest_of(row.facts(self.houses), digest) for digest in self.digests]
        if follows and row.digest not in computed:
            self.breaks(12, row, "it doesn't match its digest")
        # a changed row is named once: the next may stand on the digest that it has, or on the one that it
        # should have
        self.digests = (row.digest,) if row.digest in computed else (row.digest, computed[-1])

    # --- what each way of moving must say for itself ---

    def _says(self, row: Row, *columns: str) -> None:
        """It says what belongs to that kind of move, and nothing else."""
        said = {name for name, value in zip(SAYS, said_by(row), strict=True) if value not in (None, "")}
        for name in said.symmetric_difference(columns):
            self.breaks(
                8,
                row,
                f"it has a {name}, which no transfer that way has" if name in said else f"it has no {name}",
            )

    def _reward(self, row: Row, account: Holder) -> None:
        self.rewards += 1
        self.totals["issued"] += row.cents
        self._says(row, "referral", "by")
        terms = self.terms.get(row.terms)
        if terms is None:
            self.breaks(11, row, "it rewards no referral")
            account.lots.come_in(row.number, row.at, row.cents, None, None)
            return
        account.lots.come_in(row.number, row.at, row.cents, terms.hold_days, terms.expiry_days)
        if account.member:
            side, cents, is_theirs = "member", terms.member_cents, account.member == row.sent_by
        else:
            side, cents, is_theirs = "friend", terms.friend_cents, account.referral == row.referral
        if row.key != f"referral:{row.referral}:{side}":
            self.breaks(8, row, f"its cause is {row.key!r}, not the {side}'s side of referral {row.referral}")
        if not is_theirs:
            self.breaks(11, row, f"referral {row.referral} is somebody else's")
        if row.cents != cents:
            self.breaks(11, row, f"the terms promise {cents} cents, it moves {row.cents}")
        if (
            row.attended_at is None
            or row.attended_at > row.at
            or row.attended_on > row.attended_at.astimezone(self.zone).date()
        ):
            self.breaks(11, row, f"referral {row.referral} was not attended before")
        elif row.attended_by != row.by:
            self.breaks(11, row, f"somebody else said that the friend of referral {row.referral} came")
        elif row.mentioned_at:
            days = (timezone.localdate(row.mentioned_at) - row.attended_on).days
            if not 0 <= days <= terms.late_mention_days:
                self.breaks(11, row, f"referral {row.referral} was mentioned {days} days after the visit")
        member = self.members.get(row.sent_by)
        if member is None or not any(at <= row.at and version == terms.pk for at, version in member.accepted):
            self.breaks(11, row, "its member had not accepted these terms")
        if side == "member":
            self._within_cap(row, account, terms)

    def _within_cap(self, row: Row, account: Holder, terms: Terms) -> None:
        year = row.at.astimezone(self.zone).year
        if account.year != year:
            account.year, account.rewards, account.undone = year, 0, ()
        if (
            account.rewards + sum(number not in self.undone_at for number in account.undone)
            >= terms.cap_per_year
        ):
            self.breaks(11, row, f"its member had {terms.cap_per_year} rewards that year before")
        if row.number in self.undone:
            account.undone += (row.number,)
        else:
            account.rewards += 1

    def _redemption(self, row: Row, account: Holder) -> None:
        self.totals["redeemed"] += row.cents
        self._says(row, "spent_on", "invoice", "by")
        if not REDEMPTION.fullmatch(row.key):
            self.breaks(8, row, f"its cause is {row.key!r}, no redemption")
        if not INVOICE.regex.search(row.invoice):
            self.breaks(8, row, f"{row.invoice!r} is no invoice")
        if not any(
            row.spent_on in self.kinds.get(version, ()) for version in self._accepted(account, row.at)
        ):
            self.breaks(8, row, f"the terms don't name {row.spent_on!r}")
        if account.member and not (account.confirmed_at and account.confirmed_at <= row.at):
            self.breaks(9, row, "its member was not confirmed before")
        if row.cents > (usable := account.lots.usable(row.at)):
            self.breaks(9, row, f"it spends {row.cents} cents where {usable} were usable")
        account.lots.spend(row.number, row.at, row.cents)

    @staticmethod
    def _accepted(account: Holder, at: datetime) -> list[int]:
        """The terms that its owner accepted last by then, and what they may just have accepted."""
        versions = [terms for when, terms in account.accepted if when <= at - JUST_ACCEPTED][-1:]
        return versions + [terms for when, terms in account.accepted if at - JUST_ACCEPTED < when <= at]

    def _expiry(self, row: Row, account: Holder) -> None:
        self.totals["expired"] += row.cents
        self._says(row)
        of = EXPIRY.fullmatch(row.key)
        lot = account.lots.lots.get(int(of[1])) if of else None
        if lot is None or int(of[2]) != lot.expiries:
            self.breaks(8, row, f"its cause is {row.key!r}, no credit of this account that expires")
        if lot is None:
            account.lots.spend(row.number, row.at, row.cents)
            return
        if not lot.is_expired(row.at) or lot.left != row.cents:
            self.breaks(
                9,
                row,
                f"of transfer {lot.number}, {lot.left if lot.is_expired(row.at) else 0} cents had expired",
            )
        account.lots.expire(row.number, row.cents, lot)

    def _reversal(
        self, row: Row, source: Holder | None, destination: Holder | None, way: tuple[str, str]
    ) -> None:
        self._says(row, "reason", "by")
        if row.key != f"reversal:{row.reverses}":
            self.breaks(8, row, f"its cause is {row.key!r}, not the reversal of transfer {row.reverses}")
        if (row.of_source, row.of_destination) != (row.destination, row.source) or row.cents > row.of_cents:
            self.breaks(8, row, f"it doesn't go back the way of transfer {row.reverses}")
        if row.of_reverses or row.of_key.startswith("expiry:") or row.reverses >= row.number:
            self.breaks(8, row, f"transfer {row.reverses} can't be reversed")
        if row.noted != row.id:
            self.breaks(8, row, f"no reversal of transfer {row.reverses} was noted with it")
        elif (row.noted_by, row.noted_because, row.noted_at) != (row.by, row.reason, row.at):
            self.breaks(8, row, "the note of this reversal says something else")
        if source:
            self.undone_at[row.reverses] = row.at
        if destination:
            self.totals["redeemed, reversed" if way[0] == House.REDEEMED else "adjusted up"] += row.cents
            if row.cents != row.of_cents or row.lost_cents:
                self.breaks(
                    8,
                    row,
                    f"it gives back {row.cents} cents of {row.of_cents}, and notes {row.lost_cents} as lost",
                )
            if any(
                self.undone_at.get(lot.number, row.at) < row.at
                for lot in destination.lots.taken_by(row.reverses)
            ):
                self.breaks(8, row, "it gives back credit that was reversed itself")
            destination.lots.give_back(row.cents, row.reverses)
            return
        self.totals["rewards reversed" if way[1] == House.PROMOTIONS else "adjusted down"] += row.cents
        lot = source.lots.lots.get(row.reverses)
        if lot is None or lot.left != row.cents:
            self.breaks(
                8,
                row,
                f"it takes {row.cents} cents where {lot.left if lot else 0} were left of transfer "
                f"{row.reverses}",
            )
        elif row.noted == row.id and row.lost_cents != lot.cents - lot.left - lot.expired_cents:
            self.breaks(8, row, f"the note of this reversal says that {row.lost_cents} cents were lost")
        if lot:
            source.lots.take_back(row.number, row.cents, lot)
        else:
            source.lots.spend(row.number, row.at, row.cents)

    def _adjustment(self, row: Row, source: Holder | None, destination: Holder | None) -> None:
        self._says(row, "reason", "by", *(["approved_by"] if row.approved_by else []))
        account = source or destination
        self.totals["adjusted up" if destination else "adjusted down"] += row.cents
        if destination:
            destination.lots.come_in(row.number, row.at, row.cents, None, None)
        else:
            source.lots.spend(row.number, row.at, row.cents)
        match = ADJUSTMENT.fullmatch(row.key)
        asked = self.adjustments.get(int(match[1])) if match else None
        if asked is None:
            self.breaks(8, row, f"its cause is {row.key!r}, and nobody asked for such an adjustment")
            return
        same = (asked.account_id, asked.cents, asked.because, asked.asked_by_id, asked.approved_by_id) == (
            row.destination if destination else row.source,
            row.cents if destination else -row.cents,
            row.reason,
            row.by,
            row.approved_by,
        )
        if not same or asked.refused_at or asked.refused_by_id:
            self.breaks(8, row, f"adjustment {asked.pk} says something else")
        if (asked.approved_at or asked.asked_at) != row.at or asked.asked_at > row.at:
            self.breaks(8, row, f"adjustment {asked.pk} has another time")
        if bool(asked.approved_by_id) != bool(asked.approved_at) or asked.needs_second != bool(
            asked.approved_at
        ):
            self.breaks(12, row, f"adjustment {asked.pk} was not approved")
        elif asked.approved_by_id == asked.asked_by_id:
            self.breaks(12, row, "nobody else approved it")
        elif not asked.needs_second:
            account.alone = tuple((at, cents) for at, cents in account.alone if at > row.at - ALONE_FOR)
            moved, limit = row.cents + sum(cents for _, cents in account.alone), self._alone_cents(row.at)
            if moved > limit:
                self.breaks(
                    12, row, f"one person moved {moved} cents in thirty days, where the terms allow {limit}"
                )
            account.alone += ((row.at, row.cents),)

    def _alone_cents(self, at: datetime) -> int:
        """As `rewards.alone_cents`."""
        day = timezone.localdate(at)
        begun = [terms for terms in self.terms.values() if terms.from_on <= day]
        return begun[-1].alone_cents if begun else 0

    # --- what is not a transfer, or isn't there ---

    def _settle_losses(self, row: Row | None) -> None:
        """Losses up to the time of `row`, which comes next (None: all).

        Of the lot that was lost nothing was left then.
        """
        while self.losses and (row is None or self.losses[0].at <= row.at):
            loss = self.losses[0]
            holder = self.holders.get(loss.account)
            lot = holder.lots.lots.get(loss.number) if holder and holder.lots else None
            if lot is None or lot.left or loss.cents != lot.cents - lot.expired_cents:
                if row is not None and loss.at == row.at:
                    return  # it may have been lost among the transfers of that moment
                self.broken[8].append(
                    f"transfer {loss.number}: its reversal notes a loss of {loss.cents} cents, which it "
                    "wasn't"
                )
            self.undone_at[loss.number] = loss.at
            self.losses.popleft()

    def _same_cause_twice(self) -> None:
        for column in ("key", "digest"):
            twice = (
                Transfer.objects.order_by()
                .values(column)
                .annotate(n=Count("pk"), a=Min("number"), b=Max("number"))
            )
            for found in twice.filter(n__gt=1):
                self.broken[8].append(
                    f"transfers {found['a']} and {found['b']} have one {column}, {found[column]}"
                )

    def _missing(self) -> None:
        key = Concat(Value("adjustment:"), Cast(OuterRef("pk"), CharField()))
        due = Adjustment.objects.filter(Q(needs_second=False) | Q(approved_at__isnull=False))
        for adjustment in due.exclude(Exists(Transfer.objects.filter(key=key))):
            self.broken[8].append(f"adjustment {adjustment.pk} moved nothing")
        for reversal in (
            Reversal.objects.filter(transfer__isnull=False)
            .exclude(transfer__reverses=F("of"))
            .select_related("of")
        ):
            self.broken[8].append(
                f"transfer {reversal.of.number}: its reversal names a transfer that doesn't reverse it"
            )

    def compare_heads(self, noted: str) -> None:
        """The head stands on the last transfer, and so does, or did, the one that was noted earlier."""
        last = f"{self.before.number}:{self.before.digest}" if self.before else "0:"
        head = Head.objects.first()
        if str(head or "0:") != last:
            self.broken[12].append(
                f"the head of the ledger is at transfer {head and head.number}, the last one is {last}"
            )
        if not noted:
            return
        number, _, digest = noted.partition(":")
        now = Transfer.objects.filter(number=number).values_list("digest", flat=True).first()
        if now != digest:
            words = "it is not the one that was noted" if now else "it was noted, and is missing"
            self.broken[12].append(f"transfer {number}: {words}")


# --- what it comes to ---------------------------------------------------------------------------------------


def prove(proving: ProofRun) -> list[Finding]:
    walk = Walk().run()
    walk.compare_heads(proving.head)
    owed = sum(holder.balance for holder in walk.holders.values())
    for name, cents in [*walk.totals.items(), ("owed", owed)]:
        proving.told.append(f"{name:<22} {cents // 100:>14,}.{cents % 100:02}")
    if walk.before:
        proving.told.append(f"head {walk.before.number}:{walk.before.digest}")
        proving.told.append(
            "Note the head somewhere else: `prove --head` tells whether the ledger up to it still stands."
        )
    missing = [f"the trigger {name} is missing" for name in append_only.missing()]
    counts = {8: (walk.count, "transfers"), 9: (len(walk.holders), "accounts"), 11: (walk.rewards, "rewards")}
    counts[10] = (sum(len(append_only.rules_of(model)) for model in append_only.guarded_models()), "triggers")
    counts[12] = counts[8]
    broken = {**walk.broken, 10: missing}
    return [
        Finding(promise, NAMES[promise], counts[promise][0], broken[promise], counts[promise][1])
        for promise in NAMES
    ]


proofs.append(prove)
