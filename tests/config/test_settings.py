"""Settings come from the environment, and without any the product runs on one machine."""

import json
import stat

import pytest


@pytest.fixture
def read(installation):
    """The values of some settings under an environment."""

    def read(*names, **env):
        code = "import json, sys; from config import settings\n"
        code += "print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}, default=str))"
        done = installation.run("python", "-c", code, *names, **env)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return read


def test_everything_is_embedded_by_default(read, installation):
    values = read("DATABASES", "CELERY_BROKER_URL", "MEDIA_ROOT", "STORAGES", "DEBUG", "SCORER_URL")
    database = values["DATABASES"]["default"]
    assert database["ENGINE"] == "django.db.backends.sqlite3"
    assert database["NAME"] == str(installation.folder / "touchstone.sqlite3")
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert values["CELERY_BROKER_URL"] == "embedded://localhost"
    assert values["MEDIA_ROOT"] == str(installation.folder / "media")
    assert values["STORAGES"]["default"]["BACKEND"] == "django.core.files.storage.FileSystemStorage"
    assert values["DEBUG"] is False
    assert values["SCORER_URL"] == "http://127.0.0.1:8602"
    assert (installation.folder / "broker" / "control").is_dir()


def test_sqlite_writes_ahead(installation):
    code = "from django.db import connection\nresult = connection.cursor().execute('PRAGMA journal_mode').fetchone()"
    assert installation.python(code) == ["wal"]


def test_postgres_redis_and_object_storage(read):
    values = read(
        "DATABASES", "CELERY_BROKER_URL", "CELERY_BROKER_TRANSPORT_OPTIONS", "STORAGES",
        DATABASE_URL="postgres://ann:secret@db.example:5433/touch", REDIS_URL="redis://cache.example:6379/1",
        S3_BUCKET="media-bucket",
    )  # fmt: skip
    database = values["DATABASES"]["default"]
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db.example", 5433, "touch")
    assert "OPTIONS" not in database or "transaction_mode" not in database["OPTIONS"]
    assert values["CELERY_BROKER_URL"] == "redis://cache.example:6379/1"
    assert "data_folder_in" not in values["CELERY_BROKER_TRANSPORT_OPTIONS"]
    assert values["STORAGES"]["default"]["OPTIONS"]["bucket_name"] == "media-bucket"


def test_an_empty_variable_counts_as_unset(read):
    values = read("DATABASES", "CELERY_BROKER_URL", DATABASE_URL="", REDIS_URL="", S3_BUCKET="")
    assert values["DATABASES"]["default"]["ENGINE"] == "django.db.backends.sqlite3"
    assert values["CELERY_BROKER_URL"] == "embedded://localhost"


@pytest.mark.parametrize(("https", "secure"), [("0", False), ("1", True)])
def test_https_makes_cookies_secure(read, https, secure):
    values = read("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", HTTPS=https)
    assert set(values.values()) == {secure}


def test_https_tells_browsers_to_stay_with_it(read):
    assert read("SECURE_HSTS_SECONDS", HTTPS="1")["SECURE_HSTS_SECONDS"] >= 31_536_000


def test_a_deployment_behind_https_has_no_warning(installation):
    done = installation.run(
        "python", "manage.py", "check", "--deploy", "--fail-level", "WARNING",
        HTTPS="1", ALLOWED_HOSTS="touchstone.example", CSRF_TRUSTED_ORIGINS="https://touchstone.example",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_secret_key_is_made_once_and_kept_from_others(read, installation):
    first = read("SECRET_KEY")
    path = installation.folder / "secret_key"
    assert first["SECRET_KEY"] == path.read_text()
    assert len(first["SECRET_KEY"]) >= 50
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read("SECRET_KEY") == first
    assert read("SECRET_KEY", SECRET_KEY="from-outside")["SECRET_KEY"] == "from-outside"


def test_lists_are_separated_by_commas(read):
    values = read("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", ALLOWED_HOSTS="a.example, b.example,")
    assert values == {"ALLOWED_HOSTS": ["a.example", "b.example"], "CSRF_TRUSTED_ORIGINS": []}
