"""Amounts in the clinic's currency. Within the ledger they are whole cents."""

from clinic_site.registry import branding
from referrals.templatetags.money import exactly


def cash(cents: int) -> str:
    """ "$50.00", "−$12.50", in the clinic's currency. It asks the database: not for rows of a list."""
    return exactly(cents, branding().currency_sign)
