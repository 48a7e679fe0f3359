"""Refer a friend in the admin: front desk, owner's report, and the rows of the ledger, only looked at."""

from referrals.admin import account, adjustment, front_desk, member, programme, referral, report, transfer  # noqa: F401 : they register
