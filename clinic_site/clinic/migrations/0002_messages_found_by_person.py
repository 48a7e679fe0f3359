from django.db import migrations, models

from clinic_site.text.normalise import normal_email, plain_words, surname_first
from clinic_site.text.phones import phone_key


def find_by_keys(apps, schema_editor):
    alias = schema_editor.connection.alias
    details = apps.get_model("clinic", "Details").objects.using(alias).only("country").first()
    for row in apps.get_model("clinic", "Message").objects.using(alias).iterator():
        row.name_key, row.surname_key = plain_words(row.name)[:254], surname_first(row.name)[:254]
        row.same_email = normal_email(row.email)[:254]
        row.same_phone = phone_key(row.phone, details.country if details else "")
        row.save(update_fields=["name_key", "surname_key", "same_email", "same_phone"])


def key(length: int) -> models.CharField:
    return models.CharField(blank=True, db_index=True, default="", editable=False, max_length=length)


class Migration(migrations.Migration):
    dependencies = [("clinic", "0001_initial")]
    operations = [
        *(
            migrations.AddField("message", name, key(length), preserve_default=False)
            for name, length in (("name_key", 254), ("surname_key", 254), ("same_email", 254), ("same_phone", 16))
        ),
        migrations.AlterField(
            "message",
            "phone",
            models.CharField(blank=True, max_length=30, verbose_name="your phone number"),
        ),
        migrations.RunPython(find_by_keys, migrations.RunPython.noop),
    ]
