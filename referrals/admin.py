"""Refer a friend in the admin: the desk, the owner's report, and the rows of the ledger, which are only
looked at.
"""

import csv
from datetime import timedelta

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Q, Subquery
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from clinic_site.audit_log import log
from clinic_site.backoffice.actions import Action, ActionResult
from clinic_site.backoffice.forms import BaseForm
from clinic_site.backoffice.model_admin import BaseAdmin, ReadOnly
from referrals import desk, ledger, reports, rewards
from referrals.amounts import AmountField, cash, written
from referrals.codes import read_code, spoken
from referrals.desk_forms import (
    AdjustForm,
    AttendedForm,
    DayForm,
    DeclineForm,
    LateMentionForm,
    RedeemForm,
    ReverseForm,
)
from referrals.export import ledger_rows
from referrals.lots import book_of
from referrals.models import (
    Account,
    Adjustment,
    House,
    Member,
    Referral,
    Refused,
    Reversal,
    Switch,
    Terms,
    Transfer,
)
from referrals.statement import Entries, sums_of

SHOWN = 20  # of a member's transfers and referrals on one screen


# --- what a step does, and says. No sentence here names anybody: it's kept in the log -----------------------


def _credit_of(referral: Referral, given: list[Transfer]) -> str:
    said = []
    for transfer in given:
        from_on = desk.day(transfer.at + timedelta(days=referral.terms.hold_days))
        said.append(
            f"{desk.owner_of(transfer.destination)} got {cash(transfer.cents)}; it can be used from "
            f"{from_on}."
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
    return f"{referral}: the friend came on {desk.day(on)}. {_credit_of(referral, given)}"


def decline(referral, *, by, because):
    rewards.decline(referral, by=by, because=because)
    referral.refresh_from_db()
    return (
        f"{referral} is declined: the friend {referral.get_declined_because_display()}. It brings no credit."
    )


def confirm(member, *, by):
    member.confirm(by=by)
    return f"{spoken(member.code)} is confirmed: they can use their credit."


def redeem(account, *, by, amount, spent_on, invoice, token, again=False):
    with ledger.locked():
        is_new = not Transfer.objects.filter(key=f"redemption:{token}").exists()
        transfer = rewards.redeem(
            account, cents=amount, spent_on=spent_on, invoice=invoice.strip(), token=token, again=again, by=by
        )
    did = f"{cash(transfer.cents)} of {desk.owner_of(account)}, receipt {transfer.number}"
    return ActionResult(
        f"Redeemed: {did}." if is_new else f"Redeemed once, before: {did}.",
        then=reverse("admin:referrals_transfer_receipt", args=[transfer.pk]),
        is_new=is_new,
    )


def adjust(account, *, by, cents, because, token):
    with ledger.locked():
        is_new = not Adjustment.objects.filter(token=token).exists()
        adjustment = rewards.adjust(account, cents=cents, because=because, token=token, by=by)
    did = f"{cash(abs(cents))} {'given to' if cents > 0 else 'taken from'} {desk.owner_of(account)}"
    if adjustment.is_waiting:
        return ActionResult(
            f"Nothing has moved yet: {did} waits until a second manager agrees.", is_new=is_new
        )
    return ActionResult(
        "This was turned down: nothing moved." if adjustment.refused_at else f"Done: {did}.", is_new=is_new
    )


def reverse_transfer(transfer, *, by, because):
    reversal = rewards.reverse(transfer, by=by, because=because)
    came, lost = reversal.transfer.cents if reversal.transfer else 0, reversal.lost_cents
    words = f"Transfer {transfer.number} is reversed: {cash(came)} came back" + (
        f", {cash(lost)} is lost." if lost else "."
    )
    return ActionResult(
        words, then=_address_of_owner(transfer.source if transfer.destination.house else transfer.destination)
    )


def approve(adjustment, *, by):
    transfer = rewards.approve(adjustment, by=by)
    return f"Approved: {cash(transfer.cents)} has moved."


def turn_down(adjustment, *, by):
    rewards.turn_down(adjustment, by=by)
    return "Turned down: nothing moves."


def _address_of_owner(account: Account) -> str:
    """The screen where this account is looked at: its owner's; for the clinic's own, the account's."""
    if account.member_id:
        return reverse("admin:referrals_member_change", args=[account.member_id])
    if account.referral_id:
        return reverse("admin:referrals_referral_change", args=[account.referral_id])
    return reverse("admin:referrals_account_change", args=[account.pk])


class DeskAdmin(ReadOnly, BaseAdmin):
    """Rows that verbs write. Nothing here is edited: there are steps."""

    refusals = (Refused, PermissionError)
    show_full_result_count = False
    search_fields = ("pk",)  # that there is a box: what it finds, `found` says

    def found(self, queryset, typed: str):
        """The rows that are meant by what was typed."""
        return queryset.none()

    def get_search_results(self, request, queryset, search_term):
        typed = desk.clean(search_term)
        return (self.found(queryset, typed) if typed else queryset), False

    def forms_for(self, request, row, *names: str) -> dict:
        """Steps whose form stands open on the row's own screen, by name: what to send, and where."""
        return {
            open["step"].name.replace("-", "_"): open | {"form": open["step"].form(row=row, by=request.user)}
            for open in self.steps_for(request, row)
            if open["step"].name in names
        }


def one_of(name: str, **choices: Q) -> type[admin.SimpleListFilter]:
    """A list's filter, in plain words: each choice is a condition. Underscores are read as spaces."""
    choices = {words.replace("_", " "): condition for words, condition in choices.items()}

    class OneOf(admin.SimpleListFilter):
        title = parameter_name = name

        def lookups(self, request, model_admin):
            return [(words, words) for words in choices]

        def queryset(self, request, queryset):
            return queryset.filter(choices[self.value()]) if self.value() in choices else queryset

    return OneOf


class When(admin.DateFieldListFilter):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.title = "date"


def money(column: str, **display):
    """A column of amounts."""
    return admin.display(**display)(lambda self, row: written(getattr(row, column)))


# --- the desk -----------------------------------------------------------------------------------------------


def _page(request, template: str, *, status: int = 200, **context) -> TemplateResponse:
    return TemplateResponse(request, template, {**admin.site.each_context(request), **context}, status=status)


@admin.site.page(
    "referrals/desk/", name="referrals_desk", permission="referrals.handle_referral", title="The desk"
)
@require_safe
def the_desk(request):
    found = desk.find(request.GET.get("q", ""))
    waiting = [] if found.typed else desk.waiting()
    return _page(
        request,
        "admin/referrals/desk.html",
        title="The desk",
        found=found,
        waiting=waiting[: 2 * desk.MOST],
        more_waiting=len(waiting) > 2 * desk.MOST,
        to_approve=Adjustment.objects.waiting().count()
        if request.user.has_perm("referrals.adjust_credit")
        else 0,
    )


@admin.site.page(
    "referrals/desk/late-mention/", name="referrals_late_mention", permission="referrals.handle_referral"
)
@require_http_methods(["GET", "HEAD", "POST"])
def late_mention(request):
    is_sent, refused = request.method == "POST", None
    form = LateMentionForm(request.POST if is_sent else None, initial={"who": request.GET.get("to", "")})
    if is_sent and form.is_valid():
        typed = {name: form.cleaned_data[name] for name in ("on", "visit_number", "token")}
        try:
            with ledger.locked():
                is_new = not Referral.objects.filter(token=typed["token"]).exists()
                referral, given = rewards.mention_late(form.chosen, by=request.user, **typed)
                words = f"{referral}: a late mention, noted. {_credit_of(referral, given)}"
                if is_new:
                    log.write("late mention", referral, by=request.user, said=words)
        except Refused as error:
            refused = error
        else:
            messages.success(request, words)
            return redirect("admin:referrals_referral_change", referral.pk)
    return _page(
        request,
        "admin/referrals/late_mention.html",
        status=422 if is_sent else 200,
        title="Late mention",
        form=form,
        refused=refused,
    )


@admin.register(Member)
class MemberAdmin(DeskAdmin):
    change_form_template = "admin/referrals/member.html"
    list_display = ("spoken", "name", "joined_at", "confirmed_at", "left_at", "balance")
    list_filter = (
        one_of(
            "standing",
            identity_confirmed=Q(confirmed_at__isnull=False),
            identity_not_confirmed_yet=Q(confirmed_at=None, left_at=None),
            left=Q(left_at__isnull=False),
            forgotten=Q(forgotten_at__isnull=False),
        ),
    )
    list_select_related = ("user",)
    balance = money("balance", description="credit")
    steps = (
        Action(
            "confirm",
            "I have seen who they are…",
            "referrals.handle_referral",
            confirm,
            explained="You have looked at a document with their name, and it is this member. They can use "
            "credit from then on.",
            is_open=lambda member: not (member.confirmed_at or member.forgotten_at),
        ),
    )

    def get_queryset(self, request):
        accounts = ledger.balances(Account.objects.filter(member=OuterRef("pk"))).values("balance")
        return super().get_queryset(request).annotate(balance=Subquery(accounts))

    def found(self, queryset, typed):
        return queryset.filter(pk__in=[member.pk for member in desk.find_members(typed, most=100)])

    @admin.display(description="code", ordering="code")
    def spoken(self, member):
        return spoken(member.code)

    @admin.display(description="name", ordering="user__name")
    def name(self, member):
        return member.user.name

    def context_of_step(self, request, row, step, refused):
        return {"original": f"{row.user.name}, {spoken(row.code)}"}

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        referrals = (
            Referral.objects.filter(member=obj).select_related("introduction").order_by("-pk")[: SHOWN + 1]
        )
        context |= {
            "title": obj.user.name or f"Member {spoken(obj.code)}",
            "subtitle": None,
            "credit": _credit_on(request, obj.account),
            "referrals": referrals[:SHOWN],
            "more_referrals": len(referrals) > SHOWN,
        }
        return super().render_change_form(request, context, add, change, form_url, obj)


def _credit_on(request, account: Account) -> dict:
    """What a screen shows of an account: its sums, its last transfers, and what may be done with it."""
    book, now = book_of(account), timezone.now()
    accounts, transfers = admin.site.get_model_admin(Account), admin.site.get_model_admin(Transfer)
    adjustments = admin.site.get_model_admin(Adjustment)
    waiting = Adjustment.objects.waiting().filter(account=account).select_related("asked_by").order_by("pk")
    entries = Entries(book, now)[:SHOWN]
    rows = Transfer.objects.filter(number__in=[entry.number for entry in entries])
    rows = {row.number: row for row in rows.select_related("by", "reversal", "referral")}
    return {
        "account": account,
        "sums": sums_of(book, is_confirmed=not account.member or bool(account.member.confirmed_at), now=now),
        "moves": [
            (entry, rows[entry.number], list(transfers.steps_for(request, rows[entry.number])))
            for entry in entries
        ],
        "more": len(book.lines) > SHOWN,
        "waiting": [(adjustment, list(adjustments.steps_for(request, adjustment))) for adjustment in waiting],
        "called": account.member.code if account.member else account.referral.reference,
        "steps": list(accounts.steps_for(request, account)),
        "forms": accounts.forms_for(request, account, "redeem"),
    }


@admin.register(Referral)
class ReferralAdmin(DeskAdmin):
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
        one_of(
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
    steps = (
        Action(
            "attended",
            "They came",
            "referrals.handle_referral",
            attend,
            AttendedForm,
            is_open=lambda referral: referral.is_waiting,
            explained="The credit follows from the terms that the member accepted.",
        ),
        Action(
            "declined",
            "It brings no credit…",
            "referrals.handle_referral",
            decline,
            DeclineForm,
            takes_away=True,
            is_open=lambda referral: referral.is_waiting,
            explained="The member reads that it didn't qualify, and not why.",
        ),
    )

    def found(self, queryset, typed):
        found = desk.find_referrals(typed, most=100)
        return queryset.filter(
            Q(pk__in=[referral.pk for referral in found]) | Q(member__code=read_code(typed) or "")
        )

    @admin.display(description="friend")
    def friend(self, referral):
        typed = desk.friend_of(referral)
        return typed.name if typed else None

    @admin.display(description="member", ordering="member__code")
    def member_code(self, referral):
        return spoken(referral.member.code)

    @admin.display(description="stage")
    def stage(self, referral):
        return desk.stage_of(referral).words

    def context_of_step(self, request, row, step, refused):
        friend, words = desk.friend_of(row), " ".join(caution.words for caution in desk.cautions(row))
        return {
            "original": f"{friend.name}, {row}" if friend else f"Referral {row}",
            "facts": [("Look at this first", words)] if row.is_waiting and words else [],
        }

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        theirs, friend = (
            Account.objects.filter(referral=obj).select_related("referral__terms").first(),
            desk.friend_of(obj),
        )
        context |= {
            "title": f"{friend.name}, {obj}" if friend else f"Referral {obj}",
            "subtitle": None,
            "stage": desk.stage_of(obj),
            "friend": friend,
            "cautions": desk.cautions(obj) if obj.is_waiting else [],
            "member_spoken": spoken(obj.member.code),
            "rewards": obj.transfers.select_related("destination__member", "reversal").order_by("number"),
            "credit": _credit_on(request, theirs) if theirs else None,
            "forms": self.forms_for(request, obj, "attended"),
        }
        return super().render_change_form(request, context, add, change, form_url, obj)


# --- credit -------------------------------------------------------------------------------------------------


@admin.register(Account)
class AccountAdmin(DeskAdmin):
    list_display = ("label", "owner", "balance", "opened_at")
    list_filter = (
        one_of(
            "whose",
            members=Q(member__isnull=False),
            friends=Q(referral__isnull=False),
            the_clinics_own=~Q(house=""),
        ),
    )
    list_select_related = ("member", "referral")
    fields = ("label", "owner", "balance", "opened_at")
    ordering = ("-pk",)
    balance = money("balance", description="credit")
    steps = (
        Action(
            "redeem",
            "Redeem…",
            "referrals.redeem_credit",
            redeem,
            RedeemForm,
            is_open=lambda account: (
                not account.house and (account.member is None or bool(account.member.confirmed_at))
            ),
        ),
        Action(
            "adjust",
            "Adjust…",
            "referrals.adjust_credit",
            adjust,
            AdjustForm,
            is_open=lambda account: not account.house,
            takes_away=True,
        ),
    )

    def get_queryset(self, request):
        return ledger.balances(
            super().get_queryset(request).select_related("member__user", "referral__terms")
        )

    def found(self, queryset, typed):
        code = read_code(typed) or ""
        return queryset.filter(Q(member__code=code) | Q(referral__in=desk.find_referrals(typed, most=100)))

    @admin.display(description="account")
    def label(self, account):
        return account.label

    @admin.display(description="whose")
    def owner(self, account):
        return desk.owner_of(account)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        account = self.get_object(request, unquote(object_id))
        if account and not account.house and self.has_view_permission(request, account):
            return redirect(_address_of_owner(account))
        return super().change_view(request, object_id, form_url, extra_context)

    def context_of_step(self, request, row, step, refused):
        if row.house:
            return {}
        book, now = book_of(row), timezone.now()
        usable = rewards.usable(row, book, now)
        facts = [("Credit", cash(book.balance)), ("Usable today", cash(usable))]
        if step.name == "adjust":
            alone = max(0, rewards.alone_cents(now) - rewards.moved_alone(row, now))
            facts.append(("Without a second manager", f"{cash(alone)} at most"))
        name = f"{row.member.user.name}, {spoken(row.member.code)}" if row.member else desk.owner_of(row)
        return {"original": name, "facts": facts}


def can_be_reversed(transfer: Transfer) -> bool:
    return not (transfer.reverses_id or transfer.key.startswith("expiry:") or hasattr(transfer, "reversal"))


def why_not_reversed(transfer: Transfer) -> str:
    try:
        rewards.what_comes_back(transfer)
    except Refused as why:
        return str(why)
    return ""


@admin.register(Transfer)
class TransferAdmin(DeskAdmin):
    list_display = ("number", "at", "from_", "to", "amount", "referral", "invoice", "by")
    list_filter = (
        one_of(
            "kind",
            reward=Q(source__house=House.PROMOTIONS),
            reward_taken_back=Q(destination__house=House.PROMOTIONS),
            redemption=Q(destination__house=House.REDEEMED),
            redemption_given_back=Q(source__house=House.REDEEMED),
            expired=Q(destination__house=House.EXPIRED),
            adjustment=Q(source__house=House.ADJUSTMENTS) | Q(destination__house=House.ADJUSTMENTS),
        ),
        ("at", When),
    )
    list_select_related = (
        "source__member",
        "source__referral",
        "destination__member",
        "destination__referral",
        "referral",
        "by",
    )
    fields = (
        "number",
        "at",
        "from_",
        "to",
        "amount",
        "referral",
        "spent_on",
        "invoice",
        "reason",
        "by",
        "approved_by",
        "reverses",
        "key",
        "digest",
    )
    amount = money("cents", description="amount", ordering="cents")
    steps = (
        Action(
            "reverse",
            "Reverse…",
            "referrals.reverse_transfer",
            reverse_transfer,
            ReverseForm,
            is_open=can_be_reversed,
            closed=why_not_reversed,
            takes_away=True,
            explained="The transfer stays as it is, and another one takes it back.",
        ),
    )

    def get_urls(self):
        receipt = self.admin_site.admin_view(self.receipt_view)
        return [
            path("<path:object_id>/receipt/", receipt, name=self.url_name("receipt")),
            *super().get_urls(),
        ]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related(*self.list_select_related, "reversal")

    def found(self, queryset, typed):
        number, code = int(typed) if typed.isdecimal() and len(typed) < 16 else 0, read_code(typed) or ""
        theirs = Account.objects.filter(
            Q(member__code=code) | Q(referral__in=desk.find_referrals(typed, most=100))
        )
        return queryset.filter(
            Q(number=number) | Q(invoice=typed) | Q(source__in=theirs) | Q(destination__in=theirs)
        )

    @admin.display(description="from")
    def from_(self, transfer):
        return desk.owner_of(transfer.source)

    @admin.display(description="to")
    def to(self, transfer):
        return desk.owner_of(transfer.destination)

    def context_of_step(self, request, row, step, refused):
        facts = [
            ("Amount", cash(row.cents)),
            ("From", desk.owner_of(row.source)),
            ("To", desk.owner_of(row.destination)),
        ]
        if why_not_reversed(row):
            return {"facts": facts}
        back, lost = rewards.what_comes_back(row)
        return {"facts": [*facts, ("Comes back", cash(back)), ("Is lost, because it was spent", cash(lost))]}

    def receipt_view(self, request, object_id):
        """What the desk prints for a redemption.

        It says what kind of thing was paid, and nothing of anybody's health.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        transfer = self.get_object(request, unquote(object_id))
        if transfer is None or transfer.destination.house != House.REDEEMED:
            raise Http404
        account = transfer.source
        left = next(line.balance for line in book_of(account).lines if line.row["number"] == transfer.number)
        at = timezone.localtime(transfer.at)
        rows = [
            ("Receipt", transfer.number),
            ("Date", f"{desk.day(at)}, {at:%H:%M}"),
            ("For", transfer.spent_on),
            ("Invoice", transfer.invoice),
            ("Credit of", desk.owner_of(account)),
            ("Credit left", cash(left)),
            ("Served by", transfer.by),
        ]
        now = timezone.now()
        if (usable := rewards.usable(account, book_of(account), now)) != left:
            rows.insert(6, (f"Of that usable on {desk.day(now)}", cash(usable)))
        if reversal := getattr(transfer, "reversal", None):
            rows.append(("Reversed", f"{desk.day(reversal.at)}: the credit was given back"))
        receipt = {"title": "Paid with credit", "amount": cash(transfer.cents), "rows": rows}
        return _page(
            request,
            "admin/referrals/receipt.html",
            title=f"Receipt {transfer.number}",
            receipt=receipt,
            back=_address_of_owner(account),
        )


@admin.register(Reversal)
class ReversalAdmin(DeskAdmin):
    list_display = ("of", "back", "lost", "because", "by", "at")
    list_select_related = ("of", "transfer", "by")
    list_filter = (("at", When),)
    fields = ("of", "transfer", "back", "lost", "because", "by", "at")
    ordering = ("-pk",)
    lost = money("lost_cents", description="lost")

    def found(self, queryset, typed):
        return queryset.filter(of__number=int(typed) if typed.isdecimal() and len(typed) < 16 else 0)

    @admin.display(description="came back")
    def back(self, reversal):
        return written(reversal.transfer.cents if reversal.transfer else 0)


@admin.register(Adjustment)
class AdjustmentAdmin(DeskAdmin):
    list_display = ("asked_at", "owner", "amount", "because", "asked_by", "state")
    list_select_related = ("account__member", "account__referral", "asked_by", "approved_by", "refused_by")
    list_filter = (
        one_of(
            "state",
            waiting=Q(needs_second=True, approved_at=None, refused_at=None),
            approved=Q(approved_at__isnull=False),
            turned_down=Q(refused_at__isnull=False),
        ),
    )
    fields = ("owner", "amount", "because", "asked_by", "asked_at", "state")
    ordering = ("-pk",)
    amount = money("cents", description="amount")
    steps = (
        Action(
            "approve",
            "Approve…",
            "referrals.adjust_credit",
            approve,
            is_open=lambda adjustment: adjustment.is_waiting,
            is_for=lambda user, adjustment: adjustment.asked_by_id != user.pk,
            explained="The credit moves at once.",
        ),
        Action(
            "turn-down",
            "Turn down…",
            "referrals.adjust_credit",
            turn_down,
            is_open=lambda adjustment: adjustment.is_waiting,
            explained="Nothing moves, now or later.",
            takes_away=True,
        ),
    )

    def found(self, queryset, typed):
        return queryset.filter(account__member__code=read_code(typed) or "")

    @admin.display(description="whose")
    def owner(self, adjustment):
        return desk.owner_of(adjustment.account)

    @admin.display(description="state")
    def state(self, adjustment):
        if adjustment.refused_at:
            return f"turned down by {adjustment.refused_by}"
        if adjustment.approved_at:
            return f"approved by {adjustment.approved_by}"
        return "waiting for a second manager" if adjustment.needs_second else "moved at once"

    def context_of_step(self, request, row, step, refused):
        facts = [
            ("Whose", desk.owner_of(row.account)),
            ("Amount", cash(row.cents)),
            ("Why", row.because),
            ("Asked by", row.asked_by),
        ]
        return {"facts": facts}


# --- the programme ------------------------------------------------------------------------------------------


class TermsForm(BaseForm):
    member_cents = AmountField(label="Reward for the member", help_text="Such as 50 or 12.50.")
    friend_cents = AmountField(label="Reward for the friend", least=0, initial=0, help_text="0: none.")
    alone_cents = AmountField(
        label="Adjustments by one person",
        least=0,
        initial=Terms._meta.get_field("alone_cents").default,
        help_text=Terms._meta.get_field("alone_cents").help_text,
    )
    constraint_words = {
        "a_reward_is_above_zero": "The member's reward is above zero.",
        "a_cap_is_above_zero": "The cap is above zero.",
        "one_version_a_day": "Terms of that day stand already. A change begins on another day.",
        "credit_can_be_used_before_it_expires": "Credit would expire before it can be used: give it more "
        "days.",
    }


class WrittenOnceAdmin(BaseAdmin):
    """Rows that are added and then stay as they are."""

    actions = None

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Terms)
class TermsAdmin(WrittenOnceAdmin):
    """Written once: whoever accepted a version must find it as it was. A change is a new version."""

    logs_values = True
    form = TermsForm
    add_form_template = "admin/referrals/terms_add.html"
    list_display = (
        "from_on",
        "member_reward",
        "friend_reward",
        "cap_per_year",
        "hold_days",
        "expiry_days",
        "made_at",
    )
    member_reward = money("member_cents", description="for the member")
    friend_reward = money("friend_cents", description="for the friend")

    def add_view(self, request, form_url="", extra_context=None):
        if request.method == "POST" and "_preview" in request.POST:
            form = self.get_form(request)(request.POST)
            if form.is_valid():
                # shown as it was typed, and not saved
                today = timezone.localdate()
                extra_context = {
                    "preview": reports.cost_under(form.instance, today),
                    "truth": reports.cost_in_truth(today),
                    "year": reports.year_before(today),
                }
                request.method = "GET"
        return super().add_view(request, form_url, extra_context)

    def get_changeform_initial_data(self, request):
        """New terms begin as the newest ones stand; what was typed goes before."""
        newest = Terms.objects.first()
        stands = forms.model_to_dict(newest, exclude=["from_on"]) if newest else {}
        return {**stands, **super().get_changeform_initial_data(request), **request.POST.dict()}


@admin.register(Switch)
class SwitchAdmin(WrittenOnceAdmin):
    logs_values = True
    list_display = ("at", "is_open", "because", "by")
    list_select_related = ("by",)

    def save_model(self, request, obj, form, change):
        obj.by = request.user
        super().save_model(request, obj, form, change)


# --- the owner's report -------------------------------------------------------------------------------------


@admin.site.page(
    "referrals/report/",
    name="referrals_report",
    permission="referrals.view_report",
    title="What the clinic owes",
)
@require_safe
def report(request):
    form = DayForm(request.GET if "on" in request.GET else {"on": timezone.localdate()}, label_suffix="")
    on = form.cleaned_data["on"] if form.is_valid() else timezone.localdate()
    return _page(
        request,
        "admin/referrals/report.html",
        title="What the clinic owes",
        form=form,
        on=on,
        tables=reports.tables(on),
    )


@admin.site.page(
    "referrals/report/<slug:name>.csv", name="referrals_report_csv", permission="referrals.view_report"
)
@require_safe
def report_csv(request, name):
    if name == "ledger":
        response = StreamingHttpResponse(ledger_rows(), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="ledger-{timezone.localdate()}.csv"'
        return response
    form = DayForm(request.GET)
    table = reports.tables(form.cleaned_data["on"]).get(name) if form.is_valid() else None
    if table is None:
        raise Http404
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{form.cleaned_data["on"]}.csv"'
    csv.writer(response).writerows(table.plain())
    return response
