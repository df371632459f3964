"""Set-up: what it refuses, with what words, and that it does nothing when nothing changed."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections import namedtuple
from pathlib import Path

import pytest

from config import install

ROOT = Path(install.ROOT)


@pytest.fixture
def checkout(tmp_path):
    """A folder with what set-up reads, and nothing installed."""
    (tmp_path / "config").mkdir()
    shutil.copy(ROOT / "config" / "install.py", tmp_path / "config")
    for name in (*install.LOCKS, "Makefile"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def run(folder: Path, *argv: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        argv, cwd=folder, env={**os.environ, **env}, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 9, 18), (3, 10, 0)])
def test_an_old_python_is_refused_with_the_way_to_a_newer_one(version):
    with pytest.raises(install.Problem, match=r"needs 3\.11 or newer") as caught:
        install.check_python(version)
    assert "make demo PYTHON=python3.11" in caught.value.remedy
    assert "apt install" in caught.value.remedy


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 1), (3, 14, 0)])
def test_a_newer_python_is_welcome(version):
    install.check_python(version)


def test_the_script_itself_is_read_by_old_pythons():
    """Its syntax must not keep it from saying that the Python is too old."""
    ast.parse((ROOT / "config" / "install.py").read_text(), feature_version=(3, 6))


def test_debian_without_its_venv_package(checkout):
    broken = checkout / "broken"
    broken.mkdir()
    (broken / "ensurepip.py").write_text("raise ImportError('left out')")
    done = run(checkout, sys.executable, "config/install.py", PYTHONPATH=str(broken))
    assert done.returncode == 1
    assert "cannot make a virtual environment" in done.stderr
    assert f"sudo apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv" in done.stderr
    assert not (checkout / ".venv").exists()


def test_no_python_at_all(checkout):
    done = run(checkout, "make", "setup", "PYTHON=python3.99")
    assert done.returncode != 0
    assert "There is no python3.99 here. Install Python 3.11 or newer" in done.stderr


def test_a_small_disk(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10 * 1024**3, 9 * 1024**3, 1024**3))
    with pytest.raises(install.Problem, match=r"has 1\.0 GB left; the packages need about 3 GB") as caught:
        install.check_folder(str(tmp_path), 3)
    assert "Free some space" in caught.value.remedy


def test_a_folder_of_somebody_else(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(install.Problem, match="cannot be written to") as caught:
        install.check_folder(str(tmp_path), 0)
    assert "chown" in caught.value.remedy


def test_a_failing_download_is_explained():
    with pytest.raises(install.Problem, match=r"Installing X failed; the lines above say why") as caught:
        install.run("Installing X", "Set PIP_INDEX_URL", [sys.executable, "-c", "raise SystemExit(2)"])
    assert caught.value.remedy == "Set PIP_INDEX_URL"


def test_uv_and_npm_get_what_pip_was_told():
    env = install.package_settings(
        {
            "PIP_FIND_LINKS": "/wheels /more",
            "PIP_INDEX_URL": "https://mirror.example/simple",
            "PIP_CERT": "/etc/ca.pem",
        }
    )
    assert env["UV_FIND_LINKS"] == "/wheels,/more"
    assert env["UV_INDEX_URL"] == "https://mirror.example/simple"
    assert env["SSL_CERT_FILE"] == env["NODE_EXTRA_CA_CERTS"] == "/etc/ca.pem"


def test_uv_and_npm_get_nothing_where_pip_was_told_nothing_and_keep_their_own():
    assert install.package_settings({}) == {}
    env = install.package_settings({"PIP_CERT": "/a.pem", "SSL_CERT_FILE": "/b.pem", "UV_FIND_LINKS": ""})
    assert env == {
        "PIP_CERT": "/a.pem", "SSL_CERT_FILE": "/b.pem", "UV_FIND_LINKS": "", "NODE_EXTRA_CA_CERTS": "/b.pem",
    }  # fmt: skip


def test_nothing_is_installed_again_while_the_locks_stay(checkout, monkeypatch):
    venv, modules = checkout / ".venv", checkout / "node_modules"
    (venv / "bin").mkdir(parents=True)
    modules.mkdir()
    (venv / "bin" / "python").symlink_to(sys.executable)
    (venv / "touchstone-stamp").write_text(install.digest(str(checkout), install.LOCKS[:2], True))
    (modules / "touchstone-stamp").write_text(install.digest(str(checkout), install.LOCKS[2:]))
    done = run(checkout, "make", "setup")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""

    calls = []
    monkeypatch.setattr(install, "run", lambda what, *_, **__: calls.append(what))
    monkeypatch.setattr(install, "NEEDED_GB", 0)
    with (checkout / "requirements.lock").open("a") as lock:
        lock.write("# changed\n")
    install.install_python_packages(str(checkout), True, {})
    assert [what.partition(" (")[0] for what in calls] == ["Installing uv", "Installing the Python packages"]


def test_the_lock_pins_what_set_up_installs_with():
    assert install.locked(str(ROOT), "uv").startswith("uv==")
    assert install.locked(str(ROOT), "torch") == "torch==2.13.0"


def test_the_lock_covers_every_requirement():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    names = {re.match(r"[\w.-]+", requirement).group().lower().replace("_", "-") for requirement in wanted}
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    locked = {line.partition("==")[0] for line in lines if "==" in line}
    assert names <= locked
