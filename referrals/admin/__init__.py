"""Refer a friend in the admin: the front desk, the owner's report, and the rows of the ledger, which are only
looked at.
"""

from referrals.admin import account, adjustment, front_desk, member, programme, referral, report, transfer  # noqa: F401 : they register
