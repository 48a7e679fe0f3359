from django.db import migrations, models


class Migration(migrations.Migration):
    """Editions that are there were submitted while their writers counted since the last submission."""

    dependencies = [("publishing", "0003_say_what_kind_of_change_an_edition_is")]

    operations = [
        migrations.AddField(
            "edition",
            "counted_since_signature",
            models.BooleanField(default=True, db_default=False, editable=False),
        ),
        migrations.AlterField(
            "edition",
            "counted_since_signature",
            models.BooleanField(default=True, db_default=True, editable=False),
        ),
    ]
