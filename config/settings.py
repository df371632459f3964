"""All settings, from the environment; without any of it, the one-command laptop set-up.

| variable            | meaning                                              | default                    |
|---------------------|------------------------------------------------------|----------------------------|
| DATA_DIR            | database, broker, files, datasets, runs              | var/                       |
| DATABASE_URL        | e.g. postgres://user:password@host/name              | SQLite in DATA_DIR         |
| REDIS_URL           | Celery's broker                                      | a folder in DATA_DIR       |
| SECRET_KEY          | signs sessions                                       | generated once in DATA_DIR |
| ALLOWED_HOSTS       | comma-separated                                      | localhost, 127.0.0.1, [::1]|
| CSRF_TRUSTED_ORIGINS| comma-separated origins behind a proxy               | none                       |
| HTTPS               | 1: secure cookies, HSTS, redirect                    | 0                          |
| DEBUG               | 1: tracebacks in the browser                         | 0                          |
| S3_BUCKET           | media and pools in S3-compatible storage (AWS_* too) | DATA_DIR                   |
| MEDIA_MAX_BYTES     | largest file that is taken in                        | 104857600 (100 MB)         |
| MEDIA_QUOTA_BYTES   | all files of an organisation together; 0: no limit   | 0                          |
| MODELS_DIR          | model folders that pages and the API may train from  | DATA_DIR/models            |
| MODEL_SERVERS       | file of the language-model servers that judges call  | DATA_DIR/model_servers.yaml|
| BENCHMARKS_DIR      | files of benchmarks that no training data may hold   | DATA_DIR/benchmarks        |
| TOXIC_WORDS         | file of words to flag, one a line                    | a few insults              |
| SIGNING_KEY         | file of the private key that signs dataset versions  | made once in DATA_DIR      |
| SCORER_URL          | where `python -m rewardtrain serve` listens          | http://127.0.0.1:8602      |
| JOB_HEARTBEAT_SECONDS | how often a running job shows that it is alive     | 5                          |
| JOB_STALE_SECONDS   | after this silence a job goes to another worker      | 30                         |
| LOG_LEVEL           | of our own loggers                                   | INFO                       |
"""

import os
import secrets
from pathlib import Path

import dj_database_url

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("DATA_DIR") or BASE_DIR / "var").resolve()


def _flag(name: str) -> bool:
    return os.environ.get(name, "0").lower() in {"1", "true", "yes"}


def _list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def _secret_key() -> str:
    """The key from the environment, else one that is generated once and kept in DATA_DIR, readable by its owner."""
    if key := os.environ.get("SECRET_KEY"):
        return key
    path = DATA_DIR / "secret_key"
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return path.read_text()


SECRET_KEY = _secret_key()
DEBUG = _flag("DEBUG")
HTTPS = _flag("HTTPS")
ALLOWED_HOSTS = _list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = _list("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "config.apps.TouchstoneAdmin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "annotate.access",
    "annotate.jobs",
    "annotate.media",
    "annotate",
    "curation",
    "rewardtrain",
]

MIDDLEWARE = [
    "config.health.probes",
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.content_security_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "annotate.access.middleware.own_password",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
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
                "annotate.context_processors.shell",
            ]
        },
    }
]

# ---- database: SQLite in WAL mode takes its write lock at BEGIN, so that a claim never has to be retried ----
DATABASE_URL = os.environ.get("DATABASE_URL") or f"sqlite:///{DATA_DIR / 'touchstone.sqlite3'}"
DATABASES = {"default": dj_database_url.parse(DATABASE_URL)}
if "sqlite" in DATABASES["default"]["ENGINE"]:
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;",
    }
else:
    DATABASES["default"].setdefault("CONN_MAX_AGE", 600)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---- people ----
AUTH_USER_MODEL = "access.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

# ---- languages: of the interface; what is judged may be in any ----
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("es", "Español"),
    ("zh-hans", "简体中文"),
    ("ar", "العربية"),
]
LOCALE_PATHS = [BASE_DIR / "locale"]

# ---- files ----
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
if (BASE_DIR / "node_modules").is_dir():
    STATICFILES_DIRS.append(("npm", BASE_DIR / "node_modules"))
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = DATA_DIR / "media"


def _files(prefix: str, **folder: Path) -> dict[str, object]:
    """A storage below a prefix of the bucket, or in a folder where there is no bucket."""
    if bucket := os.environ.get("S3_BUCKET"):
        options = {"bucket_name": bucket, "location": prefix}
        return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": folder}


STORAGES = {
    "default": _files(""),  # without a bucket in MEDIA_ROOT
    "pools": _files("pools", location=DATA_DIR / "pools"),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_MAX_BYTES = int(os.environ.get("MEDIA_MAX_BYTES") or 100 * 1024**2)
MEDIA_QUOTA_BYTES = int(os.environ.get("MEDIA_QUOTA_BYTES") or 0)
MEDIA_MAX_PIXELS = 50_000_000  # of a picture
MEDIA_MAX_FRAME_PIXELS = 4096 * 2304  # of a video
MEDIA_MAX_SECONDS = 3600
MEDIA_MAX_PAGES = 500
MEDIA_SIGNED_SECONDS = 3600  # how long a signed address works, unless asked for less or more
MEDIA_SIGNED_MOST_SECONDS = 7 * 24 * 3600
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024**2
FILE_UPLOAD_TEMP_DIR = None

# ---- the queue: the job's row is the truth, the broker carries only its id ----
REDIS_URL = os.environ.get("REDIS_URL", "")
BROKER_DIR = DATA_DIR / "broker"
if not REDIS_URL:
    (BROKER_DIR / "control").mkdir(parents=True, exist_ok=True)
CELERY_BROKER_URL = REDIS_URL or "embedded://localhost"  # config.broker
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"visibility_timeout": 3600}
    if REDIS_URL
    else {
        "data_folder_in": str(BROKER_DIR),
        "data_folder_out": str(BROKER_DIR),
        "control_folder": str(BROKER_DIR / "control"),
        "polling_interval": 0.1,
    }
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
JOB_HEARTBEAT_SECONDS = float(os.environ.get("JOB_HEARTBEAT_SECONDS", "5"))
JOB_STALE_SECONDS = float(os.environ.get("JOB_STALE_SECONDS", "30"))
JOB_MAX_ATTEMPTS = 5

# ---- what jobs write ----
UPLOADS_DIR = DATA_DIR / "uploads"
DATASETS_DIR = DATA_DIR / "datasets"
RUNS_DIR = DATA_DIR / "runs"
MODELS_DIR = Path(os.environ.get("MODELS_DIR") or DATA_DIR / "models").resolve()
BENCHMARKS_DIR = Path(os.environ.get("BENCHMARKS_DIR") or DATA_DIR / "benchmarks").resolve()
TOXIC_WORDS = os.environ.get("TOXIC_WORDS", "")
EXPORTS_DIR = DATA_DIR / "exports"
QUALITY_DIR = DATA_DIR / "quality"
CAMPAIGNS_DIR = DATA_DIR / "campaigns"
MODEL_SERVERS = Path(os.environ.get("MODEL_SERVERS") or DATA_DIR / "model_servers.yaml")
SIGNING_DIR = DATA_DIR / "signing"
SIGNING_KEY = os.environ.get("SIGNING_KEY", "")
COMPARISONS_DIR = DATA_DIR / "comparisons"
SCORER_URL = os.environ.get("SCORER_URL", "http://127.0.0.1:8602")

# ---- API ----
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "annotate.access.authentication.ApiTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "config.api.Pages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.api.FlatJSONParser"],
    "EXCEPTION_HANDLER": "config.api.exception_handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Touchstone",
    "DESCRIPTION": "Collect preferences, curate them, train and serve reward models.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {"JobStateEnum": "annotate.jobs.models.State"},
}

# ---- security ----
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
if HTTPS:
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        name: {"level": os.environ.get("LOG_LEVEL", "INFO")}
        for name in ("annotate", "curation", "rewardtrain", "config")
    },
}
