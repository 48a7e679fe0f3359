from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.urls import path
from django.utils import timezone

from clinic_site.backoffice.actions import Action, ActionResult
from clinic_site.backoffice.model_admin import choice_filter
from referrals import credit, front_desk
from referrals.admin.base import (
    DateFilter,
    ReferralsAdmin,
    address_of_owner,
    amount_column,
    render_page,
)
from referrals.amounts import cash
from referrals.codes import read_code
from referrals.credit_lots import book_of
from referrals.errors import ReferralError
from referrals.formats import amount, day
from referrals.front_desk_forms import ReverseForm
from referrals.models import Account, Reversal, Transfer
from referrals.statement import sums_of
from referrals.transfer_kinds import REDEMPTION, REVERSE, TRANSFER_KINDS, TransferKind, reversal_kind


def reverse_transfer(transfer, *, by, because):
    reversal = credit.reverse(transfer, by=by, because=because)
    came, lost = reversal.transfer.cents if reversal.transfer else 0, reversal.lost_cents
    words = f"Transfer {transfer.number} is reversed: {cash(came)} came back" + (
        f", {cash(lost)} is lost." if lost else "."
    )
    return ActionResult(words, redirect_to=address_of_owner(transfer.person))


def can_be_reversed(transfer: Transfer) -> bool:
    return reversal_kind(transfer.kind) is not None and not hasattr(transfer, "reversal")


def why_not_reversed(transfer: Transfer) -> str:
    try:
        credit.what_comes_back(transfer)
    except ReferralError as why:
        return str(why)
    return ""


def _of_kind(kind: TransferKind) -> Q:
    return Q(
        source__system=kind.source,
        destination__system=kind.destination,
        reverses__isnull=kind.reverses is None,
        key__startswith=kind.prefix,
    )


@admin.register(Transfer)
class TransferAdmin(ReferralsAdmin):
    list_display = ("number", "at", "from_", "to", "amount", "referral", "invoice", "by")
    list_filter = (
        choice_filter("kind", **{kind.name: _of_kind(kind) for kind in TRANSFER_KINDS}),
        ("at", DateFilter),
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
    amount = amount_column("cents", description="amount", ordering="cents")
    row_actions = (
        Action(
            "reverse",
            "Reverse…",
            f"referrals.{REVERSE}",
            reverse_transfer,
            ReverseForm,
            is_open=can_be_reversed,
            why_closed=why_not_reversed,
            is_destructive=True,
            help_text="The transfer stays as it is, and another one takes it back.",
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

    def search(self, queryset, typed):
        number, code = int(typed) if typed.isdecimal() and len(typed) < 16 else 0, read_code(typed) or ""
        theirs = Account.objects.filter(
            Q(member__code=code) | Q(referral__in=front_desk.find_referrals(typed, most=100))
        )
        return queryset.filter(
            Q(number=number) | Q(invoice=typed) | Q(source__in=theirs) | Q(destination__in=theirs)
        )

    @admin.display(description="from")
    def from_(self, transfer):
        return front_desk.owner_of(transfer.source)

    @admin.display(description="to")
    def to(self, transfer):
        return front_desk.owner_of(transfer.destination)

    def action_context(self, request, row, action, refused):
        facts = [
            ("Amount", cash(row.cents)),
            ("From", front_desk.owner_of(row.source)),
            ("To", front_desk.owner_of(row.destination)),
        ]
        if why_not_reversed(row):
            return {"facts": facts}
        back, lost = credit.what_comes_back(row)
        return {"facts": [*facts, ("Comes back", cash(back)), ("Is lost, because it was spent", cash(lost))]}

    def receipt_view(self, request, object_id):
        """What the desk prints for a redemption: what kind of thing was paid, nothing of anybody's health."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        transfer = self.get_object(request, unquote(object_id))
        if transfer is None or transfer.destination.system != REDEMPTION.destination:
            raise Http404
        account = transfer.source
        left = next(line.balance for line in book_of(account).lines if line.row["number"] == transfer.number)
        at = timezone.localtime(transfer.at)
        rows = [
            ("Receipt", transfer.number),
            ("Date", f"{day(at)}, {at:%H:%M}"),
            ("For", transfer.spent_on),
            ("Invoice", transfer.invoice),
            ("Credit of", front_desk.owner_of(account)),
            ("Credit left", cash(left)),
            ("Served by", transfer.by),
        ]
        now = timezone.now()
        if (usable := sums_of(book_of(account), is_confirmed=account.is_confirmed, now=now).usable) != left:
            rows.insert(6, (f"Of that usable on {day(now)}", cash(usable)))
        if reversal := getattr(transfer, "reversal", None):
            rows.append(("Reversed", f"{day(reversal.at)}: the credit was given back"))
        receipt = {"title": "Paid with credit", "amount": cash(transfer.cents), "rows": rows}
        return render_page(
            request,
            "admin/referrals/receipt.html",
            title=f"Receipt {transfer.number}",
            receipt=receipt,
            back=address_of_owner(account),
        )


@admin.register(Reversal)
class ReversalAdmin(ReferralsAdmin):
    list_display = ("of", "back", "lost", "because", "by", "at")
    list_select_related = ("of", "transfer", "by")
    list_filter = (("at", DateFilter),)
    fields = ("of", "transfer", "back", "lost", "because", "by", "at")
    ordering = ("-pk",)
    lost = amount_column("lost_cents", description="lost")

    def search(self, queryset, typed):
        return queryset.filter(of__number=int(typed) if typed.isdecimal() and len(typed) < 16 else 0)

    @admin.display(description="came back")
    def back(self, reversal):
        return amount(reversal.transfer.cents if reversal.transfer else 0)
