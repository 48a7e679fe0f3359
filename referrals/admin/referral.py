from django.contrib import admin
from django.db.models import Q

from clinic_site.backoffice.actions import Action
from clinic_site.backoffice.model_admin import choice_filter
from referrals import front_desk, rewards
from referrals.admin.base import ReferralsAdmin
from referrals.admin.credit import credit_of
from referrals.amounts import cash
from referrals.codes import read_code, spoken
from referrals.credit_lots import lot_of
from referrals.formats import day
from referrals.front_desk_forms import AttendedForm, DeclineForm
from referrals.models import Account, Referral, Transfer

# An action's message names nobody: the audit log keeps it.


def credit_given(referral: Referral, given: list[Transfer]) -> str:
    said = []
    for transfer in given:
        lot = lot_of(transfer, referral.terms)
        said.append(
            f"{front_desk.owner_of(transfer.destination)} got {cash(transfer.cents)}; it can be used from "
            f"{day(lot.usable_from)}."
        )
    if not any(transfer.destination.member_id for transfer in given):
        why = (
            "has left"
            if referral.member.left_at
            else f"has had the {referral.terms.cap_per_year} rewards of this year"
        )
        said.append(f"No credit for {spoken(referral.member.code)}, who {why}.")
    return " ".join(said)


def attend(referral, *, by, on, visit_number):
    given = rewards.attend(referral, by=by, on=on, visit_number=visit_number)
    return f"{referral}: the friend came on {day(on)}. {credit_given(referral, given)}"


def decline(referral, *, by, because):
    rewards.decline(referral, by=by, because=because)
    referral.refresh_from_db()
    return (
        f"{referral} is declined: the friend {referral.get_declined_because_display()}. It brings no credit."
    )


@admin.register(Referral)
class ReferralAdmin(ReferralsAdmin):
    change_form_template = "admin/referrals/referral.html"
    list_display = (
        "reference",
        "friend",
        "member_code",
        "stage",
        "introduced_at",
        "mentioned_at",
        "attended_on",
    )
    list_filter = (
        choice_filter(
            "stage",
            waiting=Q(attended_at=None, declined_at=None, withdrawn_at=None),
            came=Q(attended_at__isnull=False),
            late_mention=Q(mentioned_at__isnull=False),
            declined=Q(declined_at__isnull=False),
            withdrawn=Q(withdrawn_at__isnull=False),
        ),
        "declined_because",
    )
    list_select_related = ("member", "introduction")
    row_actions = (
        Action(
            "attended",
            "Record the visit",
            "referrals.handle_referral",
            attend,
            AttendedForm,
            is_open=lambda referral: referral.is_waiting,
            help_text="The credit follows from the terms that the member accepted.",
        ),
        Action(
            "declined",
            "Decline…",
            "referrals.handle_referral",
            decline,
            DeclineForm,
            is_destructive=True,
            is_open=lambda referral: referral.is_waiting,
            help_text="The member reads that it didn't qualify, and not why.",
        ),
    )

    def search(self, queryset, typed):
        found = front_desk.find_referrals(typed, most=100)
        return queryset.filter(
            Q(pk__in=[referral.pk for referral in found]) | Q(member__code=read_code(typed) or "")
        )

    @admin.display(description="friend")
    def friend(self, referral):
        typed = front_desk.friend_of(referral)
        return typed.name if typed else None

    @admin.display(description="member", ordering="member__code")
    def member_code(self, referral):
        return spoken(referral.member.code)

    @admin.display(description="stage")
    def stage(self, referral):
        return front_desk.status_of(referral).words

    def action_context(self, request, row, action, refused):
        friend, words = (
            front_desk.friend_of(row),
            " ".join(caution.words for caution in front_desk.cautions(row)),
        )
        return {
            "original": f"{friend.name}, {row}" if friend else f"Referral {row}",
            "facts": [("Check first", words)] if row.is_waiting and words else [],
        }

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        theirs, friend = (
            Account.objects.filter(referral=obj).select_related("referral__terms").first(),
            front_desk.friend_of(obj),
        )
        context |= {
            "title": f"{friend.name}, {obj}" if friend else f"Referral {obj}",
            "subtitle": None,
            "status": front_desk.status_of(obj),
            "friend": friend,
            "cautions": front_desk.cautions(obj) if obj.is_waiting else [],
            "member_spoken": spoken(obj.member.code),
            "rewards": obj.transfers.select_related("destination__member", "reversal").order_by("number"),
            "credit": credit_of(request, theirs) if theirs else None,
            "forms": self.forms_for(request, obj, "attended"),
        }
        return super().render_change_form(request, context, add, change, form_url, obj)
