"""Sixteen real processes on one queue: never too many on a task, and no answer lost, on both databases."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


def besiege(folder: Path, overlap: int, database_url: str = "") -> dict:
    left_out = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")
    env = {name: value for name, value in os.environ.items() if name not in left_out}
    env |= {"DATA_DIR": str(folder), "PYTHONPATH": str(ROOT)}
    if database_url:
        env["DATABASE_URL"] = database_url

    def run(*argv: str) -> str:
        done = subprocess.run([sys.executable, *argv], cwd=ROOT, env=env, capture_output=True, text=True, timeout=170)
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout

    run("manage.py", "migrate", "--verbosity", "0")
    return json.loads(run(str(Path(__file__).parent / "worker_for_tests.py"), str(overlap), "7").splitlines()[-1])


def check(result: dict, overlap: int) -> None:
    assert result["breaches"] == []
    assert result["looks"] > 5, "the invariant was looked at all the while"
    assert result["lost"] == []
    assert result["failed"] == [], "no process ended in an error"
    assert result["left_running"] == 0
    assert result["finished"] == result["tasks"]
    assert result["counted"] == overlap * result["tasks"]
    # Otherwise the siege was none.
    assert result["killed"] > 0
    assert result["expired"] > 0
    assert result["sent"] >= result["counted"] - result["killed"]


@pytest.mark.parametrize("overlap", [1, 3])
def test_sqlite(tmp_path, overlap):
    check(besiege(tmp_path, overlap), overlap)


@pytest.mark.postgres
@pytest.mark.parametrize("overlap", [1, 3])
def test_postgresql(tmp_path, overlap, postgres_url):
    check(besiege(tmp_path, overlap, postgres_url), overlap)
