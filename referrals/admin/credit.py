"""An account on its owner's screen."""

from typing import Any

from django.contrib import admin
from django.utils import timezone

from referrals.credit_lots import book_of
from referrals.models import Account, Adjustment, Transfer
from referrals.statement import Entries, sums_of

SHOWN = 20  # transfers and referrals on one screen


def credit_of(request, account: Account) -> dict:
    """What a screen shows of an account: its sums, its last transfers, and what may be done with it."""
    book, now = book_of(account), timezone.now()
    accounts: Any = admin.site.get_model_admin(Account)
    transfers: Any = admin.site.get_model_admin(Transfer)
    adjustments: Any = admin.site.get_model_admin(Adjustment)
    waiting = Adjustment.objects.waiting().filter(account=account).select_related("asked_by").order_by("pk")
    entries = Entries(book, now)[:SHOWN]
    found = Transfer.objects.filter(number__in=[entry.number for entry in entries])
    rows = {
        row.number: row for row in found.select_related("by", "reversal", "referral", "source", "destination")
    }
    return {
        "account": account,
        "sums": sums_of(book, is_confirmed=account.is_confirmed, now=now),
        "moves": [
            (entry, rows[entry.number], list(transfers.actions_for(request, rows[entry.number])))
            for entry in entries
        ],
        "more": len(book.lines) > SHOWN,
        "waiting": [
            (adjustment, list(adjustments.actions_for(request, adjustment))) for adjustment in waiting
        ],
        "called": account.member.code if account.member else account.referral and account.referral.reference,
        "row_actions": list(accounts.actions_for(request, account)),
        "forms": accounts.forms_for(request, account, "redeem"),
    }
