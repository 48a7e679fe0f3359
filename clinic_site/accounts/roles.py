"""Who may what: four groups, made in code and put right after every migrate.

Every address of the admin and who opens it: tests/backoffice/rights.py. A permission taken away here is taken
away from the group at the next migrate; one given by hand is removed. A superuser is bound by the rules of
publishing all the same.
"""

from django.apps import apps as live_apps
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

MANAGER, EDITOR, CLINICIAN, FRONT_DESK = "Manager", "Editor", "Clinician", "Front desk"
# in words for whoever is invited to a role
ROLE_DESCRIPTIONS = {
    MANAGER: "runs the site: people, policy pages, messages and refer-a-friend; writes too",
    EDITOR: "writes treatments, answers, claims and sources",
    CLINICIAN: "signs medical pages and checks claims; writes too, but never signs what they wrote",
    FRONT_DESK: "answers messages, finds times for visits, and looks after refer-a-friend",
}


def _all(*models: str) -> set[str]:
    return {
        f"{app}.{verb}_{name}"
        for app, name in (m.split(".") for m in models)
        for verb in ("add", "change", "delete", "view")
    }


def _view(*models: str) -> set[str]:
    return {f"{app}.view_{name}" for app, name in (m.split(".") for m in models)}


_WRITE = (
    _all(
        "evidence.source",
        "evidence.claim",
        "evidence.use",
        "evidence.licence",
        "treatments.choice",
        "treatments.treatmentclaim",
        "blog.topic",
        "publishing.section",
        "publishing.picture",
        "publishing.urgenthelp",
        "publishing.beforetreatment",
    )
    | _view(
        "blog.question", "publishing.edition", "publishing.stop", "publishing.batch", "publishing.previewlink"
    )
    | {
        "blog.change_question",
        "publishing.submit_document",
        "publishing.withdraw_edition",
        "publishing.add_stop",
    }
)
_CLINIC = _all(
    "clinic.details",
    "clinic.profile",
    "clinic.fee",
    "clinic.openinghours",
    "clinic.closure",
    "treatments.offering",
    "clinic.testimonial",
    "clinic.accreditation",
    "search.synonym",
)
_MESSAGES = _view("clinic.message", "notifications.mail", "visits.visitrequest") | {
    "clinic.change_message",
    "visits.handle_visitrequest",
    "notifications.change_mail",
}

_DESK = _view("referrals.member", "referrals.referral", "referrals.account", "referrals.transfer") | {
    "referrals.handle_referral",
    "referrals.redeem_credit",
}
_OWNER = (
    _DESK
    | _view("referrals.terms", "referrals.switch", "referrals.adjustment", "referrals.reversal")
    | {
        "referrals.add_terms",
        "referrals.add_switch",
        "referrals.reverse_transfer",
        "referrals.adjust_credit",
        "referrals.view_report",
    }
)

# beside these, each type of document says who writes it
ROLES: dict[str, set[str]] = {
    MANAGER: _WRITE
    | _CLINIC
    | _MESSAGES
    | {
        "publishing.sign_policy",
        "publishing.lift_stop",
        "publishing.schedule_edition",
        "publishing.restore_edition",
    }
    | _view("accounts.user", "accounts.invitation", "audit_log.auditentry", "auth.group")
    | {"accounts.change_user", "accounts.add_invitation", "accounts.forget_person"}
    | _OWNER,
    EDITOR: _WRITE | _CLINIC,
    CLINICIAN: _WRITE
    | {
        "publishing.sign_edition",
        "publishing.lift_stop",
        "publishing.schedule_edition",
        "publishing.restore_edition",
        "evidence.check_claim",
    },
    FRONT_DESK: _MESSAGES | _DESK,
}


def _is_on_the_way(using: str) -> bool:
    """Whether migrations are left to be made, as after `migrate publishing 0007` on a new database."""
    migrating = MigrationExecutor(connections[using])
    return bool(migrating.migration_plan(migrating.loader.graph.leaf_nodes()))


def update_groups(using: str = "default") -> None:
    """Make the groups' permissions what `ROLES` says.

    On the way to a migration that isn't the last, what isn't there yet comes with the migrations that are
    left.

    Raises LookupError for a permission that no model has.
    """
    Group = live_apps.get_model("auth", "Group")
    Permission = live_apps.get_model("auth", "Permission")
    by_name = {
        f"{p.content_type.app_label}.{p.codename}": p
        for p in Permission.objects.using(using).select_related("content_type")
    }
    unknown = set().union(*ROLES.values()) - set(by_name)
    if unknown and not _is_on_the_way(using):
        missing = ", ".join(sorted(unknown))
        raise LookupError(f"Roles name permissions that no model has: {missing}")
    for name, wanted in ROLES.items():
        group, _ = Group.objects.using(using).get_or_create(name=name)
        group.permissions.set([by_name[p] for p in wanted if p in by_name])
