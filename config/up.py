"""Run all of Touchstone in the foreground: database, web, workers, scorer and reaper; Ctrl+C ends it.

    python -m config.up --demo      # what `make demo` calls: with demo content

HOST (127.0.0.1), PORT (8600) and DATA_DIR (var/) say where. Output of the processes goes to DATA_DIR/logs.
"""

import argparse
import errno
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import IO, Any, NoReturn

from config.processes import DEFAULT_PORT, ROOT, commands
from config.supervision import Service, Supervisor

NEEDED_MB = 200
ANSWER_SECONDS = 60


class Problem(Exception):
    """What keeps Touchstone from starting, and what to do about it."""


def say(line: str) -> None:
    print(line, flush=True)


def data_folder(path: Path) -> Path:
    """The data folder, made if need be; refuses one that cannot be written to or whose disk is full."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / f"probe-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
        free = shutil.disk_usage(path).free / 1024**2
    except OSError as error:
        raise Problem(
            f"The data folder {path} cannot be used: {error.strerror}.\n"
            "Name one that you can write to: make demo DATA_DIR=$HOME/touchstone"
        ) from error
    if free < NEEDED_MB:
        raise Problem(
            f"The disk of the data folder {path} has {free:.0f} MB left; Touchstone needs {NEEDED_MB} MB.\n"
            "Free some space, or name a folder on another disk: make demo DATA_DIR=/elsewhere/touchstone"
        )
    return path


def hold(folder: Path, url: str) -> IO[str]:
    """Keep a second Touchstone off the same data folder for as long as the returned file is open."""
    lock = (folder / "up.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        raise Problem(
            f"Touchstone already runs on the data folder {folder}, at {lock.read().strip() or 'another address'}.\n"
            "Use that one, end it with Ctrl+C in its terminal, or name another folder: make demo DATA_DIR=var2"
        ) from None
    lock.truncate(0)
    lock.write(url)
    lock.flush()
    return lock


def check_port(host: str, port: str) -> int:
    """The port as a number; refuses one that is none, is not allowed or is taken, and suggests the next free one."""
    try:
        number = int(port)
        _bind(host, number)
    except (ValueError, OverflowError):
        raise Problem(f"PORT={port} is no port; use a number from 1024 to 65535, e.g. PORT={DEFAULT_PORT}") from None
    except PermissionError:
        raise Problem(f"Port {port} is for administrators only. Use one from 1024 on: make demo PORT=8600") from None
    except OSError as error:
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            raise Problem(f"HOST={host} is no address of this machine; leave it out, or use 0.0.0.0") from None
        other = next((p for p in range(number + 1, min(number + 100, 65536)) if _is_free(host, p)), free_port())
        raise Problem(f"Port {number} is taken by another program. Use another: make demo PORT={other}") from None
    return number


def _bind(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))


def _is_free(host: str, port: int) -> bool:
    try:
        _bind(host, port)
    except OSError:
        return False
    return True


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def prepare(env: dict[str, str], *, demo: bool) -> str:
    """Migrate the database and fill in the demo, in one process of its own; returns what that printed."""
    commands = [["migrate", "--noinput", "--verbosity", "0"], *([["seed_demo"]] if demo else [])]
    code = "import sys, json, django; from django.core.management import call_command; django.setup(); "
    code += "[call_command(*command) for command in json.loads(sys.argv[1])]"
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(commands)],
        env={"DJANGO_SETTINGS_MODULE": "config.settings", **env},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise Problem(f"Preparing the database failed:\n{done.stderr.strip()[-2000:]}")
    return done.stdout.rstrip()


def wait_for_answer(url: str, supervisor: Supervisor) -> bool:
    """Whether the page answers in good time; starts again what dies meanwhile."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < deadline:
        supervisor.look_after()
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2):
                return True
        except OSError:
            time.sleep(0.1)
    return False


def run(*, demo: bool) -> NoReturn:
    """Start everything, say where it is, and look after it until a signal comes."""
    folder = data_folder(Path(os.environ.get("DATA_DIR") or ROOT / "var").resolve())
    host = os.environ.get("HOST") or "127.0.0.1"
    port = os.environ.get("PORT") or str(DEFAULT_PORT)
    url = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"
    with hold(folder, url):
        scorer = f"127.0.0.1:{free_port()}"
        env = {**os.environ, "DATA_DIR": str(folder), "HOST": host, "PORT": str(check_port(host, port))}
        env |= {"SCORER_BIND": scorer, "SCORER_URL": f"http://{scorer}", "PYTHONUNBUFFERED": "1"}
        say(f"Preparing the database in {folder} …")
        sign_ins = prepare(env, demo=demo)
        supervisor = Supervisor(env=env, cwd=ROOT, say=say)
        web, *others = (Service(name, argv, folder / "logs" / f"{name}.log") for name, argv in commands(env).items())
        try:
            supervisor.start(web)
            answers = wait_for_answer(url, supervisor)
            supervisor.start(*others)  # after the web, so that the first page does not wait for them
            if answers:
                say("\n".join(filter(None, (f"\nTouchstone is at {url}", sign_ins))))
                say(f"\nLogs: {folder}/logs. Ctrl+C ends everything.")
            else:
                say(f"The page does not answer yet; {web.log} says why.")
            while True:
                supervisor.look_after()
                time.sleep(0.2)
        finally:
            say("\nEnding …")
            supervisor.stop()


def _interrupt(*_: Any) -> NoReturn:
    raise KeyboardInterrupt


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m config.up", description=__doc__.splitlines()[0])
    parser.add_argument("--demo", action="store_true", help="with demo content; its sign-ins are printed")
    options = parser.parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        run(demo=options.demo)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
