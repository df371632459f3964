"""A training that is killed in the middle goes on by itself and ends with the very same weights."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = [
    "epochs=4",
    "tokens_per_step=96",
    "checkpoint_every=3",
    "log_every=1",
    "dropout=0.1",
    "precision=fp32",
    "max_length=48",
]


@pytest.fixture
def command(tiny_encoder, version_folder):
    """The command line of a training into a folder."""

    def build(out: Path, *more: str) -> list[str]:
        settings = [f"backbone={tiny_encoder}", *SETTINGS, *more]
        sets = [part for setting in settings for part in ("--set", setting)]
        return [sys.executable, "-m", "rewardtrain", "train", str(version_folder), str(out), *sets]

    return build


def steps(run: Path) -> int:
    log = run / "progress.jsonl"
    lines = log.read_text().splitlines() if log.exists() else []
    done = [json.loads(line)["step"] for line in lines if line.endswith("}")]
    return max(done, default=0)


def kill_at(argv: list[str], run: Path, step: int, number: signal.Signals) -> int:
    process = subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while steps(run) < step:
            assert process.poll() is None, "it ended before it could be stopped"
            time.sleep(0.01)
        process.send_signal(number)
        return process.wait(60)
    finally:
        process.kill()


@pytest.mark.slow
def test_killed_twice_and_cancelled_once_it_ends_with_the_weights_of_an_undisturbed_run(command, tmp_path):
    undisturbed, disturbed = tmp_path / "undisturbed", tmp_path / "disturbed"
    subprocess.run(command(undisturbed), cwd=ROOT, check=True, capture_output=True, timeout=300)
    assert kill_at(command(disturbed), disturbed, 4, signal.SIGKILL) == -signal.SIGKILL
    assert not (disturbed / "metrics.json").exists()
    assert kill_at(command(disturbed), disturbed, 10, signal.SIGTERM) == 130, "cancelled, with a checkpoint"
    assert kill_at(command(disturbed), disturbed, 16, signal.SIGKILL) == -signal.SIGKILL
    subprocess.run(command(disturbed), cwd=ROOT, check=True, capture_output=True, timeout=300)
    weights = [(run / "model" / "model.safetensors").read_bytes() for run in (undisturbed, disturbed)]
    assert weights[0] == weights[1]
    assert steps(undisturbed) == steps(disturbed)


def test_another_recipe_in_the_same_folder_is_refused_with_what_differs(command, tmp_path):
    run = tmp_path / "run"
    subprocess.run(command(run, "max_steps=1"), cwd=ROOT, check=True, capture_output=True, timeout=120)
    done = subprocess.run(command(run, "max_steps=2"), cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert "max_steps" in done.stderr
    assert json.loads((run / "error.json").read_text())["message"] in done.stderr


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("lr=1e30", "learning rate"),
        ("backbone=/nowhere/at/all", "/nowhere/at/all"),
        ("nonsense=1", "nonsense"),
    ],
)
def test_a_failure_says_what_to_change(command, tmp_path, setting, says):
    run = tmp_path / "run"
    done = subprocess.run(command(run, setting), cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2, done.stderr
    assert says in done.stderr.lower() or says in done.stderr
    assert says in (run / "error.json").read_text().lower() or says in (run / "error.json").read_text()


def test_supervised_it_ends_with_its_parent(command, tmp_path):
    run = tmp_path / "run"
    argv = [*command(run, "epochs=400"), "--supervised"]
    process = subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        while steps(run) < 1:
            assert process.poll() is None
            time.sleep(0.02)
        process.stdin.close()
        assert process.wait(20) == 130
    finally:
        process.kill()
