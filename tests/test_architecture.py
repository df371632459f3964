"""The structure that the README draws: one-way imports, pure parts, a web process without torch, one file a plug-in."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from annotate import discovery

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("config", "rewardtrain", "curation", "annotate")

# What each import contract must catch: a file, and a line that breaks the contract.
BREACHES = {
    "Imports run one way": ("annotate/services.py", "import curation.pairs"),
    "What all share": ("annotate/media/services.py", "import annotate.models"),
    "Pure parts": ("curation/filters/__init__.py", "import django.db"),
    "no torch": ("annotate/queue.py", "def late():\n    import torch"),
}

WEB = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import config.wsgi
from django.urls import get_resolver
from django.urls.resolvers import URLResolver

def count(resolver):
    return sum(count(entry) if isinstance(entry, URLResolver) else 1 for entry in resolver.url_patterns)

assert count(get_resolver()) > 20
print(",".join(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    return subprocess.run(
        [*program, "--no-logo", "--no-cache"], cwd=folder, capture_output=True, text=True, timeout=120
    )


def test_import_contracts_hold():
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


def test_import_contracts_catch_a_breach(tmp_path):
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for path, line in BREACHES.values():
        with (tmp_path / path).open("a") as file:
            file.write(f"\n\n{line}\n")
    done = lint(tmp_path)
    assert done.returncode == 1
    broken = [line for line in done.stdout.splitlines() if line.endswith("BROKEN")]
    for contract in BREACHES:
        assert any(contract in line for line in broken), f"{contract!r} is not among {broken}"


def test_the_web_process_loads_no_torch(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", WEB],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.strip().split(","))
    assert {"django", "rest_framework", "rewardtrain"} <= loaded
    assert not loaded & {"torch", "transformers", "accelerate", "datasets", "sklearn", "pandas", "crowdkit"}


@pytest.mark.parametrize(
    ("folder", "tests"),
    [
        ("annotate/feedback", "tests/annotate/feedback"),
        ("curation/aggregation", "tests/curation/aggregation"),
        ("curation/filters", "tests/curation/filters"),
        ("curation/formats", "tests/curation/formats"),
        ("rewardtrain/modeling/heads", "tests/rewardtrain/modeling"),
        ("rewardtrain/modeling/losses", "tests/rewardtrain/modeling"),
        ("rewardtrain/evaluation", "tests/rewardtrain/evaluation"),
    ],
)
def test_each_folder_of_plugins_has_a_contract_test(folder, tests):
    assert list((ROOT / tests).rglob("test_contract*.py")), f"{folder} has no contract test in {tests}"


def test_no_plugin_is_named_in_code_outside_its_folder():
    """Adding a plug-in changes no list elsewhere: nothing imports a plug-in's module by name."""
    folders = ("annotate.feedback", "curation.aggregation", "curation.filters", "curation.formats")
    plugins = tuple(f"{folder}.{name}." for folder in folders for name in discovery.names(folder))
    assert "curation.formats.label_studio." in plugins  # a folder is a plug-in as a file is
    inside = tuple(f"{folder}." for folder in folders)
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        if path.relative_to(ROOT).as_posix().replace("/", ".").startswith(inside):
            continue
        for module in re.findall(r"^\s*(?:import|from)\s+([\w.]+)", path.read_text(), re.MULTILINE):
            assert not f"{module}.".startswith(plugins), f"{path.relative_to(ROOT)} imports {module}"
