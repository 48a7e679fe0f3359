from django.db import migrations, models

from clinic_site.text.normalise import normal_email, plain_words, surname_first
from clinic_site.text.phones import phone_key


def country_of_the_clinic(connection) -> str:
    if "clinic_details" not in connection.introspection.table_names():
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT country FROM clinic_details WHERE id = 1")
        row = cursor.fetchone()
    return row[0] if row else ""


def find_by_the_new_keys(apps, schema_editor):
    country = country_of_the_clinic(schema_editor.connection)
    rows = apps.get_model("referrals", "Introduction").objects.using(schema_editor.connection.alias)
    for row in rows.iterator():
        row.name_key, row.surname_key = plain_words(row.name)[:254], surname_first(row.name)[:254]
        row.same_email, row.same_phone = normal_email(row.email)[:254], phone_key(row.phone, country)
        row.save(update_fields=["name_key", "surname_key", "same_email", "same_phone"])


class Migration(migrations.Migration):
    dependencies = [("referrals", "0002_calendar_days_and_earned_terms")]
    operations = [
        migrations.AlterField(
            "introduction",
            "phone",
            models.CharField(blank=True, max_length=30, verbose_name="your phone number"),
        ),
        migrations.AlterField(
            "introduction",
            "same_phone",
            models.CharField(blank=True, db_index=True, editable=False, max_length=16),
        ),
        migrations.RunPython(find_by_the_new_keys, migrations.RunPython.noop),
    ]
