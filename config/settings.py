"""Every setting of the site, in the order a request meets them. The environment is read here."""

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static

from config.logs import logging_config
from config.variables import choice, database, env, flag, mail, number, redis, secret, text, words

BASE_DIR = Path(__file__).resolve().parent.parent
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env")

# Who may talk to us. Demo mode is what `make run` starts: plain HTTP, loopback only.

DEMO = flag("DEMO", default=False)
DEBUG = flag("DEBUG", default=False)
SECRET_KEY = secret("SECRET_KEY", sample="change-me")
SECRET_KEY_FALLBACKS = words("SECRET_KEY_FALLBACKS", [])
LAB_SEED_SECRET = secret("LAB_SEED_SECRET", sample="change-me")
ALLOWED_HOSTS = words("ALLOWED_HOSTS", ["127.0.0.1", "localhost"] if DEMO else [])
if not ALLOWED_HOSTS and not DEBUG:
    raise ImproperlyConfigured("ALLOWED_HOSTS is empty. Put the site's host name there.")
CSRF_TRUSTED_ORIGINS = words("CSRF_TRUSTED_ORIGINS", [])
TRUSTED_PROXIES = number(
    "TRUSTED_PROXIES", 0, least=0, most=9
)  # reverse proxies in front of the site

INSTALLED_APPS = [
    "accounts",
    "roadmap",
    "labs",
    "authoring",
    "config",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_cotton.apps.SimpleAppConfig",
    "django_htmx",
    "django_structlog",
    "health_check",
    "heroicons",
]

# The policy header stands first, so that every answer carries it, errors and static files too.

MIDDLEWARE = [
    "accounts.middleware.ContentSecurityPolicy",
    "django_structlog.middlewares.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.PersonalSettings",
    "accounts.middleware.StaffSecondFactor",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.PartErrors",
    "accounts.middleware.PartLogin",
    "accounts.middleware.OneEncoding",
    "allauth.account.middleware.AccountMiddleware",
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # the authenticator's QR code; nothing of ours uses it
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

# Templates. Cotton's loader is written out here, because its default app rewrites this list.

COTTON_DIR = "components"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.site",
            ],
            "builtins": ["django_cotton.templatetags.cotton"],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
        },
    }
]

# Data. SQLite for one host, PostgreSQL for more. Times in seconds.

DATABASES = {"default": database("DATABASE_URL", f"sqlite:///{BASE_DIR / 'db.sqlite3'}")}
DATABASE = DATABASES["default"]
if DATABASE["ENGINE"].endswith("sqlite3"):
    DATABASE["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # a read that turns into a write would fail at once
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASE["CONN_MAX_AGE"] = 60
    DATABASE["CONN_HEALTH_CHECKS"] = True
    DATABASE["OPTIONS"] = {
        "options": "-c synchronous_commit=on -c lock_timeout=5s"
        " -c idle_in_transaction_session_timeout=30s -c statement_timeout="
        + text("STATEMENT_TIMEOUT", "15s")
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {  # the database: login limits must neither count per process nor fail with Redis
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
CONTENT_PACKS = words("CONTENT_PACKS", [str(BASE_DIR / "content" / "cairn")])

# People.

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "MinimumLengthValidator": {"min_length": 8},
        "UserAttributeSimilarityValidator": {"user_attributes": ("email", "name")},
        "CommonPasswordValidator": {},
    }.items()
]
SIGNUP = choice("SIGNUP", "open" if DEMO else "invite", "open", "invite", "closed")
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {"signup": "accounts.forms.SignupForm"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = choice(
    "EMAIL_VERIFICATION", "optional" if DEMO else "mandatory", "mandatory", "optional", "none"
)
ACCOUNT_CONFIRM_EMAIL_ON_GET = False  # a mail scanner that opens links must not confirm anything
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a changed password or second factor is told to its owner
ACCOUNT_CHANGE_EMAIL = True  # one address each: a new one replaces the old when it is confirmed
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # before the address or the second factor changes
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "signup": "20/m/ip",
    "reset_password": "20/m/ip,5/m/key",
    "confirm_email": "1/3m/key",
    "invite": "30/m/ip",
}
ACCOUNT_PREVENT_ENUMERATION = True
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Cairn"
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO
STAFF_NEEDS_MFA = not DEMO  # before /admin/ opens
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "roadmap:trail"
ACCOUNT_LOGOUT_REDIRECT_URL = "roadmap:landing"

# Cookies and transport. Plain HTTP is for the demo on a loopback address only.

SECURE_COOKIES = not (DEMO or DEBUG)
COOKIE_PREFIX = "__Host-" if SECURE_COOKIES else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}session"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 14 * 24 * 3600
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # one cookie less
SECURE_SSL_REDIRECT = SECURE_COOKIES and flag("SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^health/"]  # probes speak plain HTTP from inside
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE_COOKIES else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_COOKIES
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Files. Hashed names, cached for a year; a missing file fails collectstatic, not the learner.

STATIC_URL = "static/"
STATIC_ROOT = text("STATIC_ROOT", str(BASE_DIR / "staticfiles"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Mail.

EMAIL_CONFIG = mail("EMAIL_URL", "consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = text("DEFAULT_FROM_EMAIL", "Cairn <cairn@localhost>")
SECURITY_CONTACT = text("SECURITY_CONTACT", "security@localhost")

# Language and time. UTC is stored; people see their own zone.

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True

# Bell. The LabRun row is the truth and the queue, so Celery keeps nothing that matters.
# The reasons for each value: docs/operations.md and reliability figures in docs/decisions/.

CELERY_BROKER_URL = redis("REDIS_URL", "redis://localhost:6379/0")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = False  # losing a ring is free; a message loop is not
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_TASK_DEFAULT_QUEUE = "cpu"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_DISABLE_PREFETCH = True
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 0
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for Redis and never gives up
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "health_check_interval": 10,
    "socket_keepalive": True,
    "visibility_timeout": 3600,
}

# Labs. Times in seconds. Lease, beat, turn and sweep are constants: a change needs a fault run.

LAB_TIME_LIMIT = number(
    "LAB_TIME_LIMIT", 120, least=5, most=3600
)  # the longest any one run may take
LAB_BATCH = number("LAB_BATCH", 8, least=1, most=64)  # runs that share one model at a time
LAB_WORKER_CLASS = choice("LAB_WORKER_CLASS", "cpu", "cpu", "gpu")
LAB_RUNTIME = text("LAB_RUNTIME", "labs.runtime.tokens.TokenRuntime")
LAB_MODELS = text("LAB_MODELS", str(BASE_DIR / "config" / "models.toml"))
LAB_MODEL_MEMORY = number("LAB_MODEL_MEMORY", 2_000, least=10, most=1_000_000) * 1_000_000  # bytes
LAB_TURN = 60  # how long one call of look() keeps claiming
LAB_LEASE, LAB_BEAT, LAB_SWEEP = 20, 4, 2  # five beats to a lease: a slow import loses none
LAB_QUEUED_PER_USER = 5
LAB_QUEUED_IN_ALL = 2_000
CELERY_TASK_TIME_LIMIT = LAB_TURN + LAB_TIME_LIMIT + 30  # the backstop: the child is killed
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "labs.tasks.sweep", "schedule": LAB_SWEEP, "options": {"expires": LAB_SWEEP}}
}
CELERY_BEAT_SCHEDULE_FILENAME = text("BEAT_FILE", str(BASE_DIR / ".run" / "beat"))

# What personal data each app keeps: what an export holds, what erasing removes.

PRIVACY_MODULES = ["accounts.privacy", "roadmap.privacy", "labs.privacy"]

# Admin, logs.

UNFOLD = {
    "SITE_TITLE": "Cairn",
    "SITE_HEADER": "Cairn",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("img/favicon.svg"),
        }
    ],
}
LOGGING = logging_config(
    form=choice("LOG_FORMAT", "console", "console", "json"),
    level=choice("LOG_LEVEL", "INFO", "DEBUG", "INFO", "WARNING", "ERROR"),
)
DJANGO_STRUCTLOG_CELERY_ENABLED = False  # a bell carries nothing; the run's row carries the id
