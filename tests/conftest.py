"""Fixtures that all tests share. What a machine lacks skips with one line; with REQUIRE_ALL=1 it fails."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as properties

# Before torch is imported, here and in what tests start: two test processes on two cores, each with threads that wait
# for one another by spinning, take several times as long.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell hands an ignored SIGINT to what it starts in the background, and that to its children, which Ctrl+C cannot end
# then; a handler is not handed on.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A machine that does other work besides is slow, not wrong.
properties.register_profile("touchstone", deadline=None, suppress_health_check=[HealthCheck.too_slow])
properties.load_profile("touchstone")


def lacking(reason: str) -> None:
    """Skip, or fail where everything is required."""
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real annotations."""
    folder = os.environ.get("TOUCHSTONE_DATA", "")
    if not folder or not Path(folder).is_dir():
        lacking("TOUCHSTONE_DATA names no folder of real annotations")
    return Path(folder)


@pytest.fixture(scope="session")
def redis_url() -> str:
    """A Redis that tests may write to."""
    url = os.environ.get("REDIS_URL", "")
    if not url:
        lacking("REDIS_URL names no Redis")
    return url


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """SQLite in a file, as in real life: in memory, the threads of a live server would share one connection."""
    from django.conf import settings

    if "sqlite" in settings.DATABASES["default"]["ENGINE"]:
        path = tmp_path_factory.mktemp("database") / "test.sqlite3"
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(path)


@pytest.fixture
def world(db: None, settings: Any, tmp_path: Path) -> Any:
    """An organisation at work: see tests/world.py."""
    from tests.world import World

    settings.MEDIA_ROOT = tmp_path / "media"
    return World()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """An empty PostgreSQL database of this session's own, on the server that DATABASE_URL names."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        lacking("DATABASE_URL names no PostgreSQL")
    import psycopg

    name = f"touchstone_tests_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield urlsplit(url)._replace(path=f"/{name}").geturl()
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """A bucket of a server on the loopback that speaks S3, as an operator's variables name it."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL_S3": f"http://{host}:{port}",
        }.items():  # fmt: skip
            patch.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket="touchstone")
        yield "touchstone"
    server.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The system's Chromium, headless, as a Playwright browser."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        lacking("there is no Chromium")
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread; Django must not take the tests' queries for asynchronous ones.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    quiet = ("no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking")
    flags = [f"--{flag}" for flag in (*quiet, "disable-component-update", "disable-sync")]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()
