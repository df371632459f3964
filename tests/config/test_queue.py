"""Jobs through real brokers and real workers: they arrive, and a worker's death or end loses none of them."""

import os
import signal
import sqlite3
import subprocess
import uuid

import pytest

from config.processes import commands

QUICK = {"JOB_HEARTBEAT_SECONDS": "0.3", "JOB_STALE_SECONDS": "2"}


class Queue:
    """One broker with the worker processes that a test starts on it."""

    def __init__(self, installation, **env):
        self.installation = installation
        installation.env |= env | QUICK
        self.trace = installation.folder / "trace"

    def worker(self, name: str) -> subprocess.Popen[str]:
        argv = commands(self.installation.env)[name]
        return self.installation.start(*argv, "--include", "jobs_for_tests", log=f"{name}.log")

    def send(self, name: str, seconds: float = 0.0) -> str:
        code = f"import jobs_for_tests\nresult = jobs_for_tests.send({name!r}, {str(self.trace)!r}, {seconds})"
        return self.installation.python(code)

    def lines(self) -> list[str]:
        return self.trace.read_text().splitlines() if self.trace.exists() else []

    def row(self, job: str) -> dict:
        with sqlite3.connect(self.installation.folder / "touchstone.sqlite3") as database:
            database.row_factory = sqlite3.Row
            return dict(database.execute("SELECT * FROM jobs_job WHERE id = ?", [uuid.UUID(job).hex]).fetchone())

    def logs(self) -> str:
        return "".join(path.read_text() for path in self.installation.folder.glob("*.log"))


@pytest.fixture(params=["embedded", pytest.param("redis", marks=pytest.mark.redis)])
def queue(request, installation):
    if request.param == "embedded":
        return Queue(installation)
    return Queue(installation, REDIS_URL=request.getfixturevalue("redis_url"))


@pytest.fixture
def embedded(installation):
    return Queue(installation)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["worker", "gpu"])
def test_a_worker_does_a_job(queue, name, wait_until):
    queue.worker(name)
    job = queue.send(name)
    wait_until(lambda: queue.row(job)["state"] == "done", else_show=queue.logs)
    assert queue.lines() == ["start 1", "end 1"]
    assert queue.row(job)["attempts"] == 1


@pytest.mark.slow
def test_a_job_whose_worker_is_killed_is_done_once_by_another(queue, wait_until):
    killed = queue.worker("worker")
    job = queue.send("worker", seconds=4)
    wait_until(lambda: queue.lines() == ["start 1"], else_show=queue.logs)
    os.killpg(killed.pid, signal.SIGKILL)
    queue.worker("worker")
    queue.installation.start("python", "manage.py", "reap", "--every", "0.3", log="reaper.log")
    wait_until(lambda: queue.row(job)["state"] == "done", else_show=queue.logs)
    assert queue.lines() == ["start 1", "start 2", "end 2"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["worker", "gpu"])
def test_an_orderly_end_puts_the_job_back_and_counts_as_no_attempt(embedded, name, wait_until):
    ended = embedded.worker(name)
    job = embedded.send(name, seconds=5)
    wait_until(lambda: embedded.lines() == ["start 1"], else_show=embedded.logs)
    ended.terminate()
    ended.wait(timeout=10)
    row = embedded.row(job)
    assert (row["state"], row["attempts"]) == ("queued", 0)
    assert "its worker was stopped" in row["message"].lower()
    embedded.worker(name)
    assert embedded.installation.run("python", "manage.py", "reap").returncode == 0
    wait_until(lambda: embedded.row(job)["state"] == "done", else_show=embedded.logs)
    assert embedded.lines() == ["start 1", "start 1", "end 1"]


@pytest.mark.slow
def test_a_job_sent_while_no_worker_runs_waits_for_one(embedded, wait_until):
    job = embedded.send("worker")
    assert embedded.row(job)["state"] == "queued"
    embedded.worker("worker")
    wait_until(lambda: embedded.row(job)["state"] == "done", else_show=embedded.logs)
