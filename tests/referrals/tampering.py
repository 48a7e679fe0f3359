"""What somebody does who has the database in their hands. For the fixture `copy`."""

from django.apps import apps
from django.db import connection

from referrals.models import Transfer, digest_of


def raw(sql: str, *values) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def copy_rows() -> None:
    """From here on raw SQL may do what it likes: these rows have no trigger, constraint or index."""
    schema = "main" if connection.vendor == "sqlite" else "public"
    for model in apps.get_app_config("referrals").get_models():
        table = model._meta.db_table
        raw(f"CREATE TEMPORARY TABLE {table} AS SELECT * FROM {schema}.{table}")


def chain_anew() -> None:
    digest = ""
    for transfer in Transfer.objects.order_by("number"):
        digest = digest_of(transfer.facts(), digest)
        raw("UPDATE referrals_transfer SET digest = %s WHERE number = %s", digest, transfer.number)
    raw("UPDATE referrals_head SET number = %s, digest = %s", transfer.number, digest)


def duplicate(number: int, **changes) -> None:
    """A copy of that transfer with some columns changed, as the last one, its digest and the head right."""
    columns = {field.column: f'"{field.column}"' for field in Transfer._meta.concrete_fields}
    columns |= {
        "id": "(SELECT MAX(id) + 1 FROM referrals_transfer)",
        "at": "(SELECT MAX(at) FROM referrals_transfer)",
    }
    columns |= {"number": "(SELECT MAX(number) + 1 FROM referrals_transfer)"} | changes
    listed, values = ", ".join(f'"{name}"' for name in columns), ", ".join(columns.values())
    raw(
        f"INSERT INTO referrals_transfer ({listed}) SELECT {values} FROM referrals_transfer WHERE number = "
        f"{number}"
    )
    chain_anew()
