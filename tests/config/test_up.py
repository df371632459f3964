"""The one command that runs everything: it starts, heals, ends, and says what stands in its way."""

import os
import re
import shutil
import signal
import socket
import subprocess
import urllib.parse
import urllib.request
from collections import namedtuple

import psutil
import pytest

from config import up


@pytest.fixture
def started(installation, wait_until):
    """Start `python -m config.up` on a free port; returns its process and its address once it says so."""

    def start(*arguments):
        port = up.free_port()
        process = installation.start("python", "-m", "config.up", *arguments, log="up.txt", PORT=str(port))
        said = lambda: installation.read("up.txt")  # noqa: E731
        wait_until(lambda: "Touchstone is at" in said() or process.poll() is not None, else_show=said)
        assert process.poll() is None, said()
        return process, f"http://127.0.0.1:{port}"

    return start


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def service(process: subprocess.Popen[str], words: str) -> psutil.Process | None:
    """The child of the command whose own command line has these words."""
    for child in psutil.Process(process.pid).children():
        if words in " ".join(child.cmdline()):
            return child
    return None


@pytest.mark.slow
def test_runs_heals_and_ends_everything(installation, started, wait_until):
    process, url = started()
    said = lambda: installation.read("up.txt") + installation.read("logs/worker.log")  # noqa: E731
    assert url in said()
    assert answers(f"{url}/readyz")
    assert answers(f"{url}/login/")
    wait_until(lambda: "ready" in installation.read("logs/worker.log"), else_show=said)
    wait_until(lambda: "ready" in installation.read("logs/gpu.log"), else_show=said)
    assert {os.getpgid(child.pid) for child in installation.processes()} == {os.getpgid(process.pid)}

    for words, log, ready in (
        ("gunicorn", "logs/web.log", "Booting"),
        ("--queues default", "logs/worker.log", "ready"),
    ):
        first, starts = service(process, words), installation.read(log).count(ready)
        first.kill()
        wait_until(lambda log=log, ready=ready, n=starts: installation.read(log).count(ready) > n, else_show=said)
        assert service(process, words).pid != first.pid
    wait_until(lambda: answers(f"{url}/healthz"), else_show=said)
    assert "web ended (SIGKILL)" in said()
    assert "worker ended (SIGKILL)" in said()

    os.killpg(process.pid, signal.SIGINT)  # what Ctrl+C in a terminal does
    assert process.wait(timeout=30) == 0
    assert installation.processes() == []
    assert not answers(f"{url}/healthz")


@pytest.mark.slow
def test_keeps_the_data_and_ends_on_sigterm(installation, started):
    organisations = "from annotate.access.models import Organisation\nresult = Organisation.objects."
    installation.python(f"{organisations}create(name='Kept').pk")
    process, url = started()
    assert answers(f"{url}/healthz")
    second = installation.run("python", "-m", "config.up", PORT=str(up.free_port()))
    assert second.returncode == 1
    assert f"already runs on the data folder {installation.folder}, at {url}" in second.stderr
    process.terminate()
    assert process.wait(timeout=30) == 0
    assert installation.processes() == []
    assert installation.python(f"{organisations}filter(name='Kept').count()") == 1


@pytest.mark.slow
def test_the_demo_prints_sign_ins_that_work_and_stay(installation, started):
    process, url = started("--demo")
    rows = re.findall(r"^  (\S+@\S+) +(\S+) +(\w+)$", installation.read("up.txt"), re.MULTILINE)
    assert sorted(role for _, _, role in rows) == ["annotator", "annotator", "annotator", "owner"]
    for email, password, _ in rows:
        assert sign_in(url, email, password).endswith(f"{url}/"), email
        assert not sign_in(url, email, "wrong").endswith(f"{url}/")
    process.terminate()
    process.wait(timeout=30)
    (installation.folder / "up.txt").unlink()
    started("--demo")
    assert all(f"{email:18}  {password}" in installation.read("up.txt") for email, password, _ in rows)


def sign_in(url: str, email: str, password: str) -> str:
    """The address that signing in leads to."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    page = browser.open(f"{url}/login/", timeout=10).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    form = {"csrfmiddlewaretoken": token, "username": email, "password": password}
    request = urllib.request.Request(f"{url}/login/", urllib.parse.urlencode(form).encode(), {"Referer": url})
    return browser.open(request, timeout=20).geturl()


def test_a_taken_port_is_answered_with_the_next_free_one(installation):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = installation.run("python", "-m", "config.up", PORT=str(port))
    assert done.returncode == 1
    assert f"Port {port} is taken by another program. Use another: make demo PORT=" in done.stderr
    suggested = int(done.stderr.strip().rsplit("=")[1])
    assert up.check_port("127.0.0.1", str(suggested)) == suggested


@pytest.mark.parametrize("port", ["eighty", "70000", "-1"])
def test_a_port_that_is_none_is_refused(port):
    with pytest.raises(up.Problem, match=f"PORT={port} is no port"):
        up.check_port("127.0.0.1", port)


def test_a_host_that_is_not_ours_is_refused():
    with pytest.raises(up.Problem, match=r"HOST=no-such-host\.invalid is no address"):
        up.check_port("no-such-host.invalid", "8600")


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(up.Problem, match=r"HOST=192\.0\.2\.1 is no address"):
        up.check_port("192.0.2.1", "8600")


def test_a_data_folder_that_cannot_be_made_is_named(installation, tmp_path):
    (tmp_path / "file").write_text("")
    done = installation.run("python", "-m", "config.up", DATA_DIR=str(tmp_path / "file" / "var"))
    assert done.returncode == 1
    assert f"The data folder {tmp_path / 'file' / 'var'} cannot be used" in done.stderr
    assert "make demo DATA_DIR=" in done.stderr


def test_a_full_disk_is_named(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9 - 10**7, 10**7))
    with pytest.raises(up.Problem, match=r"has 10 MB left; Touchstone needs 200 MB"):
        up.data_folder(tmp_path)


def test_a_database_that_cannot_be_prepared_is_shown_with_its_reason(installation):
    (installation.folder / "touchstone.sqlite3").write_text("no database " * 1000)
    done = installation.run("python", "-m", "config.up", PORT=str(up.free_port()))
    assert done.returncode == 1
    assert "Preparing the database failed" in done.stderr
    assert "not a database" in done.stderr
    assert installation.processes() == []
