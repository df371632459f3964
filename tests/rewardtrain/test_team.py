"""Two processes train what one would, and a run goes on with another number of them."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rewardtrain import labels
from rewardtrain.batching import Step
from rewardtrain.encoding import Encoder
from rewardtrain.loop import Cancelled
from rewardtrain.modeling.backbones import load_tokenizer
from rewardtrain.recipe import Recipe
from rewardtrain.scoring import Scorer
from rewardtrain.team import Team
from rewardtrain.training import train as in_process

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = [
    "epochs=3", "tokens_per_step=192", "checkpoint_every=4", "log_every=1", "precision=fp32", "max_length=48",
    "tuning=full", "lr=0.003",
]  # fmt: skip


@pytest.fixture
def train(tiny_encoder: Path, version_folder: Path):
    """Runs a training by so many processes and waits for its end; returns the exit codes."""

    def run(out: Path, processes: int, *more: str) -> list[int]:
        sets = [part for setting in (f"backbone={tiny_encoder}", *SETTINGS, *more) for part in ("--set", setting)]
        argv = [sys.executable, "-m", "rewardtrain", "train", str(version_folder), str(out), *sets]
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        started = []
        for rank in range(processes):  # what torchrun sets
            team = {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(processes)}
            env = {**os.environ, **team, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
            started.append(subprocess.Popen(argv, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
        outputs = [process.communicate(timeout=250)[0].decode() for process in started]
        codes = [process.returncode for process in started]
        assert codes == [0] * processes, outputs
        return codes

    return run


def losses(run: Path) -> list[float]:
    lines = [json.loads(line) for line in (run / "progress.jsonl").read_text().splitlines()]
    return [line["loss"] for line in lines if line["kind"] == "train"]


def rewards(run: Path) -> np.ndarray:
    reward_N = Scorer(run / "model", device="cpu").score(
        ["why red"] * 3, ["good good dull", "bad fine", "red table bad"]
    )
    return reward_N - reward_N.mean()  # where zero lies means nothing


def test_two_give_the_losses_and_weights_of_one(train, tmp_path: Path) -> None:
    train(tmp_path / "one", 1)
    train(tmp_path / "two", 2)
    assert len(losses(tmp_path / "one")) > 12
    np.testing.assert_allclose(losses(tmp_path / "two"), losses(tmp_path / "one"), atol=1e-4)
    # Adam divides gradients that are zero but for rounding by their own size, so weights are not compared one by one.
    np.testing.assert_allclose(rewards(tmp_path / "two"), rewards(tmp_path / "one"), atol=5e-3)
    assert {path.name for path in (tmp_path / "two").iterdir()} == {path.name for path in (tmp_path / "one").iterdir()}


def test_a_run_goes_on_with_another_number(train, tiny_encoder: Path, version_folder: Path, tmp_path: Path) -> None:
    """One is cancelled in the middle; two go on from its checkpoint."""
    recipe = Recipe().changed([f"backbone={tiny_encoder}", *SETTINGS])
    run, asked = tmp_path / "run", iter([False] * 12 + [True] * 1000)
    with pytest.raises(Cancelled):
        in_process(version_folder, run, recipe, stop=lambda: next(asked))
    reached = len(losses(run))
    train(run, 2)
    train(tmp_path / "one", 1)
    assert 0 < reached < len(losses(tmp_path / "one"))
    np.testing.assert_allclose(losses(run), losses(tmp_path / "one"), atol=1e-4)
    np.testing.assert_allclose(rewards(run), rewards(tmp_path / "one"), atol=5e-3)


def test_every_label_is_in_one_part(tiny_encoder: Path, make_table) -> None:
    encoder = Encoder(load_tokenizer(str(tiny_encoder)), "{prompt} {response}", 32)
    found = labels.get("pairs").prepare(make_table(3, 5), encoder)
    step = Step(np.arange(len(found.sequences)), np.arange(len(found)))
    parts = [Team(rank, 4).part(step, found) for rank in range(4)]
    assert sorted(np.concatenate([part.labels for part in parts]).tolist()) == list(range(len(found)))
    for part in parts:
        assert part.sequences.tolist() == sorted(set(found.place_LM[part.labels].ravel().tolist()))
    assert Team().part(step, found) is step
    (tiny,) = [Team(3, 40).part(Step(step.sequences[:2], step.labels[:1]), found)]
    assert len(tiny.labels) == 0
