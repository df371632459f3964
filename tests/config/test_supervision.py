"""The supervisor, on small processes; each test drives one of its own, because a supervisor adopts orphans."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from config import supervision

DRIVER = """
import json, sys, time
from pathlib import Path
from config.supervision import Service, Supervisor

folder, seconds, patience = Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
programs = json.loads(sys.argv[4])
services = [Service(name, [sys.executable, "-c", code], folder / f"{name}.log") for name, code in programs.items()]
supervisor = Supervisor(env={"FOLDER": str(folder)}, cwd=folder, say=lambda line: print(line, flush=True))
supervisor.start(*services)
end = time.monotonic() + seconds
try:
    while time.monotonic() < end:
        supervisor.look_after()
        time.sleep(0.05)
finally:
    start = time.monotonic()
    supervisor.stop(patience)
    print(f"stopped after {time.monotonic() - start:.1f} s", flush=True)
"""
NOTE_PID = "import os, pathlib, time; pathlib.Path(os.environ['FOLDER'], str(os.getpid())).touch()\n"
SLEEP = NOTE_PID + "time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SLEEP
# A child in a session of its own, as a daemon would be, that outlives its parent.
WITH_CHILD = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {STUBBORN!r}], start_new_session=True)\n"


def start(
    folder: Path, programs: dict[str, str], seconds: float = 60.0, patience: float = 5.0
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(folder), str(seconds), str(patience), json.dumps(programs)],
        cwd=Path(supervision.__file__).parents[1],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def pids(folder: Path) -> list[int]:
    return [int(path.name) for path in folder.iterdir() if path.name.isdigit()]


def alive(folder: Path) -> list[int]:
    return [pid for pid in pids(folder) if psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie"]


def test_what_dies_is_started_again_and_said(tmp_path, wait_until):
    supervisor = start(tmp_path, {"sleeper": SLEEP})
    wait_until(lambda: pids(tmp_path))
    (first,) = pids(tmp_path)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: len(pids(tmp_path)) == 2)
    supervisor.send_signal(signal.SIGINT)
    said, _ = supervisor.communicate(timeout=10)
    assert "sleeper ended (SIGKILL); starting it again in 0.5 s." in said
    assert not alive(tmp_path)


def test_what_dies_again_and_again_is_given_time_and_its_log_is_shown(tmp_path):
    supervisor = start(tmp_path, {"faulty": "print('no such table'); raise SystemExit(3)"}, seconds=5)
    said, _ = supervisor.communicate(timeout=20)
    pauses = [line.rsplit(" in ")[1] for line in said.splitlines() if line.startswith("faulty ended (exit code 3)")]
    assert pauses[:3] == ["0.5 s.", "1 s.", "2 s."]
    assert said.count("no such table") == 1
    assert said.index("no such table") > said.index("in 2 s.")  # the third time


def test_an_orderly_stop_takes_no_longer_than_it_must(tmp_path, wait_until):
    supervisor = start(tmp_path, {"a": SLEEP, "b": SLEEP})
    wait_until(lambda: len(pids(tmp_path)) == 2)
    supervisor.send_signal(signal.SIGINT)
    said, _ = supervisor.communicate(timeout=10)
    assert float(said.split("stopped after ")[1].split()[0]) < 2
    assert not alive(tmp_path)


def test_what_does_not_end_when_asked_is_ended_with_all_its_children(tmp_path, wait_until):
    supervisor = start(tmp_path, {"stubborn": WITH_CHILD + STUBBORN}, patience=0.5)
    wait_until(lambda: len(pids(tmp_path)) == 2)
    supervisor.send_signal(signal.SIGINT)
    supervisor.communicate(timeout=10)
    assert not alive(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process adopt orphans")
def test_what_a_dead_process_leaves_behind_is_removed(tmp_path, wait_until):
    supervisor = start(tmp_path, {"parent": WITH_CHILD + SLEEP})
    wait_until(lambda: len(pids(tmp_path)) == 2)
    before = pids(tmp_path)
    parent = next(pid for pid in before if psutil.Process(pid).ppid() == supervisor.pid)
    os.kill(parent, signal.SIGKILL)
    wait_until(lambda: not set(before) & set(alive(tmp_path)))
    wait_until(lambda: len(alive(tmp_path)) == 2)  # the new parent and its new child
    supervisor.send_signal(signal.SIGINT)
    supervisor.communicate(timeout=10)
    assert not alive(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")
def test_processes_end_when_even_the_supervisor_is_killed(tmp_path, wait_until):
    supervisor = start(tmp_path, {"a": SLEEP, "b": SLEEP})
    wait_until(lambda: len(pids(tmp_path)) == 2)
    supervisor.kill()
    supervisor.communicate(timeout=10)
    wait_until(lambda: not alive(tmp_path), seconds=5)


def test_a_second_interrupt_cuts_the_patience_short(tmp_path, wait_until):
    supervisor = start(tmp_path, {"stubborn": STUBBORN}, patience=30)
    wait_until(lambda: pids(tmp_path))
    supervisor.send_signal(signal.SIGINT)
    time.sleep(0.5)
    supervisor.send_signal(signal.SIGINT)
    supervisor.communicate(timeout=10)
    assert not alive(tmp_path)


def test_a_long_log_is_set_aside_at_the_next_start(tmp_path):
    log = tmp_path / "brief.log"
    log.write_text("of yesterday " * 10**6)
    supervisor = start(tmp_path, {"brief": "print('of today')"}, seconds=0.3)
    supervisor.communicate(timeout=10)
    assert log.read_text() == "of today\n"
    assert (tmp_path / "brief.log.1").read_text().startswith("of yesterday")
