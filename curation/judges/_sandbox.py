"""Runs a foreign Python program against a test, in a process that can reach as little as the system lets us arrange.

On Linux, where namespaces may be made, the process sees no network, no other process and no files but Python's own and
the system's libraries (read-only) and an empty folder in memory, and has no rights to change that. Elsewhere only
limits and Python's audit hooks hold it, which a determined program gets round: `locks` says what holds here.

Either way: no environment, limits on time, memory, output and files, new processes refused by a hook, and a deadline
after which all of its process group is killed. The verdict comes back with a code that the program is not given, so a
program that exits early or prints "passed" has not passed; one that searches the interpreter for it can cheat its test.
"""

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

MEGABYTE = 2**20
OUTPUT = MEGABYTE  # bytes that the program may print or write to one file
GRACE = 2.0  # seconds to start and stop, beside the program's own

_CONFINE = """
root=$1; python=$2; prefix=$3; shift 3
mount -t tmpfs -o size=32m,mode=755,nosuid,nodev none "$root"
for part in /usr /bin /lib /lib64 "$prefix"; do
  [ -d "$part" ] || continue
  mkdir -p "$root$part"
  mount --bind "$part" "$root$part"
  mount -o remount,bind,ro,nosuid,nodev "$root$part"
done
mkdir "$root/tmp"
exec chroot "$root" setpriv --no-new-privs --inh-caps=-all --bounding-set=-all \
  sh -c 'cd /tmp && exec "$@"' sh "$python" "$@"
"""
_NAMESPACES = ("--user", "--map-root-user", "--net", "--ipc", "--uts", "--mount", "--pid", "--fork", "--kill-child")

_HARNESS = Path(__file__).with_name("_harness.py")


@dataclass(frozen=True)
class Limits:
    """Seconds and megabytes that one test may take."""

    seconds: float = 5.0
    megabytes: int = 512

    @property
    def resources(self) -> dict[str, int]:
        """By the names of the module resource."""
        memory, seconds = self.megabytes * MEGABYTE, int(self.seconds) + 1
        fixed = {"RLIMIT_FSIZE": OUTPUT, "RLIMIT_NOFILE": 64, "RLIMIT_CORE": 0}
        return {"RLIMIT_AS": memory, "RLIMIT_CPU": seconds, **fixed}


@dataclass(frozen=True)
class Locks:
    """What holds a program here, and what does not; ``confined``: the system itself keeps it from all else."""

    confined: bool
    held: tuple[str, ...]
    lacking: tuple[str, ...]


ALWAYS = ("time", "memory", "output", "number of open files", "no environment", "no new processes (by Python's hook)")


@cache
def locks() -> Locks:
    """What this system lets us arrange, found out by trying."""
    whole = ("no network", "no files but Python's and the system's libraries", "no sight of other processes")
    if _ended(_start(True, "", "pass", Limits()), GRACE + 5) == "":
        return Locks(True, (*ALWAYS, *whole), ())
    return Locks(False, ALWAYS, tuple(f"{lock}: only by Python's hooks" for lock in whole))


def run(program: str, test: str, limits: Limits) -> str:
    """ "" where the test passes, else in a line why not."""
    return _ended(_start(locks().confined, program, test, limits), limits.seconds + GRACE)


@dataclass
class _Running:
    process: subprocess.Popen[bytes]
    said: IO[bytes]
    folder: tempfile.TemporaryDirectory[str]
    given: bytes
    code: str


def _start(confined: bool, program: str, test: str, limits: Limits) -> _Running:
    folder = tempfile.TemporaryDirectory(prefix="touchstone-program-")
    python = str(Path(sys.executable).resolve())
    argv = [python, "-I", "-S", "-B", "-c", _HARNESS.read_text()]
    if confined:
        shell = ["/bin/sh", "-ec", _CONFINE, "sh", folder.name, python, str(Path(sys.base_prefix).resolve())]
        argv = ["unshare", *_NAMESPACES, "--", *shell, *argv[1:]]
    code = secrets.token_hex(16)
    given = {"program": program, "test": test, "code": code, "limits": limits.resources}
    said = tempfile.TemporaryFile()  # noqa: SIM115 (closed by _ended)
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=subprocess.DEVNULL,
            cwd=folder.name,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"},
            start_new_session=True,
        )
    except OSError:  # no unshare on this system
        process = subprocess.Popen([python, "-c", "raise SystemExit(1)"], stdin=subprocess.PIPE, stdout=said)
    whole = json.dumps({**given, "confined": confined, "root": folder.name}).encode()
    return _Running(process, said, folder, whole, code)


def _ended(running: _Running, seconds: float) -> str:
    """Wait for the end or the deadline; then nothing of it lives on."""
    late = False
    try:
        running.process.communicate(running.given, timeout=seconds)
    except subprocess.TimeoutExpired:
        late = True
    except BrokenPipeError:
        pass
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(running.process.pid, signal.SIGKILL)
        running.process.wait()
        running.folder.cleanup()
    with running.said:
        running.said.seek(max(0, running.said.seek(0, os.SEEK_END) - 4096))
        last = running.said.read().decode(errors="replace").rpartition("\n")[2]
    if late:
        return f"took longer than {seconds - GRACE:g} seconds"
    try:
        code, verdict = json.loads(last)
    except (ValueError, TypeError):
        return "ended before the test did"
    return str(verdict) if code == running.code else "ended before the test did"
