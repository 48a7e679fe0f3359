from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('referrals', '0003_telephone_numbers_by_country'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='referral',
            name='declined_is_whole',
        ),
        migrations.AddConstraint(
            model_name='referral',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('declined_at', None), ('declined_because', None), ('declined_by', None)), models.Q(('declined_at__isnull', False), ('declined_because__in', ['known', 'self', 'twice', 'never', 'late', 'minor', 'staff']), ('declined_because__isnull', False), ('declined_by__isnull', False)), _connector='OR'), name='declined_is_whole'),
        ),
    ]
