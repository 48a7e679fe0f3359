"""The site's own settings, on a data folder that goes when the tests end.

Nothing of the developer's shell comes in, but for DATABASE_URL.
"""

import atexit
import os
import shutil
import tempfile

for _name in (
    "ALLOWED_HOSTS BEHIND_PROXY CACHE_URL DEBUG DEFAULT_FROM_EMAIL EMAIL_URL HSTS_PRELOAD "
    "SECRET_KEY_FALLBACKS SOLE_CLINICIAN STARTER_PASSWORD TIME_ZONE WITHDRAW_OVERDUE"
).split():
    os.environ.pop(_name, None)
os.environ["SITE_URL"] = "http://testserver"
os.environ["SECRET_KEY"] = "only for tests " * 4
if "PYTEST_XDIST_WORKER" not in os.environ:
    # the process that starts the workers removes it: they are stopped too hard to do that
    os.environ["TESTS_FOLDER"] = tempfile.mkdtemp(prefix="clinic-tests-")
    atexit.register(shutil.rmtree, os.environ["TESTS_FOLDER"], ignore_errors=True)
os.environ["DATA_DIR"] = os.path.join(
    os.environ["TESTS_FOLDER"], os.environ.get("PYTEST_XDIST_WORKER", "alone")
)

# a browser test leaves Playwright's event loop running in its thread, and Django would refuse the next test's
# queries there
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

from clinic_site.settings import *  # noqa: E402, F403
from clinic_site.settings import DATABASES, INSTALLED_APPS, STORAGES  # noqa: E402

INSTALLED_APPS += ["tests.notices"]

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # a file, as the site has it: a database in memory knows neither WAL nor two writers. It need not outlive
    # a power cut
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
# pages name their static files without `collectstatic` having run
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
# a slow hash is a real password's strength, and a test's waiting time
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
