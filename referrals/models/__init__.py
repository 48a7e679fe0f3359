"""Refer a friend: its terms, who takes part, who was sent, and the ledger. All amounts are whole cents."""

from referrals.models.account import Account, label_of
from referrals.models.adjustment import Adjustment
from referrals.models.member import Acceptance, Member, check_link_name
from referrals.models.notice import Notice
from referrals.models.referral import VISIT_NUMBER, DeclineReason, Introduction, Referral, new_reference
from referrals.models.terms import Switch, Terms, things_named
from referrals.models.transfer import INVOICE, FormerRules, Head, Reversal, Transfer, digest_of, facts_of

__all__ = [
    "INVOICE",
    "VISIT_NUMBER",
    "Acceptance",
    "Account",
    "Adjustment",
    "DeclineReason",
    "FormerRules",
    "Head",
    "Introduction",
    "Member",
    "Notice",
    "Referral",
    "Reversal",
    "Switch",
    "Terms",
    "Transfer",
    "check_link_name",
    "digest_of",
    "facts_of",
    "label_of",
    "new_reference",
    "things_named",
]
