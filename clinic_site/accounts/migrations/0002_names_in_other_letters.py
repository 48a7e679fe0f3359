from django.db import migrations

from clinic_site.text.normalise import normal_email, plain_words, surname_first


def find_by_the_new_keys(apps, schema_editor):
    """Names with letters that don't decompose (ł, ø) are found by what people type for them."""
    users = apps.get_model("accounts", "User").objects.using(schema_editor.connection.alias)
    for user in users.only("name", "email", "name_key", "surname_key", "same_email").iterator():
        keys = plain_words(user.name)[:254], surname_first(user.name)[:254], normal_email(user.email)[:254]
        if keys != (user.name_key, user.surname_key, user.same_email):
            user.name_key, user.surname_key, user.same_email = keys
            user.save(update_fields=["name_key", "surname_key", "same_email"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(find_by_the_new_keys, migrations.RunPython.noop)]
