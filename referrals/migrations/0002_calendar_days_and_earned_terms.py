from django.db import migrations, models


def note_former_rules(apps, schema_editor):
    """What was moved so far was right by the rules of then: days of 24 hours, and the terms accepted last."""
    Transfer = apps.get_model('referrals', 'Transfer')
    FormerRules = apps.get_model('referrals', 'FormerRules')
    if last := Transfer.objects.order_by('-number').first():
        FormerRules.objects.create(pk=1, until=last.at)


class Migration(migrations.Migration):

    dependencies = [
        ('referrals', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='FormerRules',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('until', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='rules_changed_once')],
            },
        ),
        migrations.RunPython(note_former_rules, migrations.RunPython.noop),
    ]
