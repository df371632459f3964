"""Run `python -m rewardtrain` as a subprocess of low priority: a crash, a cancel or memory running out
never takes the worker with it, and the worker's death ends the subprocess (its standard input closes).
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from annotate.jobs.registry import Interrupted, JobError

POLL_SECONDS = 0.5
GRACE_SECONDS = 30
# The worker is to end and has little time itself; what came after the last checkpoint is done again.
INTERRUPTED_GRACE_SECONDS = 3


def supervise(
    argv: Sequence[str], env: Mapping[str, str], *, error_file: Path, watch: Callable[[], None] = lambda: None
) -> None:
    """Run a command to its end, calling ``watch`` twice a second; whatever ``watch`` raises ends the command.

    Raises
    ------
    JobError
        With the message that the command left in ``error_file``, else with the end of what it printed.
    """
    error_file.unlink(missing_ok=True)
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        process = subprocess.Popen(argv, env=dict(env), stdin=subprocess.PIPE, stdout=output, stderr=output)
        grace = GRACE_SECONDS
        try:
            while process.poll() is None:
                watch()
                try:
                    process.wait(POLL_SECONDS)
                except subprocess.TimeoutExpired:
                    continue
            watch()
        except Interrupted:
            grace = INTERRUPTED_GRACE_SECONDS
            raise
        finally:
            _end(process, grace)
        if process.returncode != 0:
            raise JobError(_reason(process.returncode, error_file, output))


def _end(process: subprocess.Popen[bytes], grace: float) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdin is not None:
        process.stdin.close()


def _reason(code: int, error_file: Path, output: Any) -> str:
    if error_file.is_file():
        return str(json.loads(error_file.read_text())["message"])
    if code == -9:
        return "The process was killed, most likely because memory ran out: use a smaller token budget or backbone."
    output.seek(0)
    lines = output.readlines()
    if lines and lines[-1].startswith("error: "):
        return str(lines[-1].removeprefix("error: ").strip())
    return f"The process ended with code {code}. Its last words: {''.join(lines[-15:]).strip()}"


class ProgressFile:
    """Reads the lines that were added to a ``progress.jsonl`` since the last look."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._inode = self._offset = 0

    def new(self) -> list[dict[str, Any]]:
        """The new events; a line that is still being written waits for the next look."""
        if not self.path.exists():
            return []
        with self.path.open("rb") as file:
            now = os.fstat(file.fileno())
            if now.st_ino != self._inode or now.st_size < self._offset:  # a resumed run put a new log in its place
                self._inode, self._offset = now.st_ino, 0
            file.seek(self._offset)
            lines = file.read().splitlines(keepends=True)
        events = []
        for line in lines:
            if not line.endswith(b"\n"):
                break
            self._offset += len(line)
            events.append(json.loads(line))
        return events


def events(path: Path) -> list[dict[str, Any]]:
    """All events of a run's log."""
    return ProgressFile(path).new()
