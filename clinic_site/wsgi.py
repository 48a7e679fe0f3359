import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic_site.settings")
django_application = get_wsgi_application()

# what follows needs the settings, and the models
from clinic_site.operations.request_bodies import with_lengths  # noqa: E402
from clinic_site.operations.shared_parts import refuse_another_key  # noqa: E402

refuse_another_key()
application = with_lengths(django_application)
