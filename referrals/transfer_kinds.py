"""The kinds of transfer, in one table: from whom to whom, what each says and needs, and who may make one.

Three things are made from it. The verbs (`rewards`, `credit`, `expiry`) take their accounts, cause,
permission and refusals from it; the database's triggers on both engines are written from it
(`models.transfer_rules`); `proofs` walks the ledger by it and recomputes each need from the rows, in its own
way (docs/decisions/013-kinds-of-transfer.md). A kind that is not in the table is refused by all three.
"""

import re
from dataclasses import dataclass, replace
from functools import cache

from django.db import models

from referrals.errors import require


class SystemAccount(models.TextChoices):
    """The clinic's own accounts. Where credit sits says what happened to it."""

    PROMOTIONS = "promotions", "Rewards"  # gives rewards; gets them back when they are reversed
    REDEEMED = "redeemed", "Redeemed"
    EXPIRED = "expired", "Expired"
    ADJUSTMENTS = "adjustments", "Adjustments"


PERSON = ""  # as `Account.system` of a member's or a friend's account
# Columns that some kinds fill and others must leave empty.
COLUMNS = ("referral", "reverses", "spent_on", "invoice", "reason", "by", "approved_by")
# What may stand in a cause, by the name of its part.
PARTS = {
    "side": "member|friend",
    "token": "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
}
A_NUMBER = r"\d{1,18}"
REVERSE = "reverse_transfer"  # the permission that all reversals need


@dataclass(frozen=True)
class Need:
    """What must be so before credit moves, beyond what its transfer says itself.

    `unmet` is SQL that is true where the row that comes in (NEW) may not: {person} is the person's account,
    {cents} what the person gets (below zero: gives), {reversed} how the cause of the reversed transfer
    begins, {zone} the clinic's time zone. Empty, the database can't tell: then the verbs refuse, and `prove`
    finds it. `unmet_on_sqlite`: the same for SQLite, which reckons with time and text in its own way.
    """

    name: str
    message: str
    unmet: str = ""
    unmet_on_sqlite: str = ""


PROMISED = Need(
    "promised",
    "a referral is rewarded once, after it was attended, under the terms that its member accepted",
    "NOT EXISTS (SELECT 1 FROM referrals_referral r JOIN referrals_terms p ON p.id = r.terms_id "
    "JOIN referrals_account x ON x.id = {person} WHERE r.id = NEW.referral_id "
    "AND r.attended_at <= NEW.at AND r.attended_by_id = NEW.by_id AND ("
    "(NEW.key = 'referral:' || r.id || ':member' AND x.member_id = r.member_id AND NEW.cents = "
    "p.member_cents) OR (NEW.key = 'referral:' || r.id || ':friend' AND x.referral_id = r.id AND NEW.cents = "
    "p.friend_cents)))",
)
CONFIRMED = Need(
    "confirmed",
    "the front desk confirms who a member is before the first redemption",
    "EXISTS (SELECT 1 FROM referrals_account x JOIN referrals_member m ON m.id = x.member_id "
    "WHERE x.id = {person} AND m.confirmed_at IS NULL)",
)


@dataclass(frozen=True)
class _Sql:
    """How an engine writes what the two write differently."""

    day: str  # the clinic's day of a moment
    later: str  # so many days after that day
    position: str  # of words in a text; 0 where they aren't in it
    hours: str  # so many times 24 hours after a moment

    def day_of(self, moment: str) -> str:
        return self.day.format(moment)

    def days_after(self, moment: str, days: str) -> str:
        return self.later.format(self.day.format(moment), days)


_POSTGRESQL = _Sql(
    "({} AT TIME ZONE '{{zone}}')::date", "{} + {}", "STRPOS", "t.at + p.expiry_days * INTERVAL '24 hours'"
)
_SQLITE = _Sql(
    "django_datetime_cast_date({}, '{{zone}}', 'UTC')",  # Django gives it to each connection
    "DATE({}, '+' || {} || ' days')",
    "INSTR",
    "DATETIME(t.at, '+' || p.expiry_days || ' days')",
)
_IS_FORMER = "EXISTS (SELECT 1 FROM referrals_formerrules f WHERE t.at <= f.until)"


def _not_named(sql: _Sql) -> str:
    """Of which credit, the verbs and `prove` work out."""
    return (
        "NOT EXISTS (SELECT 1 FROM referrals_account x "
        "LEFT JOIN referrals_acceptance c ON c.member_id = x.member_id "
        "LEFT JOIN referrals_referral r ON r.id = x.referral_id "
        "JOIN referrals_terms p ON p.id IN (c.terms_id, r.terms_id) "
        f"WHERE x.id = {{person}} AND {sql.position}(p.spendable_on, NEW.spent_on) > 0)"
    )


def _not_usable(sql: _Sql) -> str:
    """More than came in with what is usable now and may be spent on that, or than there is beside what is on
    hold. How much is left of each, the verbs and `prove` work out.
    """
    today, held_until = sql.day_of("NEW.at"), sql.days_after("t.at", "p.hold_days")
    lots = (
        "(SELECT COALESCE(SUM(t.cents), 0) FROM referrals_transfer t "
        "LEFT JOIN referrals_referral r ON r.id = t.referral_id "
        "LEFT JOIN referrals_terms p ON p.id = r.terms_id "
        "WHERE t.destination_id = {person} AND t.reverses_id IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM referrals_reversal v WHERE v.of_id = t.id) AND "
    )
    paying = (
        f"(p.id IS NULL OR {_IS_FORMER} OR ({sql.position}(p.spendable_on, NEW.spent_on) > 0 AND "
        f"{held_until} <= {today} AND "
        f"(p.expiry_days IS NULL OR {sql.days_after('t.at', 'p.expiry_days')} > {today}))))"
    )
    held = f"p.id IS NOT NULL AND NOT {_IS_FORMER} AND {held_until} > {today})"
    moved = "COALESCE((SELECT SUM(t.cents) FROM referrals_transfer t WHERE {}), 0)"
    came = moved.format("t.destination_id = {person}")
    went = moved.format(
        "t.source_id = {person} AND t.key NOT LIKE 'adjustment:%'"
    )  # those may take what is held
    return f"(NEW.cents > {lots}{paying} OR NEW.cents > {came} - {went} - {lots}{held})"


def _not_over(sql: _Sql) -> str:
    return (
        "NOT EXISTS (SELECT 1 FROM referrals_transfer t JOIN referrals_referral r ON r.id = t.referral_id "
        "JOIN referrals_terms p ON p.id = r.terms_id WHERE t.destination_id = {person} AND t.cents >= "
        "NEW.cents AND NEW.key LIKE 'expiry:' || t.number || ':%' AND "
        f"CASE WHEN {_IS_FORMER} THEN {sql.hours} <= NEW.at "
        f"ELSE {sql.days_after('t.at', 'p.expiry_days')} <= {sql.day_of('NEW.at')} END)"
    )


NAMED_IN_TERMS = Need(
    "named_in_terms",
    "credit is spent on what the terms name that it was earned under",
    _not_named(_POSTGRESQL),
    _not_named(_SQLITE),
)
USABLE = Need(
    "usable",
    "credit is not spent on hold or after it expired",
    _not_usable(_POSTGRESQL),
    _not_usable(_SQLITE),
)
OVER = Need("over", "credit expires when its time is over", _not_over(_POSTGRESQL), _not_over(_SQLITE))
ASKED_FOR = Need(
    "asked_for",
    "an adjustment moves what was asked for, once a second person agreed where one is needed",
    "NOT EXISTS (SELECT 1 FROM referrals_adjustment a WHERE a.account_id = {person} AND NEW.key = "
    "'adjustment:' || a.id AND a.cents = {cents} AND a.because = NEW.reason AND a.asked_by_id = NEW.by_id "
    "AND a.refused_at IS NULL AND (a.needs_second AND a.approved_at IS NOT NULL AND a.approved_by_id = "
    "NEW.approved_by_id OR NOT a.needs_second AND NEW.approved_by_id IS NULL))",
)
GOES_BACK = Need(
    "goes_back",
    "a reversal goes back the way of one transfer, for no more than it moved",
    "NOT EXISTS (SELECT 1 FROM referrals_transfer t WHERE t.id = NEW.reverses_id AND t.source_id = "
    "NEW.destination_id AND t.destination_id = NEW.source_id AND t.cents >= NEW.cents AND t.reverses_id IS "
    "NULL AND t.key LIKE '{reversed}%' AND NEW.key = 'reversal:' || t.number)",
)


@cache
def _form_of(cause: str) -> re.Pattern[str]:
    def group(part: re.Match[str]) -> str:
        return f"(?P<{part[1]}>{PARTS.get(part[1], A_NUMBER)})"

    return re.compile(re.sub(r"\{(\w+)\}", group, cause), re.ASCII)


@dataclass(frozen=True)
class TransferKind:
    """One way in which credit moves: between the clinic's own account and a person's."""

    name: str
    source: str  # a SystemAccount, or PERSON
    destination: str
    cause: str  # how its key is written, with parts in braces; nothing else moves credit for that cause
    says: tuple[str, ...]  # the COLUMNS that it fills
    total: str  # the sum in `prove` that it adds to
    may_say: tuple[str, ...] = ()  # COLUMNS that it may fill; all others stay empty
    needs: tuple[Need, ...] = ()
    permission: str = ""  # whose role makes one; empty: it happens by itself
    who: str = ""  # who that is, for the sentence that refuses
    reverses: "TransferKind | None" = None  # the kind that it takes back

    def __str__(self):
        return self.name

    @property
    def comes_in(self) -> bool:
        """Whether the person gets the credit."""
        return self.destination == PERSON

    @property
    def system(self) -> str:
        """The clinic's own account at the other end."""
        return self.source if self.comes_in else self.destination

    @property
    def prefix(self) -> str:
        return self.cause.partition("{")[0]

    def key(self, **parts) -> str:
        """The cause of one transfer, as its `key` holds it."""
        return self.cause.format(**parts)

    def read(self, key: str) -> dict[str, str] | None:
        """The parts of such a key; None where it's no cause of this kind."""
        found = _form_of(self.cause).fullmatch(key)
        return found and found.groupdict()

    @property
    def right(self) -> str:
        """The permission, as `User.has_perm` asks for it."""
        return f"referrals.{self.permission}"

    def require(self, by, does: str) -> None:
        """Raises ReferralError unless a role of `by` makes such transfers; `does` is what only it does."""
        require(by, self.permission, f"{self.who} {does}")


def reversal_of(kind: TransferKind, name: str, *, total: str) -> TransferKind:
    return TransferKind(
        name=name,
        source=kind.destination,
        destination=kind.source,
        cause="reversal:{number}",
        says=("reverses", "reason", "by"),
        total=total,
        needs=(GOES_BACK,),
        permission=REVERSE,
        who="A manager",
        reverses=kind,
    )


REWARD = TransferKind(
    "reward",
    SystemAccount.PROMOTIONS,
    PERSON,
    "referral:{referral}:{side}",
    says=("referral", "by"),
    total="issued",
    needs=(PROMISED,),
    permission="handle_referral",
    who="The front desk or a manager",
)
REDEMPTION = TransferKind(
    "redemption",
    PERSON,
    SystemAccount.REDEEMED,
    "redemption:{token}",
    says=("spent_on", "invoice", "by"),
    total="redeemed",
    needs=(CONFIRMED, NAMED_IN_TERMS, USABLE),
    permission="redeem_credit",
    who="The front desk or a manager",
)
EXPIRY = TransferKind(
    "expiry", PERSON, SystemAccount.EXPIRED, "expiry:{number}:{time}", says=(), total="expired", needs=(OVER,)
)
ADJUSTMENT_UP = TransferKind(
    "adjustment up",
    SystemAccount.ADJUSTMENTS,
    PERSON,
    "adjustment:{adjustment}",
    says=("reason", "by"),
    total="adjusted up",
    may_say=("approved_by",),
    needs=(ASKED_FOR,),
    permission="adjust_credit",
    who="A manager",
)
ADJUSTMENT_DOWN = replace(
    ADJUSTMENT_UP,
    name="adjustment down",
    source=PERSON,
    destination=SystemAccount.ADJUSTMENTS,
    total="adjusted down",
)
# what expired is not reversed: its time is over wherever it goes
TRANSFER_KINDS: tuple[TransferKind, ...] = (
    REWARD,
    REDEMPTION,
    EXPIRY,
    ADJUSTMENT_UP,
    ADJUSTMENT_DOWN,
    reversal_of(REWARD, "reward reversed", total="rewards reversed"),
    reversal_of(REDEMPTION, "redemption reversed", total="redeemed, reversed"),
    reversal_of(ADJUSTMENT_UP, "adjustment up reversed", total="adjusted down"),
    reversal_of(ADJUSTMENT_DOWN, "adjustment down reversed", total="adjusted up"),
)


def kind_of(source: str, destination: str, *, reverses: bool, key: str) -> TransferKind | None:
    """The kind of a transfer between such accounts (a SystemAccount, or PERSON). Where several go that way,
    the cause decides; None where none does.
    """
    way = (source, destination, reverses)
    same_way = [k for k in TRANSFER_KINDS if (k.source, k.destination, k.reverses is not None) == way]
    return next((kind for kind in same_way if key.startswith(kind.prefix)), same_way[0] if same_way else None)


def reversal_kind(kind: TransferKind | None) -> TransferKind | None:
    """The kind that takes `kind` back; None where it isn't reversed."""
    return next((reversal for reversal in TRANSFER_KINDS if reversal.reverses == kind), None)
