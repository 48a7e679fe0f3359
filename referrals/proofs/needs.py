"""What the kinds of transfer need, worked out from the rows: by each transfer's place in history, and not by
what a trigger or a verb looks at. A need that is added to the table is added here too; without, `prove`
stops.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from clinic_site.calendar_days import start_of
from referrals.credit import ALONE_FOR
from referrals.credit_lots import expired_lot
from referrals.models import Adjustment, Terms
from referrals.proofs.rows import Holder, Row
from referrals.proofs.walk import Walk
from referrals.transfer_kinds import (
    ASKED_FOR,
    CONFIRMED,
    GOES_BACK,
    NAMED_IN_TERMS,
    OVER,
    PROMISED,
    REWARD,
    USABLE,
    reversal_kind,
)

# A member may agree to new terms while the front desk redeems under the ones before.
JUST_ACCEPTED = timedelta(minutes=1)


def _accepted_about(holder: Holder, then: datetime) -> list[int]:
    """The terms that they had accepted last by then, and those that they may just have accepted."""
    last = [terms for at, terms in holder.accepted if at <= then - JUST_ACCEPTED][-1:]
    return last + [terms for at, terms in holder.accepted if then - JUST_ACCEPTED < at <= then]


class LedgerWalk(Walk):
    """The walk that `prove` takes."""

    # --- promised: a reward ---

    def _promised(self, row: Row, account: Holder) -> None:
        self.rewards += 1
        terms = self.terms.get(row.terms)
        if terms is None:
            self.breaks(11, row, "it rewards no referral")
            return
        if account.member:
            side, cents, is_theirs = "member", terms.member_cents, account.member == row.sent_by
        else:
            side, cents, is_theirs = "friend", terms.friend_cents, account.referral == row.referral
        if row.key != REWARD.key(referral=row.referral, side=side):
            self.breaks(8, row, f"its cause is {row.key!r}, not the {side}'s side of referral {row.referral}")
        if not is_theirs:
            self.breaks(11, row, f"referral {row.referral} is somebody else's")
        if row.cents != cents:
            self.breaks(11, row, f"the terms promise {cents} cents, it moves {row.cents}")
        self._attended(row, terms)
        member = self.members.get(row.sent_by)
        if member is None or not any(at <= row.at and version == terms.pk for at, version in member.accepted):
            self.breaks(11, row, "its member had not accepted these terms")
        if side == "member":
            self._within_cap(row, account, terms)

    def _attended(self, row: Row, terms: Terms) -> None:
        at = row.attended_at
        if at is None or at > row.at or row.attended_on > at.astimezone(self.zone).date():
            self.breaks(11, row, f"referral {row.referral} was not attended before")
        elif row.attended_by != row.by:
            self.breaks(11, row, f"somebody else said that the friend of referral {row.referral} came")
        elif row.mentioned_at:
            days = (timezone.localdate(row.mentioned_at) - row.attended_on).days
            if not 0 <= days <= terms.late_mention_days:
                self.breaks(11, row, f"referral {row.referral} was mentioned {days} days after the visit")
            self._terms_of_the_visit(row, terms)

    def _terms_of_the_visit(self, row: Row, terms: Terms) -> None:
        """A late mention counts under what its member had accepted when the friend came."""
        if self.former_until and row.at <= self.former_until:
            return
        member = self.members.get(row.sent_by)
        end = min(start_of(row.attended_on + timedelta(days=1)), row.mentioned_at)
        if member and terms.pk not in _accepted_about(member, end):
            self.breaks(11, row, f"other terms counted when the friend of referral {row.referral} came")

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

    # --- confirmed, named in the terms, usable: a redemption ---

    def _confirmed(self, row: Row, account: Holder) -> None:
        if account.member and not (account.confirmed_at and account.confirmed_at <= row.at):
            self.breaks(9, row, "its member was not confirmed before")

    def _named_in_terms(self, row: Row, account: Holder) -> None:
        """In those that the credit was earned under."""
        if self.former_until and row.at <= self.former_until:
            self._named_formerly(row, account)
            return
        named = account.lots.usable(row.at, row.spent_on)
        if named < min(row.cents, account.lots.usable(row.at)):
            self.breaks(
                8, row, f"the terms don't name {row.spent_on!r}" + f" but for {named} cents" * bool(named)
            )

    def _named_formerly(self, row: Row, account: Holder) -> None:
        versions = _accepted_about(account, row.at)
        if not any(row.spent_on in self.spendable.get(version, ()) for version in versions):
            self.breaks(8, row, f"the terms don't name {row.spent_on!r}")

    def _usable(self, row: Row, account: Holder) -> None:
        if row.cents > (usable := account.lots.usable(row.at)):
            self.breaks(9, row, f"it spends {row.cents} cents where {usable} were usable")

    # --- over: an expiry ---

    def _over(self, row: Row, account: Holder) -> None:
        number = expired_lot(row.key)
        lot = account.lots.lots.get(number or 0)
        if lot is None or row.key != f"expiry:{number}:{lot.expiries}":
            self.breaks(8, row, f"its cause is {row.key!r}, no credit of this account that expires")
        if lot and (not lot.is_expired(row.at) or lot.left != row.cents):
            expired = lot.left if lot.is_expired(row.at) else 0
            self.breaks(9, row, f"of transfer {lot.number}, {expired} cents had expired")

    # --- goes back: a reversal ---

    def _goes_back(self, row: Row, account: Holder) -> None:
        if row.key != f"reversal:{row.reverses}":
            self.breaks(8, row, f"its cause is {row.key!r}, not the reversal of transfer {row.reverses}")
        if (row.of_source, row.of_destination) != (row.destination, row.source) or row.cents > row.of_cents:
            self.breaks(8, row, f"it doesn't go back the way of transfer {row.reverses}")
        reversed_kind = self.kind_between(
            row.of_source, row.of_destination, row.of_reverses is not None, row.of_key
        )
        if reversed_kind is None or reversal_kind(reversed_kind) is None or row.reverses >= row.number:
            self.breaks(8, row, f"transfer {row.reverses} can't be reversed")
        if row.noted != row.id:
            self.breaks(8, row, f"no reversal of transfer {row.reverses} was noted with it")
        elif (row.noted_by, row.noted_because, row.noted_at) != (row.by, row.reason, row.at):
            self.breaks(8, row, "the note of this reversal says something else")
        if row.destination in self.holders:
            self._gives_back(row, account)
        else:
            self._takes_back(row, account)

    def _gives_back(self, row: Row, account: Holder) -> None:
        if row.cents != row.of_cents or row.lost_cents:
            self.breaks(
                8,
                row,
                f"it gives back {row.cents} cents of {row.of_cents}, and notes {row.lost_cents} as lost",
            )
        if any(
            self.undone_at.get(lot.number, row.at) < row.at for lot in account.lots.taken_by(row.reverses)
        ):
            self.breaks(8, row, "it gives back credit that was reversed itself")

    def _takes_back(self, row: Row, account: Holder) -> None:
        self.undone_at[row.reverses] = row.at
        lot = account.lots.lots.get(row.reverses)
        if lot is None or lot.left != row.cents:
            left = lot.left if lot else 0
            self.breaks(
                8, row, f"it takes {row.cents} cents where {left} were left of transfer {row.reverses}"
            )
        elif row.noted == row.id and row.lost_cents != lot.cents - lot.left - lot.expired_cents:
            self.breaks(8, row, f"the note of this reversal says that {row.lost_cents} cents were lost")

    # --- asked for: an adjustment ---

    def _asked_for(self, row: Row, account: Holder) -> None:
        number = row.key.removeprefix("adjustment:")
        asked = self.adjustments.get(int(number)) if number.isdecimal() else None
        if asked is None:
            self.breaks(8, row, f"its cause is {row.key!r}, and nobody asked for such an adjustment")
            return
        comes_in = row.destination in self.holders
        moved = (row.destination if comes_in else row.source, row.cents if comes_in else -row.cents)
        said = (asked.account_id, asked.cents, asked.because, asked.asked_by_id, asked.approved_by_id)
        if said != (*moved, row.reason, row.by, row.approved_by) or asked.refused_at or asked.refused_by_id:
            self.breaks(8, row, f"adjustment {asked.pk} says something else")
        if (asked.approved_at or asked.asked_at) != row.at or asked.asked_at > row.at:
            self.breaks(8, row, f"adjustment {asked.pk} has another time")
        self._agreed(row, account, asked)

    def _agreed(self, row: Row, account: Holder, asked: Adjustment) -> None:
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
        day = timezone.localdate(at)
        begun = [terms for terms in self.terms.values() if terms.from_on <= day]
        return begun[-1].alone_cents if begun else 0

    recomputed = {
        PROMISED: _promised,
        CONFIRMED: _confirmed,
        NAMED_IN_TERMS: _named_in_terms,
        USABLE: _usable,
        OVER: _over,
        GOES_BACK: _goes_back,
        ASKED_FOR: _asked_for,
    }
