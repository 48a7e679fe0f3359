"""The one settings file.

Each value that a place may change is read from the environment, and what is left out is safe for production.
Staff change rows, developers change settings: nothing here is also a row.
"""

import logging
import secrets
import sys
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from environs import Env

try:
    import pysqlite3

    # Debian 12's SQLite (3.40) can corrupt a WAL database; the wheel carries a current one.
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
except ImportError:
    pass  # the Python's own SQLite: the rollback journal is used where WAL isn't sound
import sqlite3

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent

# --- where things are ---------------------------------------------------------------------------------------
DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)
SITE_URL = env.str("SITE_URL", "https://localhost").rstrip("/")
HTTPS = SITE_URL.startswith("https://")
BEHIND_PROXY = env.bool("BEHIND_PROXY", False)


def _kept_secret() -> str:
    """The secret key of this data folder: made once, readable by its owner only."""
    path = DATA_DIR / "secret.key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text().strip()


SECRET_KEY = env.str("SECRET_KEY", "") or _kept_secret()
# keys of before, while sessions, links and second factors that were made with them are still in use
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
DEBUG = env.bool("DEBUG", False)
DESIGN_PAGE = env.bool(
    "DESIGN_PAGE", not HTTPS
)  # /design/, for those who work on the site: not where patients read
ALLOWED_HOSTS = [
    urlsplit(SITE_URL).hostname,
    *env.list("ALLOWED_HOSTS", []),
    *([] if HTTPS else ["127.0.0.1", "localhost"]),
]
CSRF_TRUSTED_ORIGINS = [SITE_URL]

# --- what the project is made of ----------------------------------------------------------------------------
INSTALLED_APPS = [
    "clinic_site.backoffice.site.BackofficeAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "crispy_forms",
    "csp",
    "django_prose_editor",
    "modelsearch",
    "post_office",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "clinic_site.operations",
    "clinic_site.notifications",
    "clinic_site.audit_log",
    "clinic_site.accounts",
    "clinic_site.privacy",
    "clinic_site.backoffice",
    "clinic_site.evidence",
    "clinic_site.pages",
    "clinic_site.editorial",
    "clinic_site.charts",
    "clinic_site.publishing",
    "treatments",
    "blog",
    "clinic_site.clinic",
    "clinic_site.search",
    "clinic_site.visits",
    "referrals",
]
if find_spec("clinic_site.devtools"):  # production need not ship it
    INSTALLED_APPS.append("clinic_site.devtools")
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "clinic_site.operations.compression.compression",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "clinic_site.operations.health.health",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "clinic_site.operations.request_bodies.request_bodies",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "clinic_site.operations.typed_text.TypedText",
]
if env.bool(
    "MAINTENANCE", False
):  # after the headers and the static files, before all that needs the database
    MIDDLEWARE.insert(
        MIDDLEWARE.index("clinic_site.operations.health.health"),
        "clinic_site.operations.maintenance.maintenance",
    )
ROOT_URLCONF = "clinic_site.urls"
WSGI_APPLICATION = "clinic_site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinic_site.clinic.context.site",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.insert(0, "django.forms")
CRISPY_ALLOWED_TEMPLATE_PACKS = "forms"
CRISPY_TEMPLATE_PACK = "forms"
CRISPY_FAIL_SILENTLY = False

# --- database -----------------------------------------------------------------------------------------------
DATABASES = {
    "default": env.dj_db_url("DATABASE_URL", f"sqlite:///{DATA_DIR / 'db.sqlite3'}", conn_max_age=None)
}
# Releases before 3.51.3 can corrupt a WAL database when one connection commits while another checkpoints
# (sqlite.org/wal.html, "the WAL-reset bug"); they keep the rollback journal.
WAL_IS_SOUND = sqlite3.sqlite_version_info >= (3, 51, 3)
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": f"PRAGMA journal_mode={'WAL' if WAL_IS_SOUND else 'DELETE'};"
        "PRAGMA synchronous=FULL;PRAGMA temp_store=MEMORY;PRAGMA cache_size=-20000;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# all workers count in it how often somebody tried
CACHES = {
    "default": env.dj_cache_url("CACHE_URL", "")
    if env.str("CACHE_URL", "")
    else {
        "BACKEND": "clinic_site.operations.shared_cache.SharedFileCache",
        "LOCATION": DATA_DIR / "cache",
        "OPTIONS": {"MAX_ENTRIES": 5000},
    }
}

# --- people -------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "account_login"
AUTHENTICATION_BACKENDS = ["clinic_site.accounts.adapters.PasswordBackend"]
PASSWORD_RESET_TIMEOUT = 60 * 60  # seconds that a link for a new password is open
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
# Staff sign in on the library's pages, each of which is named in clinic_site/accounts/sign_in.py
# (docs/decisions/010); members by a code, on pages of our own (docs/decisions/007).
ACCOUNT_ADAPTER = "clinic_site.accounts.adapters.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]  # the sign-in asks for a password then; nobody signs up
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_FORMS = {
    "login": "clinic_site.accounts.second_factor_forms.SignInForm",
    "reauthenticate": "clinic_site.accounts.second_factor_forms.PasswordForm",
}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = 3
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 8, "dashed": False}
# "ip" is a visitor's network address, "key" the mailbox that a code is for
ACCOUNT_RATE_LIMITS = {
    "send_code": "30/h/ip,6/h/key,20/d/key",
    "enter_code": "100/h/ip,20/h/key,60/d/key",
    "introduce": "20/h/ip",
    "contact": "20/h/ip",
    "visit": "20/h/ip",
    "new_password": "30/h/ip,4/h/key,10/d/key",
    # of staff, failures alone: "key" is the address that somebody signs in with, or the person whose code it
    # is
    "login_failed": "100/h/ip,10/900s/key,40/d/key",
    "login": None,
    "reauthenticate": None,
}
# Staff have a second factor: demanded with https, offered without (docs/decisions/010).
MFA_ADAPTER = "clinic_site.accounts.adapters.FactorAdapter"
MFA_FORMS = {
    name: f"clinic_site.accounts.second_factor_forms.{form}"
    for name, form in {
        "authenticate": "CodeForm",
        "reauthenticate": "CodeAgainForm",
        "authenticate_webauthn": "PasskeyForm",
        "reauthenticate_webauthn": "PasskeyAgainForm",
        "activate_totp": "NewAppForm",
        "deactivate_totp": "RemoveAppForm",
        "add_webauthn": "NewPasskeyForm",
    }.items()
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1  # a telephone whose clock is half a minute off
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # to try a passkey on http://localhost
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", 1 if BEHIND_PROXY else 0)
# A clinic with one doctor may let that doctor sign their own words; the edition and the page then say so.
SOLE_CLINICIAN = env.bool("SOLE_CLINICIAN", False)
# A page whose review is overdue by more than 180 days may go by itself; patients then read why.
WITHDRAW_OVERDUE = env.bool("WITHDRAW_OVERDUE", False)

# --- language and time --------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-ca"
FORMAT_MODULE_PATH = "clinic_site.formats"
TIME_ZONE = env.str("TIME_ZONE", "America/Toronto")
USE_I18N = False  # one language; what isn't looked up costs nothing
USE_TZ = True

# --- files --------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "clinic_site.operations.static_files.BundledStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# a whole document pasted by mistake is taken, so that the form can say on the field what is too long (5 MB,
# escaped)
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000  # a draft with thirty sections and eighty claims

# --- mail ---------------------------------------------------------------------------------------------------
EMAIL_BACKEND = "post_office.EmailBackend"
_mail = env.dj_email_url("EMAIL_URL", "") if env.str("EMAIL_URL", "") else {}
for _name in ("HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_TLS", "USE_SSL"):
    if f"EMAIL_{_name}" in _mail:
        globals()[f"EMAIL_{_name}"] = _mail[f"EMAIL_{_name}"]
EMAIL_TIMEOUT = 10
EMAIL_FILE_PATH = DATA_DIR / "mail"
_host = urlsplit(SITE_URL).hostname or ""
# an address must have a real domain: a site that is tried on this machine has none
DEFAULT_FROM_EMAIL = env.str(
    "DEFAULT_FROM_EMAIL",
    f"clinic@{_host if _host.rpartition('.')[2].isalpha() and '.' in _host else 'clinic.example'}",
)
POST_OFFICE = {
    "BACKENDS": {"default": _mail.get("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")},
    "DEFAULT_PRIORITY": "medium",
    # a mail that its receiver's server doesn't take now: three days
    "MAX_RETRIES": 288,
    "RETRY_INTERVAL": timedelta(minutes=15),
    "LOG_LEVEL": 1,  # failures
    # a mail that is sent twice is known as one
    "MESSAGE_ID_ENABLED": True,
    "MESSAGE_ID_FQDN": _host,
}

# --- search -------------------------------------------------------------------------------------------------
MODELSEARCH_BACKENDS = {"default": {"BACKEND": "modelsearch.backends.database", "SEARCH_CONFIG": "simple"}}

# --- the browser is told to trust nothing else --------------------------------------------------------------
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
# browsers ship a list of such hosts: it takes months to leave it, so a clinic has to want it
SECURE_HSTS_PRELOAD = HTTPS and env.bool("HSTS_PRELOAD", False)
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "clinic_site.backoffice.form_recovery.resend_page"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-src": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}
# no page needs more of a device than its screen
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: []
    for feature in (
        "accelerometer autoplay browsing-topics camera display-capture encrypted-media gamepad geolocation "
        "gyroscope hid idle-detection interest-cohort local-fonts magnetometer microphone midi payment "
        "picture-in-picture screen-wake-lock serial storage-access usb xr-spatial-tracking"
    ).split()
}


# --- what went wrong on our side is logged, without personal data -------------------------------------------
def _in_one_line(record: logging.LogRecord) -> bool:
    """What was refused is a line; what broke tells where."""
    if record.levelno < logging.ERROR:
        record.exc_info = record.exc_text = None
    return True


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"in_one_line": {"()": "django.utils.log.CallbackFilter", "callback": _in_one_line}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["in_one_line"]}
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        # it tells whose passkey was used, by its identifier
        "fido2": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        # it tells of every look at an empty queue, and with a mail that fails, its address
        "post_office": {"handlers": ["console"], "level": "CRITICAL", "propagate": False},
    },
}
