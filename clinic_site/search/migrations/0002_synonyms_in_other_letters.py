from django.db import migrations

from clinic_site.text.stemming import stemmed


def find_by_the_new_stems(apps, schema_editor):
    """Words with letters that don't decompose (ł, ø), or typed in others that look alike, are found again: what
    is searched for is read so, too.
    """
    rows = apps.get_model("search", "Synonym").objects.using(schema_editor.connection.alias)
    for row in rows.iterator():
        if row.stems != (stems := stemmed(row.words)):
            row.stems = stems
            row.save(update_fields=["stems"])


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]
    operations = [migrations.RunPython(find_by_the_new_stems, migrations.RunPython.noop)]
