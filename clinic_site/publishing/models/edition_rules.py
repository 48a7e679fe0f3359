"""What the database refuses of editions, whatever code asks for it."""

from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from clinic_site.append_only import Rule
from clinic_site.publishing.change_notes import CHANGE_RULES
from clinic_site.publishing.document_types import DOCUMENT_TYPES, sql_list
from clinic_site.publishing.models.picture import held_back_rule
from clinic_site.publishing.models.writers import wrote_in_sql
from clinic_site.publishing.review_dates import WITHDRAWN_AFTER
from clinic_site.publishing.self_review import SELF_REVIEW_ASKED, SELF_REVIEW_CHECKLIST
from clinic_site.text.saying import says_nothing

_SIGNING = "OLD.signed_by_id IS NULL AND NEW.signed_by_id IS NOT NULL"
_SELF_REVIEWING = "OLD.self_review_because IS NULL AND NEW.self_review_because IS NOT NULL"
_IS_WRITER = wrote_in_sql("NEW.signed_by_id")
_FOR_REAL = f"{_SIGNING} AND NEW.signed_as_sample IS NOT TRUE"  # a signature without the sample label
_NO_STAMPS = Rule(
    "insert",
    "INSERT",
    "NEW.returned_at IS NOT NULL OR NEW.signed_at IS NOT NULL OR NEW.self_review_because IS NOT NULL "
    "OR NEW.self_review_checklist IS NOT NULL OR NEW.live_from IS NOT NULL OR NEW.went_live_at IS "
    "NOT NULL OR NEW.withdrawn_at IS NOT NULL",
    "an edition starts without stamps",
)
_COUNTED = Rule(
    "counted",
    "INSERT",
    "NEW.counted_since_signature IS NOT TRUE",
    "the writers of an edition count since the last one that was signed",
)
_BATCH_OF_SUBMITTER = Rule(
    "batch",
    "INSERT",
    "NEW.batch_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM publishing_batch t "
    "WHERE t.id = NEW.batch_id AND t.by_id = NEW.submitted_by_id)",
    "whoever makes a change to several pages submits each of them",
)
_NOT_BY_WRITERS = Rule(
    "signer_wrote",
    "UPDATE",
    f"{_SIGNING} AND NEW.self_review_because IS NULL AND ({_IS_WRITER} OR NOT EXISTS "
    "(SELECT 1 FROM publishing_editionwriter w WHERE w.edition_id = NEW.id))",
    "nobody signs what they wrote",
)
_SELF_REVIEW_BY_WRITER = Rule(
    "self_review",
    "UPDATE",
    f"{_SELF_REVIEWING} AND (OLD.signed_by_id IS NOT NULL OR NOT {_IS_WRITER})",
    "only whoever wrote it signs it as their own work, and when they sign",
)
_SELF_REVIEW_AFTER_A_DAY = Rule(
    "self_review_rested",
    "UPDATE",
    f"{_SELF_REVIEWING} AND LEAST(NEW.signed_at, CURRENT_TIMESTAMP) < NEW.submitted_at + INTERVAL '24 hours'",
    "own work is signed a day after it was submitted",
    refused_on_sqlite=f"{_SELF_REVIEWING} "
    "AND unixepoch(MIN(datetime(NEW.signed_at), datetime('now'))) - unixepoch(NEW.submitted_at) < 86400",
)
_SELF_REVIEW_CHECKED = Rule(
    "self_review_checked",
    "UPDATE",
    f"({_SELF_REVIEWING} OR OLD.self_review_checklist IS NULL AND NEW.self_review_checklist IS NOT NULL) "
    "AND (OLD.signed_by_id IS NOT NULL OR NEW.self_review_because IS NULL OR NEW.self_review_checklist IS "
    "NULL OR "
    + " OR ".join(
        f"NEW.self_review_checklist NOT LIKE '%{line}%'"
        for line in (*SELF_REVIEW_CHECKLIST, f"{SELF_REVIEW_ASKED}_")
    )
    + ")",
    "own work is signed with its whole checklist",
)
_SAMPLE_LABELLED = Rule(
    "sample",
    "UPDATE",
    f"{_FOR_REAL} AND EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = NEW.signed_by_id AND u.is_sample)",
    "what a sample signs stays labelled a sample",
)
_CHECKED_BY_PEOPLE = Rule(
    "checked",
    "UPDATE",
    f"{_FOR_REAL} AND EXISTS (SELECT 1 FROM publishing_mark m LEFT JOIN evidence_claim c ON c.key = m.key "
    "LEFT JOIN accounts_user u ON u.id = c.checked_by_id WHERE m.edition_id = NEW.id "
    "AND m.kind = 'claim' AND u.is_sample IS NOT FALSE)",
    "what a sample checked counts as unchecked",
)
_AFTER_SAMPLE_ALONE = Rule(
    "batch_after_sample",
    "UPDATE",
    f"{_FOR_REAL} AND NEW.batch_id IS NOT NULL AND (SELECT b.signed_as_sample FROM publishing_edition b "
    "WHERE b.document_id = NEW.document_id AND b.number < NEW.number AND b.signed_by_id IS NOT NULL "
    "ORDER BY b.number DESC LIMIT 1) IS TRUE",
    "a page that a sample signed last is signed by itself",
)


def _with_shared_blocks() -> Rule:
    lacks = " OR ".join(
        f"NEW.kind = '{one.KIND}' AND NEW.page_text NOT LIKE '%\"{name}\":{{%'"
        for one in DOCUMENT_TYPES.values()
        for name in one.SHARED_BLOCKS
    )
    # where no type needs a block, nothing is refused
    return Rule("shared_blocks", "INSERT", lacks or "1 = 0", "a page has the blocks that all like it share")


def _signed_by_role() -> Rule:
    signers = " ".join(f"WHEN '{one.KIND}' THEN '{one.SIGNED_BY}'" for one in DOCUMENT_TYPES.values())
    return Rule(
        "signer_role",
        "UPDATE",
        f"{_SIGNING} AND NOT EXISTS ("
        "SELECT 1 FROM accounts_user u JOIN accounts_user_groups ug ON ug.user_id = u.id JOIN auth_group "
        "g ON g.id = ug.group_id WHERE u.id = NEW.signed_by_id AND u.is_active "
        f"AND g.name = CASE NEW.kind {signers} END)",
        "this kind of page is signed by another role",
    )


def _signed_with_registration() -> Rule:
    plain = [one for one in DOCUMENT_TYPES.values() if not one.IS_MEDICAL]
    return Rule(
        "signer_registered",
        "UPDATE",
        f"{_SIGNING} AND NEW.kind NOT IN {sql_list(plain)} AND NOT EXISTS ("
        "SELECT 1 FROM accounts_user u WHERE u.id = NEW.signed_by_id AND u.registration_number <> '')",
        "a medical page is signed by somebody with a registration",
    )


def _a_stamp_says_nothing() -> str:
    """Of each reason that is stamped now, and of who else was asked to read one's own work."""
    asked = "NEW.self_review_checklist"
    for line in (*SELF_REVIEW_CHECKLIST, SELF_REVIEW_ASKED):
        asked = f"REPLACE({asked}, '{line}', '')"
    stamps = {
        **{name: f"NEW.{name}" for name in ("returned_because", "withdrawn_because", "self_review_because")},
        "self_review_checklist": asked,
    }
    return " OR ".join(f"(OLD.{name} IS NULL AND {says_nothing(said)})" for name, said in stamps.items())


def edition_rules() -> tuple[Rule, ...]:
    """The triggers of editions, once every type of document is known."""
    return (
        _NO_STAMPS,
        _COUNTED,
        _BATCH_OF_SUBMITTER,
        *CHANGE_RULES,
        _with_shared_blocks(),
        _NOT_BY_WRITERS,
        _SELF_REVIEW_BY_WRITER,
        _SELF_REVIEW_AFTER_A_DAY,
        _SELF_REVIEW_CHECKED,
        _signed_by_role(),
        _signed_with_registration(),
        _SAMPLE_LABELLED,
        _CHECKED_BY_PEOPLE,
        _AFTER_SAMPLE_ALONE,
        Rule("change_said", "INSERT", says_nothing("NEW.change_note"), "an edition says what changed"),
        Rule("reason_said", "UPDATE", _a_stamp_says_nothing(), "a reason is given in words"),
        held_back_rule("consent", "UPDATE", "NEW.id", f"{_SIGNING} AND "),
    )


CONSTRAINTS = (
    UniqueConstraint(fields=["document", "number"], name="one_edition_a_number"),
    UniqueConstraint(fields=["batch", "document"], name="one_edition_a_page_of_a_change"),
    # one doctor's clinic aside (which then says so), the submitter is never the signer
    CheckConstraint(
        condition=Q(signed_by=None) | ~Q(signed_by=F("submitted_by")) | Q(self_review_because__isnull=False),
        name="submitter_is_not_signer",
    ),
    CheckConstraint(
        condition=Q(signed_at=None, signed_by=None, signed_name=None, signed_as_sample=None)
        | Q(
            signed_at__isnull=False,
            signed_by__isnull=False,
            signed_name__isnull=False,
            signed_as_sample__isnull=False,
        ),
        name="a_signature_is_whole",
    ),
    CheckConstraint(
        condition=Q(returned_at=None, returned_by=None, returned_because=None)
        | Q(returned_at__isnull=False, returned_by__isnull=False, returned_because__isnull=False),
        name="a_return_has_a_name_and_a_reason",
    ),
    CheckConstraint(
        condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn_because=None, withdrawn_overdue_days=None)
        | Q(withdrawn_at__isnull=False, withdrawn_because__isnull=False)
        & (
            Q(withdrawn_by__isnull=False, withdrawn_overdue_days=None)
            | Q(
                withdrawn_by=None,
                withdrawn_overdue_days__isnull=False,
                withdrawn_overdue_days__gt=WITHDRAWN_AFTER,
            )
        ),
        name="a_withdrawal_has_a_name_and_a_reason",
    ),
    CheckConstraint(condition=Q(signed_at=None) | Q(returned_at=None), name="signed_or_returned"),
    # live needs who signed, not only when
    CheckConstraint(
        condition=Q(live_from=None) | Q(signed_by__isnull=False, live_from__gte=F("signed_at")),
        name="live_needs_a_signature",
    ),
    CheckConstraint(
        condition=Q(went_live_at=None) | Q(live_from__isnull=False, went_live_at__gte=F("live_from")),
        name="live_when_its_time_has_come",
    ),
    CheckConstraint(
        condition=Q(withdrawn_at=None) | Q(signed_by__isnull=False), name="only_signed_editions_are_withdrawn"
    ),
)
