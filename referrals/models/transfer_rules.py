"""The triggers of a transfer, written from the table of its kinds, in SQL that reads on both engines."""

from collections.abc import Iterable

from django.conf import settings

from clinic_site.append_only import Rule
from clinic_site.text.saying import says_nothing
from referrals.transfer_kinds import COLUMNS, PERSON, TRANSFER_KINDS, Need, TransferKind

TEXTS = {"spent_on", "invoice", "reason"}  # the others are keys of rows

# What holds for a transfer of any kind.
MECHANISM = (
    Rule(
        "next_number",
        "INSERT",
        # of two writers that both saw the same last number, the unique key stops the second: moves stand in
        # one order
        "NEW.number <> COALESCE((SELECT MAX(t.number) FROM referrals_transfer t), 0) + 1",
        "transfers are numbered without a gap",
    ),
    Rule(
        "order",
        "INSERT",
        "NEW.at < (SELECT t.at FROM referrals_transfer t WHERE t.number = NEW.number - 1)",
        "transfers stand in the order of time",
    ),
    Rule(
        "overdrawn",
        "INSERT",
        f"CASE WHEN (SELECT x.system FROM referrals_account x WHERE x.id = NEW.source_id) <> '{PERSON}' THEN "
        "FALSE ELSE "
        "COALESCE((SELECT SUM(t.cents) FROM referrals_transfer t WHERE t.destination_id = NEW.source_id), 0) "
        "- COALESCE((SELECT SUM(t.cents) FROM referrals_transfer t WHERE t.source_id = NEW.source_id), 0) < "
        "NEW.cents END",
        "an account is never below zero",
    ),
    Rule(
        "own",
        "INSERT",
        "EXISTS (SELECT 1 FROM referrals_account x JOIN referrals_member m ON m.id = x.member_id "
        "WHERE x.id IN (NEW.source_id, NEW.destination_id) AND m.user_id IN (NEW.by_id, NEW.approved_by_id))",
        "nobody moves credit to or from their own account",
    ),
)


def ledger_rules() -> tuple[Rule, ...]:
    """The triggers of the ledger, which count days by the clock of the clinic as it's set now."""
    return transfer_rules(TRANSFER_KINDS)


def transfer_rules(kinds: Iterable[TransferKind]) -> tuple[Rule, ...]:
    """Every trigger of a ledger with these kinds of transfer, beside those of rows written once."""
    kinds = tuple(kinds)
    whole = " OR ".join(f"({_is_of(kind)} AND {_says(kind)})" for kind in kinds)
    needs = dict.fromkeys(need for kind in kinds for need in kind.needs if need.unmet)
    return (
        *MECHANISM,
        Rule("kind", "INSERT", f"NOT COALESCE({whole}, FALSE)", "credit does not move that way"),
        *(_need_rule(need, [kind for kind in kinds if need in kind.needs]) for need in needs),
    )


def _need_rule(need: Need, kinds: list[TransferKind]) -> Rule:
    def refused(unmet: str) -> str:
        return " OR ".join(f"({_is_of(kind)} AND {_for_kind(unmet, kind)})" for kind in kinds)

    on_sqlite = refused(need.unmet_on_sqlite) if need.unmet_on_sqlite else ""
    return Rule(f"need_{need.name}", "INSERT", refused(need.unmet), need.message, on_sqlite)


def _for_kind(unmet: str, kind: TransferKind) -> str:
    return unmet.format(
        person="NEW.destination_id" if kind.comes_in else "NEW.source_id",
        cents="NEW.cents" if kind.comes_in else "-NEW.cents",
        reversed=kind.reverses.prefix if kind.reverses else "",
        zone=settings.TIME_ZONE,
    )


def _is_of(kind: TransferKind) -> str:
    ends = " AND ".join(
        f"(SELECT x.system FROM referrals_account x WHERE x.id = NEW.{end}_id) = '{system}'"
        for end, system in (("source", kind.source), ("destination", kind.destination))
    )
    return f"{_filled('reverses', kind.reverses is not None)} AND NEW.key LIKE '{kind.prefix}%' AND {ends}"


def _says(kind: TransferKind) -> str:
    return " AND ".join(
        _filled(column, column in kind.says) for column in COLUMNS if column not in kind.may_say
    )


def _filled(column: str, is_filled: bool) -> str:
    if column == "invoice" or column in TEXTS and not is_filled:
        return f"NEW.{column} {'<>' if is_filled else '='} ''"
    if column in TEXTS:
        return f"NOT ({says_nothing(f'NEW.{column}')})"
    return f"NEW.{column}_id IS {'NOT ' if is_filled else ''}NULL"
