"""`python -m bench`, on a folder of made-up measurements."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bench

HEAD = '"""{title}"""\nfrom bench import Figure, Unavailable, script\n'
TAIL = '\nif __name__ == "__main__":\n    script(measure)\n'
MEASUREMENTS = {
    "good": (
        "def measure(*, seed, quick):\n"
        "    return [Figure('accuracy', .81 + seed, low=.79, high=.83, bar=.8, n=1200), Figure('time', 3.0, unit='s')]"
    ),
    "missed": "def measure(*, seed, quick):\n    return [Figure('delay', 120.0, bar=100, smaller_is_better=True)]",
    "broken": "def measure(*, seed, quick):\n    raise ValueError('a fault of its own')",
    "elsewhere": "def measure(*, seed, quick):\n    raise Unavailable('TOUCHSTONE_DATA names no folder')",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "bench"
    copy.mkdir()
    for name in ("__init__.py", "__main__.py"):
        shutil.copy(Path(bench.__file__).parent / name, copy)
    for name, body in MEASUREMENTS.items():
        (copy / f"{name}.py").write_text(HEAD.format(title=f"The {name} one.") + body + TAIL)
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench", *arguments], cwd=folder, capture_output=True, text=True, timeout=60
    )


def test_writes_figures_and_prints_one_table(folder):
    done = run(folder, "good", "--seed", "1", "--out", "out")
    assert done.returncode == 0, done.stderr
    report = json.loads((folder / "out" / "good.json").read_text())
    assert report["title"] == "The good one."
    assert report["seed"] == 1
    assert report["figures"][0] == {
        "name": "accuracy", "value": 1.81, "low": 0.79, "high": 0.83, "bar": 0.8,
        "smaller_is_better": False, "unit": "", "n": 1200, "holds": True,
    }  # fmt: skip
    assert "good: accuracy  1.810    [0.790, 0.830]  ≥ 0.800  1200" in done.stdout


def test_a_missed_bar_fails_and_is_shown(folder):
    done = run(folder, "good", "missed")
    assert done.returncode == 1
    assert "MISSED" in next(line for line in done.stdout.splitlines() if "delay" in line)
    assert (folder / "var" / "verify" / "missed.json").exists()


def test_a_quick_run_makes_no_claim(folder):
    assert run(folder, "missed", "--quick").returncode == 0


def test_a_broken_measurement_fails_with_its_own_words_and_the_others_count(folder):
    done = run(folder, "broken", "good")
    assert done.returncode == 1
    assert "broken failed" in done.stdout
    assert "a fault of its own" in done.stdout
    assert "good: accuracy" in done.stdout


def test_what_cannot_be_measured_here_is_said_and_fails_nothing(folder):
    done = run(folder, "elsewhere")
    assert done.returncode == 0
    assert "elsewhere cannot be measured here: TOUCHSTONE_DATA names no folder" in done.stdout


def test_an_unknown_name_is_answered_with_the_known_ones(folder):
    done = run(folder, "nothing")
    assert done.returncode == 2
    assert "broken, elsewhere, good, missed" in done.stderr
