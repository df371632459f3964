"""/healthz and /readyz: they answer probes from anywhere, and tell the truth about database and broker."""

import pytest
from django.db import connection
from kombu import Connection

from config import health


def test_healthz_answers_whatever_the_host_and_without_tls(client, settings):
    settings.ALLOWED_HOSTS = ["touchstone.example"]
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get("/healthz", headers={"host": "10.0.0.7:8600"})
    assert (answer.status_code, answer.content) == (200, b"ok")


@pytest.mark.django_db
def test_readyz_is_ready_with_database_and_broker(client):
    answer = client.get("/readyz", headers={"host": "10.0.0.7:8600"})
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "database": True, "broker": True}


@pytest.mark.django_db
def test_readyz_names_a_database_that_is_away(client, monkeypatch, caplog):
    def refuse(*_):
        raise OSError("connection refused")

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "database": False, "broker": True}
    assert "connection refused" in caplog.text


@pytest.mark.django_db
def test_readyz_names_a_redis_that_is_away(client, settings, monkeypatch):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(health.app, "connection_for_write", lambda **options: Connection(settings.REDIS_URL, **options))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["broker"] is False


@pytest.mark.django_db
def test_readyz_names_a_broker_folder_that_is_gone(client, settings, tmp_path):
    settings.REDIS_URL = ""
    settings.BROKER_DIR = tmp_path / "gone"
    assert client.get("/readyz").json()["broker"] is False


@pytest.mark.redis
@pytest.mark.django_db
def test_readyz_asks_a_redis_that_is_there(client, settings, monkeypatch, redis_url):
    settings.REDIS_URL = redis_url
    monkeypatch.setattr(health.app, "connection_for_write", lambda **options: Connection(redis_url, **options))
    assert client.get("/readyz").json()["broker"] is True


def test_other_addresses_still_refuse_a_foreign_host(client, settings):
    settings.ALLOWED_HOSTS = ["touchstone.example"]
    assert client.get("/login/", headers={"host": "evil.example"}).status_code == 400
