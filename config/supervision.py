"""Keep a handful of processes alive in the foreground, and end them, with all that they started, when asked.

They stay in the supervisor's own process group, so the terminal's Ctrl+C reaches all of them. On Linux the
supervisor also adopts what a dead process leaves behind, and its processes hear of its own death.
"""

import ctypes
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

LONGEST_PAUSE = 30.0  # seconds before a start, however often it failed
SETTLED = 30.0  # seconds after which a process counts as started well
LOG_BYTES = 10 * 1024**2
TAIL_LINES = 15

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class Service:
    """One process: its command, its log, and how it fares."""

    name: str
    argv: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0  # in a row, each before it had settled
    due: float | None = None  # when it is to be started again
    read_from: int = 0  # where in its log the present life begins

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def send(self, number: signal.Signals) -> None:
        """Signal the process, if there is one."""
        if self.process is not None and self.alive:
            self.process.send_signal(number)

    def tail(self) -> str:
        """The last lines that it wrote since its start."""
        with self.log.open("rb") as file:
            file.seek(max(self.read_from, self.log.stat().st_size - 8192))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-TAIL_LINES:])


class Supervisor:
    """Starts services, starts again what dies, and leaves nothing behind."""

    def __init__(self, *, env: Mapping[str, str], cwd: Path, say: Callable[[str], None]):
        self.services: list[Service] = []
        self._env, self._cwd, self._say = dict(env), cwd, say
        if _libc is not None:
            _libc.prctl(PR_SET_CHILD_SUBREAPER, 1)

    def start(self, *services: Service) -> None:
        """Start these beside those that run already."""
        for service in services:
            self.services.append(service)
            self._start(service)

    def look_after(self) -> None:
        """Notice deaths, and start again what is due; to be called a few times a second."""
        now = time.monotonic()
        for service in self.services:
            if service.due is None and service.process is not None and not service.alive:
                self._mourn(service, service.process.returncode, now)
            if service.due is not None and service.due <= now:
                self._start(service)

    def stop(self, patience: float = 7.0) -> None:
        """Ask all to end; after ``patience`` seconds end what is left, and everything that any of them started."""
        family = psutil.Process().children(recursive=True)
        for service in self.services:
            service.send(signal.SIGTERM)
        deadline = time.monotonic() + patience
        try:
            while any(service.alive for service in self.services) and time.monotonic() < deadline:
                time.sleep(0.05)
        finally:  # also when a second Ctrl+C cuts the patience short
            # The supervised go after their supervisors, who would otherwise take it for a failure of the work.
            for service in self.services:
                service.send(signal.SIGKILL)
            _kill([*family, *psutil.Process().children(recursive=True)])

    def _start(self, service: Service) -> None:
        service.log.parent.mkdir(parents=True, exist_ok=True)
        if service.log.exists() and service.log.stat().st_size > LOG_BYTES:
            service.log.replace(service.log.with_suffix(".log.1"))
        with service.log.open("ab") as log:
            service.read_from = log.tell()
            service.process = subprocess.Popen(
                service.argv,
                env=self._env,
                cwd=self._cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=_end_with_parent,
            )
        service.started, service.due = time.monotonic(), None

    def _mourn(self, service: Service, code: int, now: float) -> None:
        """Say what happened, remove what the dead process left, and settle when to start it again."""
        service.deaths = 1 if now - service.started > SETTLED else service.deaths + 1
        pause = min(LONGEST_PAUSE, 0.25 * 2**service.deaths)
        service.due = now + pause
        self._say(f"{service.name} ended ({_how(code)}); starting it again in {pause:g} s.")
        if service.deaths == 3:
            self._say(f"The end of its log, {service.log}:\n{service.tail()}")
        ours = {other.process.pid for other in self.services if other.process is not None}
        orphans = [child for child in psutil.Process().children() if child.pid not in ours]
        _kill([*orphans, *(grandchild for orphan in orphans for grandchild in orphan.children(recursive=True))])


def _end_with_parent() -> None:
    """In the child: on Linux, be told to end when the supervisor is killed."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _how(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(processes, timeout=2)
