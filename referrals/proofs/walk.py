"""One walk over the ledger: the chain of its transfers, what each account holds on the way, and what each
kind says.

The walk keeps what every account holds at that point, and nothing of the transfers behind it but what is
undone later: its memory grows with the accounts, not with the years.
"""

from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db.models import CharField, Count, Exists, F, Max, Min, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from clinic_site.text.saying import has_visible_letters
from referrals import transfer_kinds
from referrals.credit_lots import Lots, expired_lot
from referrals.models import (
    INVOICE,
    Acceptance,
    Account,
    Adjustment,
    FormerRules,
    Head,
    Reversal,
    Switch,
    Terms,
    Transfer,
    digest_of,
    label_of,
)
from referrals.models.transfer_rules import TEXTS
from referrals.proofs.rows import Holder, Loss, Row, batches
from referrals.transfer_kinds import ADJUSTMENT_UP, COLUMNS, EXPIRY, PERSON, Need, TransferKind, kind_of


class Walk:
    """`broken` holds what it found, by promise; `totals` what was moved, in cents."""

    # how each need of a kind is worked out from the rows: a need without that stops the walk
    recomputed: dict[Need, Callable[[Any, Row, Holder], None]] = {}

    def __init__(self) -> None:
        self.broken: dict[int, list[str]] = {promise: [] for promise in (8, 9, 11, 12)}
        self.totals = dict.fromkeys([*(kind.total for kind in transfer_kinds.TRANSFER_KINDS), "lost"], 0)
        self.count = self.rewards = 0
        self.before: Row | None = None
        self.digests: tuple[str, ...] = ("",)  # what the next digest may stand on
        self.systems: dict[int, str] = {}
        self.holders: dict[int, Holder] = {}
        self.members: dict[int, Holder] = {}
        self.terms = {terms.pk: terms for terms in Terms.objects.order_by("from_on", "pk")}
        self.spendable = {terms.pk: tuple(terms.spendable) for terms in self.terms.values()}
        self.former_until = FormerRules.objects.values_list("until", flat=True).first()
        self.adjustments: dict[int, Adjustment] = {}
        self.undone: set[int] = set()
        self.undone_at: dict[int, datetime] = {}  # of those undone by this point of the walk
        self.losses: deque[Loss] = deque()
        self.zone = timezone.get_current_timezone()

    def breaks(self, promise: int, row: Row, words: str) -> None:
        self.broken[promise].append(f"transfer {row.number}: {words}")

    def run(self) -> "Walk":
        self._open_accounts()
        self._note_reversals()
        for batch in batches():
            asked = filter(None, (ADJUSTMENT_UP.read(row.key) for row in batch))
            self.adjustments = Adjustment.objects.in_bulk([int(parts["adjustment"]) for parts in asked])
            for row in batch:
                self._step(row)
        self._settle_losses(None)
        self._same_cause_twice()
        self._missing()
        self._reasons()
        return self

    def _open_accounts(self) -> None:
        columns = "pk system member_id referral_id member__user_id member__confirmed_at referral__terms_id"
        rows = Account.objects.values_list(*columns.split()).iterator()
        for pk, system, member, referral, user, confirmed_at, terms in rows:
            if system:
                self.systems[pk] = system
                continue
            holder = self.holders[pk] = Holder(member, referral, user, confirmed_at)
            if member:
                self.members[member] = holder
            else:
                holder.accepted = ((datetime.min.replace(tzinfo=UTC), terms),)
        accepted = Acceptance.objects.order_by("pk").values_list("member_id", "at", "terms_id")
        for member, at, terms in accepted.iterator():
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
        reversing = Transfer.objects.filter(reverses__isnull=False).values_list("reverses__number", flat=True)
        self.undone.update(reversing.iterator())

    # --- a transfer ---

    def _step(self, row: Row) -> None:
        self.count += 1
        self._chain(row)
        self._settle_losses(row)
        if row.cents <= 0:
            self.breaks(8, row, f"it moves {row.cents} cents")
        if row.of_id and row.reverses is None:
            self.breaks(12, row, "it reverses a transfer that isn't there")
        source, destination = self.holders.get(row.source), self.holders.get(row.destination)
        for end, cents in ((source, -row.cents), (destination, row.cents)):
            if end:
                self._balance(row, end, cents)
        kind = self.kind_between(row.source, row.destination, row.reverses is not None, row.key)
        holder = source or destination
        if kind is None or holder is None or (source is None) == (destination is None):
            self.breaks(8, row, "credit does not move that way")
        else:
            self._of_kind(kind, row, holder)
        self.before = row

    def kind_between(self, source: int, destination: int, reverses: bool, key: str) -> TransferKind | None:
        systems = (self.systems.get(source, PERSON), self.systems.get(destination, PERSON))
        return kind_of(*systems, reverses=reverses, key=key)

    def _balance(self, row: Row, holder: Holder, cents: int) -> None:
        if holder.user and holder.user in (row.by, row.approved_by):
            self.breaks(12, row, "somebody moved credit to or from their own account")
        holder.balance += cents
        holder.moved_lots = holder.moved_lots or Lots(undone=self.undone, former_until=self.former_until)
        if cents < 0 and holder.balance < 0:
            self.breaks(9, row, f"it leaves {label_of(row.source, PERSON)} at {holder.balance} cents")

    def _of_kind(self, kind: TransferKind, row: Row, holder: Holder) -> None:
        self.totals[kind.total] += row.cents
        self._says(kind, row)
        for need in kind.needs:
            self.recomputed[need](self, row, holder)
        self._move_lots(kind, row, holder)

    def _says(self, kind: TransferKind, row: Row) -> None:
        """It says what belongs to its kind, and nothing else."""
        said = {column for column in COLUMNS if getattr(row, column) not in (None, "")}
        for column in said.symmetric_difference(kind.says) - set(kind.may_say):
            words = f"it has a {column}, which no {kind} has" if column in said else f"it has no {column}"
            self.breaks(8, row, words)
        for column in TEXTS - {"invoice"} & said:
            if not has_visible_letters(getattr(row, column)):
                self.breaks(8, row, f"its {column} says nothing")
        if kind.read(row.key) is None:
            self.breaks(8, row, f"its cause is {row.key!r}, no {kind}")
        if row.invoice and not INVOICE.regex.search(row.invoice):
            self.breaks(8, row, f"{row.invoice!r} is no invoice")

    def _move_lots(self, kind: TransferKind, row: Row, holder: Holder) -> None:
        lots = holder.lots
        if kind.comes_in and kind.reverses:
            lots.give_back(row.cents, row.reverses)
        elif kind.comes_in:
            terms = self.terms.get(row.terms)
            lots.come_in(
                row.number,
                row.at,
                row.cents,
                hold_days=terms and terms.hold_days,
                expiry_days=terms and terms.expiry_days,
                things=self._named(terms.pk if terms else holder.accepted_by(row.at)),
            )
        elif kind.reverses and (lot := lots.lots.get(row.reverses)):
            lots.take_back(row.number, row.cents, lot)
        elif kind == EXPIRY and (lot := lots.lots.get(expired_lot(row.key) or 0)):
            lots.expire(row.number, row.cents, lot)
        else:
            lots.spend(row.number, row.at, row.cents, row.spent_on)

    def _named(self, version: int | None) -> tuple[str, ...]:
        return self.spendable.get(version or 0, ())

    def _chain(self, row: Row) -> None:
        """Numbers without a gap, times and ids that rise, digests that stand on each other."""
        expected = (self.before.number if self.before else 0) + 1
        if row.number != expected:
            self._gap(row, expected)
        if self.before and row.at < self.before.at:
            self.breaks(12, row, "it is dated before the transfer before it")
        if self.before and row.id <= self.before.id:
            self.breaks(12, row, "its row was written before the transfer before it")
        computed = [digest_of(row.facts(self.systems), digest) for digest in self.digests]
        if row.number == expected and row.digest not in computed:
            self.breaks(12, row, "it doesn't match its digest")
        # a changed row is named once: the next may stand on the digest that it has, or on the one it should
        # have
        self.digests = (row.digest,) if row.digest in computed else (row.digest, computed[-1])

    def _gap(self, row: Row, expected: int) -> None:
        last = row.number - 1
        if self.before and row.number == self.before.number:
            self.breaks(12, row, "it stands there twice")
        elif expected > last:
            self.breaks(12, row, "numbers begin at one")
        elif expected == last:
            self.broken[12].append(f"transfer {expected} is missing")
        else:
            self.broken[12].append(f"transfers {expected} to {last} are missing")

    # --- what is not a transfer, or isn't there ---

    def _settle_losses(self, row: Row | None) -> None:
        """Losses until `row`, which comes next (None: all). Of a lot that was lost, nothing was left then."""
        while self.losses and (row is None or self.losses[0].at <= row.at):
            loss = self.losses[0]
            holder = self.holders.get(loss.account)
            lot = holder.moved_lots.lots.get(loss.number) if holder and holder.moved_lots else None
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
            causes = Transfer.objects.order_by().values_list(column)
            twice = causes.annotate(n=Count("pk"), a=Min("number"), b=Max("number")).filter(n__gt=1)
            for value, _, a, b in twice:
                self.broken[8].append(f"transfers {a} and {b} have one {column}, {value}")

    def _missing(self) -> None:
        key = Concat(Value(ADJUSTMENT_UP.prefix), Cast(OuterRef("pk"), CharField()))
        due = Adjustment.objects.filter(Q(needs_second=False) | Q(approved_at__isnull=False))
        for adjustment in due.exclude(Exists(Transfer.objects.filter(key=key))):
            self.broken[8].append(f"adjustment {adjustment.pk} moved nothing")
        moved = Reversal.objects.filter(transfer__isnull=False)
        for reversal in moved.exclude(transfer__reverses=F("of")).select_related("of"):
            self.broken[8].append(
                f"transfer {reversal.of.number}: its reversal names a transfer that doesn't reverse it"
            )

    def _reasons(self) -> None:
        for model in (Adjustment, Reversal, Switch):
            for pk, because in model.objects.order_by("pk").values_list("pk", "because").iterator():
                if not has_visible_letters(because):
                    self.broken[8].append(f"{model._meta.verbose_name} {pk} has a reason that says nothing")

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
