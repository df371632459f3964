"""A Touchstone of its own for each test: a scratch data folder, and real processes on it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]


class Installation:
    """A data folder with a migrated SQLite database, and the processes that a test starts on it."""

    def __init__(self, folder: Path, **env: str) -> None:
        self.folder = folder
        left_out = {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "HOST", "PORT", "DJANGO_ALLOW_ASYNC_UNSAFE"}
        self.env = {name: value for name, value in os.environ.items() if name not in left_out}
        self.env |= {"DATA_DIR": str(folder), "PYTHONPATH": str(Path(__file__).parent), "PYTHONUNBUFFERED": "1", **env}
        self._started: list[subprocess.Popen[str]] = []

    def run(self, *argv: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; ``python`` is the suite's own."""
        return subprocess.run(
            self._argv(argv),
            env={**self.env, **env},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=90,
        )

    def start(self, *argv: str, log: str = "process.log", **env: str) -> subprocess.Popen[str]:
        """Start a process in a group of its own; what it prints goes to a file of the data folder."""
        with (self.folder / log).open("a") as file:
            process = subprocess.Popen(
                self._argv(argv),
                env={**self.env, **env},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        self._started.append(process)
        return process

    def python(self, code: str, **env: str) -> Any:
        """Run code after ``django.setup()``; returns what it assigned to ``result``, through JSON."""
        head = "import json, os, django\nos.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'\ndjango.setup()\n"
        done = self.run("python", "-c", f"{head}{code}\nprint(json.dumps(result))", **env)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def read(self, log: str = "process.log") -> str:
        path = self.folder / log
        return path.read_text(errors="replace") if path.exists() else ""

    def processes(self) -> list[psutil.Process]:
        """Every living process of this machine that works on this data folder."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("DATA_DIR") == str(self.folder) and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def close(self) -> None:
        for process in self._started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        for left in self.processes():
            left.kill()

    @staticmethod
    def _argv(argv: tuple[str, ...]) -> list[str]:
        return [sys.executable if word == "python" else word for word in argv]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a fresh database, to be copied."""
    folder = tmp_path_factory.mktemp("migrated")
    done = Installation(folder).run("python", "manage.py", "migrate", "--verbosity", "0")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def installation(migrated: Path, tmp_path: Path) -> Iterator[Installation]:
    folder = tmp_path / "data"
    shutil.copytree(migrated, folder)
    installation = Installation(folder)
    yield installation
    installation.close()


@pytest.fixture
def wait_until() -> Callable[..., None]:
    """Wait for something to become true, else fail with what is known by then."""

    def wait(true: Callable[[], Any], seconds: float = 90, else_show: Callable[[], Any] = lambda: "") -> None:
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, f"not within {seconds} s\n{else_show()}"
            time.sleep(0.05)

    return wait
