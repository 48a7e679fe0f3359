from django.db import migrations, models

import referrals.models


class Migration(migrations.Migration):

    dependencies = [
        ('referrals', '0003_how_friends_are_found'),
    ]

    operations = [
        migrations.AlterField(
            model_name='member',
            name='named_as',
            field=models.CharField(blank=True, help_text='What a friend reads who opens your link. Empty: nobody is named.', max_length=40, validators=[referrals.models.check_link_name], verbose_name='name on your link'),
        ),
        migrations.AddConstraint(
            model_name='member',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('named_as__contains', '@'), _negated=True), models.Q(('named_as__contains', '/'), _negated=True)), name='a_link_names_no_address'),
        ),
    ]
