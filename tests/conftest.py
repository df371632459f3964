"""Fixtures that all tests share. What a machine lacks skips with one line; with REQUIRE_ALL=1 it fails."""

import os
from pathlib import Path

import pytest


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
