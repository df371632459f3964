"""docker-compose.yml: it fits the compose schema and the settings, and what its services run starts and answers.

The image itself is not built here; each service's command runs on this machine, with the environment that the
file gives it, except that the database is SQLite and that addresses are loopback ports of our own.
"""

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from config import processes, settings, up

ROOT = Path(__file__).resolve().parents[2]
FILES = ("docker-compose.yml", "docker-compose.gpu.yml")
COMPOSE = {name: yaml.safe_load((ROOT / name).read_text()) for name in FILES}
SERVICES = COMPOSE["docker-compose.yml"]["services"]
OURS = [name for name, service in SERVICES.items() if service["image"] == "touchstone"]


def documented(module) -> set[str]:
    """The variables in the tables of a module's docstring."""
    return set(re.findall(r"^\| ([A-Z][A-Z0-9_]+)\s*\|", module.__doc__, re.MULTILINE))


@pytest.mark.parametrize("name", FILES)
def test_fits_the_compose_schema(name):
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(ROOT / name)]
    done = subprocess.run(check, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_schema_would_refuse_a_mistake(tmp_path):
    (tmp_path / "compose.yml").write_text("services:\n  web:\n    comand: [python]\n")
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    assert subprocess.run([*check, str(tmp_path / "compose.yml")], capture_output=True).returncode == 1


def test_every_process_is_a_service_and_the_gpu_file_only_adds_to_them():
    assert set(processes.commands({})) <= set(OURS)
    assert set(COMPOSE["docker-compose.gpu.yml"]["services"]) <= set(OURS)


@pytest.mark.parametrize("name", OURS)
def test_a_service_sets_only_variables_that_exist(name):
    assert set(SERVICES[name]["environment"]) <= documented(settings) | documented(processes)


def test_all_services_share_the_data_and_run_as_nobody_special():
    assert all(SERVICES[name]["volumes"] == ["data:/data"] for name in OURS)
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert "DATA_DIR=/data" in dockerfile
    assert re.search(r"^USER (?!root)", dockerfile, re.MULTILINE)


def test_the_image_copies_no_data_and_no_secrets():
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".env", "var", ".venv", "node_modules"} <= set(ignored)


class Container:
    """One service's command and health check, run on this machine."""

    def __init__(self, installation, name: str) -> None:
        self.installation, self.name = installation, name
        self.port = up.free_port()
        env = {key: str(value) for key, value in SERVICES[name]["environment"].items()}
        env["SCORER_URL"] = f"http://127.0.0.1:{self.port}"
        env |= {"HOST": "127.0.0.1", "PORT": str(self.port), "HOSTNAME": socket.gethostname()}
        env |= {service: installation.env.get(service, "") for service in ("DATABASE_URL", "REDIS_URL")}
        if "SCORER_BIND" in env:
            env["SCORER_BIND"] = f"127.0.0.1:{self.port}"
        self.env = env

    def start(self):
        return self.installation.start(*SERVICES[self.name]["command"], log=f"{self.name}.log", **self.env)

    def healthy(self) -> bool:
        kind, *command = SERVICES[self.name]["healthcheck"]["test"]
        command = [re.sub(r"127\.0\.0\.1:\d+", f"127.0.0.1:{self.port}", part) for part in command]
        if kind == "CMD-SHELL":
            path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
            command = ["/bin/sh", "-c", command[0].replace("$$", "$")]
            return self.installation.run(*command, **self.env, PATH=path).returncode == 0
        return self.installation.run(*command, **self.env).returncode == 0

    def log(self) -> str:
        return self.installation.read(f"{self.name}.log")


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in OURS if "healthcheck" in SERVICES[name]])
def test_a_service_starts_and_passes_its_health_check(name, installation, wait_until):
    container = Container(installation, name)
    assert not container.healthy()
    process = container.start()
    wait_until(lambda: process.poll() is None and container.healthy(), else_show=container.log)
    process.terminate()
    assert process.wait(timeout=10) == 0, container.log()


@pytest.mark.slow
@pytest.mark.redis
@pytest.mark.parametrize("name", ["web", "worker", "gpu"])
def test_a_service_starts_on_redis(name, installation, redis_url, wait_until):
    installation.env["REDIS_URL"] = redis_url
    test_a_service_starts_and_passes_its_health_check(name, installation, wait_until)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.redis
def test_migrate_and_web_run_on_postgres_and_redis(installation, postgres_url, redis_url, wait_until):
    installation.env |= {"DATABASE_URL": postgres_url, "REDIS_URL": redis_url}
    test_migrate_ends_with_success(installation)
    test_a_service_starts_and_passes_its_health_check("web", installation, wait_until)


@pytest.mark.slow
def test_the_reaper_keeps_running_and_ends_when_asked(installation, wait_until):
    container = Container(installation, "reaper")
    process = container.start()
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=10)
    process.terminate()
    process.wait(timeout=5)
    assert "Error" not in container.log()


@pytest.mark.slow
def test_migrate_ends_with_success(installation):
    container = Container(installation, "migrate")
    assert container.start().wait(timeout=90) == 0, container.log()
