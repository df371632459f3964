"""The subprocess of a job: its words reach the job, and it never outlives it."""

import os
import sys
import time
from pathlib import Path

import psutil
import pytest

from annotate.jobs.registry import Cancelled, Interrupted, JobError
from rewardtrain.supervision import ProgressFile, supervise

NOTE_PID = "import os, pathlib, signal, time; pathlib.Path({folder!r}, 'pid').write_text(str(os.getpid()))\n"
SLEEP = NOTE_PID + "time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SLEEP


def run(folder: Path, code: str, watch=lambda: None) -> None:
    argv = [sys.executable, "-c", code.format(folder=str(folder))]
    supervise(argv, os.environ, error_file=folder / "error.json", watch=watch)


def raising(error: type[Exception], folder: Path):
    """A watch that raises once the process has begun."""

    def watch() -> None:
        if (folder / "pid").exists() and (folder / "pid").read_text():
            raise error

    return watch


def alive(folder: Path) -> bool:
    return psutil.pid_exists(int((folder / "pid").read_text()))


def test_a_command_that_ends_well_is_silent(tmp_path):
    run(tmp_path, "print('done')")


def test_the_message_that_the_command_left_is_the_error(tmp_path):
    message = '{{"message": "the split is empty"}}'
    code = f"import pathlib; pathlib.Path({{folder!r}}, 'error.json').write_text({message!r})\n"
    with pytest.raises(JobError, match="the split is empty"):
        run(tmp_path, code + "raise SystemExit(2)")


def test_a_message_of_an_earlier_attempt_is_forgotten(tmp_path):
    (tmp_path / "error.json").write_text('{"message": "of yesterday"}')
    with pytest.raises(JobError, match="ended with code 1") as caught:
        run(tmp_path, "raise ValueError('of today')")
    assert "ValueError: of today" in str(caught.value)


def test_a_killed_command_points_to_memory(tmp_path):
    with pytest.raises(JobError, match="memory ran out"):
        run(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")


def test_a_cancel_ends_the_command(tmp_path):
    with pytest.raises(Cancelled):
        run(tmp_path, SLEEP, raising(Cancelled, tmp_path))
    assert not alive(tmp_path)


def test_an_interruption_gives_a_command_little_time(tmp_path):
    start = time.monotonic()
    with pytest.raises(Interrupted):
        run(tmp_path, STUBBORN, raising(Interrupted, tmp_path))
    assert time.monotonic() - start < 10
    assert not alive(tmp_path)


def test_an_interruption_that_ends_the_command_too_is_no_failure(tmp_path):
    """Ctrl+C reaches both at once: the command ends by itself, and the job is interrupted, not failed."""
    over = []

    def watch() -> None:
        if over:
            raise Interrupted
        over.append(True)

    with pytest.raises(Interrupted):
        run(tmp_path, "raise SystemExit(130)", watch)


def test_progress_waits_for_whole_lines_and_survives_a_rewritten_log(tmp_path):
    path = tmp_path / "progress.jsonl"
    log = ProgressFile(path)
    assert log.new() == []
    path.write_text('{"step": 1}\n{"step"')
    assert log.new() == [{"step": 1}]
    path.write_text('{"step": 1}\n{"step": 2}\n')
    assert log.new() == [{"step": 2}]
    path.write_text('{"step": 1}\n')
    assert log.new() == [{"step": 1}]


def test_a_log_put_in_the_place_of_another_is_read_from_its_start(tmp_path):
    """However long it is by then: an offset into the old one would point into the midst of a line."""
    path, new = tmp_path / "progress.jsonl", tmp_path / "new"
    log = ProgressFile(path)
    path.write_text('{"step": 1}\n{"step": 2}\n')
    assert log.new() == [{"step": 1}, {"step": 2}]
    new.write_text('{"step": 1}\n{"kind": "resume", "step": 1}\n')
    new.replace(path)
    assert log.new() == [{"step": 1}, {"kind": "resume", "step": 1}]
