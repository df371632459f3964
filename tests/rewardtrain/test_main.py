"""The command line as other processes use it: exit codes, error.json, signals, and every command once."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rewardtrain import comparing, launch
from rewardtrain.__main__ import main
from rewardtrain.data import as_pairs
from rewardtrain.modeling.reward_model import read_card
from rewardtrain.recipe import Recipe
from rewardtrain.scoring import Scorer


@pytest.fixture(scope="module")
def recipe(tiny_encoder: Path) -> Recipe:
    return Recipe(
        backbone=str(tiny_encoder), max_length=32, template="{prompt} {response}", tokens_per_step=128, epochs=2,
        lr=5e-3, precision="fp32", checkpoint_every=4, log_every=1,
    )  # fmt: skip


@pytest.fixture(scope="module")
def model(recipe: Recipe, version_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model trained by the command itself, in this process."""
    out = tmp_path_factory.mktemp("run")
    flags = [flag for assignment in recipe.assignments() for flag in ("--set", assignment)]
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    assert main(["train", str(version_folder), str(out), *flags]) == 0
    for number, handler in handlers.items():
        signal.signal(number, handler)
    return out / "model"


Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts commands as the app does, and leaves none behind."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(argv: list[str], env: dict[str, str]) -> subprocess.Popen[bytes]:
        env = {**env, "OMP_NUM_THREADS": "1"}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started.append(subprocess.Popen(argv, env=env, **pipes))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            pipe.close()


def wait_for(found: Callable[[], bool], process: subprocess.Popen[bytes], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not found():
        assert process.poll() is None, process.stderr.read().decode()
        assert time.monotonic() < end
        time.sleep(0.02)


def long(recipe: Recipe) -> Recipe:
    return Recipe.from_mapping({**recipe.to_dict(), "epochs": 60})


class TestTraining:
    def test_killed_with_signal_9_it_ends_with_the_same_weights(
        self, recipe: Recipe, version_folder: Path, tmp_path: Path, start: Start
    ) -> None:
        recipe = Recipe.from_mapping({**recipe.to_dict(), "epochs": 12, "dropout": 0.1})
        whole = start(*launch.training_command(version_folder, tmp_path / "whole", recipe))
        cut = start(*launch.training_command(version_folder, tmp_path / "cut", recipe))
        wait_for(lambda: (tmp_path / "cut" / "checkpoints" / "step-00000020").exists(), cut)
        os.kill(cut.pid, signal.SIGKILL)
        assert cut.wait(30) == -signal.SIGKILL
        assert not (tmp_path / "cut" / "model").exists()
        again = start(*launch.training_command(version_folder, tmp_path / "cut", recipe))
        assert whole.wait(120) == 0
        assert again.wait(120) == 0, again.stderr.read().decode()
        assert "resume" in (tmp_path / "cut" / "progress.jsonl").read_text()
        for file in ("model.safetensors", "head.safetensors"):
            whole_bytes = (tmp_path / "whole" / "model" / file).read_bytes()
            assert whole_bytes == (tmp_path / "cut" / "model" / file).read_bytes()

    def test_a_cancel_writes_a_checkpoint(
        self, recipe: Recipe, version_folder: Path, tmp_path: Path, start: Start
    ) -> None:
        process = start(*launch.training_command(version_folder, tmp_path, long(recipe)))
        log = tmp_path / "progress.jsonl"
        wait_for(lambda: log.exists() and '"kind": "train"' in log.read_text(), process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 130
        last = json.loads((tmp_path / "progress.jsonl").read_text().splitlines()[-1])
        assert last["kind"] == "cancelled"
        assert (tmp_path / "checkpoints" / f"step-{last['step']:08d}" / "state.json").exists()
        assert not (tmp_path / "error.json").exists()

    def test_it_ends_with_its_parent(self, recipe: Recipe, version_folder: Path, tmp_path: Path, start: Start) -> None:
        process = start(*launch.training_command(version_folder, tmp_path, long(recipe)))
        wait_for(lambda: (tmp_path / "checkpoints").exists(), process)
        process.stdin.close()
        assert process.wait(30) == 130

    def test_a_failure_leaves_its_message(self, recipe: Recipe, tmp_path: Path, start: Start) -> None:
        process = start(*launch.training_command(tmp_path / "nothing", tmp_path / "run", recipe))
        assert process.wait(120) == 2
        printed = process.stderr.read()
        error = json.loads((tmp_path / "run" / "error.json").read_text())
        assert error["kind"] == "DataError"
        assert "does not exist" in error["message"]
        assert printed.decode().splitlines()[-1] == f"error: {error['message']}"

    def test_a_wrong_setting_is_a_failure_too(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["train", str(tmp_path), str(tmp_path / "run"), "--set", "learning=1"]) == 2
        assert "Those that exist" in capsys.readouterr().err
        assert json.loads((tmp_path / "run" / "error.json").read_text())["kind"] == "RecipeError"

    def test_a_fault_of_the_program_is_told_from_a_failure(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("rewardtrain.training.train", lambda *args, **kwargs: 1 / 0)
        assert main(["train", str(tmp_path), str(tmp_path / "run")]) == 1
        assert json.loads((tmp_path / "run" / "error.json").read_text())["kind"] == "ZeroDivisionError"

    def test_the_recipe_may_be_a_file(self, model: Path, recipe: Recipe) -> None:
        assert read_card(model)["recipe"] == recipe.to_dict()


class TestOtherCommands:
    def test_score_adds_rewards_to_pairs(
        self, model: Path, make_table: Callable[..., pa.Table], tmp_path: Path
    ) -> None:
        table = make_table(2, 3)
        pq.write_table(table, tmp_path / "in.parquet")
        assert main(["score", str(model), str(tmp_path / "in.parquet"), str(tmp_path / "out.parquet")]) == 0
        scored = pq.read_table(tmp_path / "out.parquet")
        expected = Scorer(model).score_table(table)
        np.testing.assert_allclose(scored["reward_a"].to_numpy(), expected[0], atol=1e-6)
        np.testing.assert_allclose(scored["reward_b"].to_numpy(), expected[1], atol=1e-6)
        assert main(["score", str(model), str(tmp_path / "out.parquet"), str(tmp_path / "out.parquet")]) == 0
        assert pq.read_table(tmp_path / "out.parquet").column_names == scored.column_names

    def test_score_adds_rewards_to_responses(self, model: Path, tmp_path: Path) -> None:
        pq.write_table(pa.table({"prompt": ["why", "why"], "response": ["good", "bad"]}), tmp_path / "in.parquet")
        assert main(["score", str(model), str(tmp_path / "in.parquet"), str(tmp_path / "out.parquet")]) == 0
        np.testing.assert_allclose(
            pq.read_table(tmp_path / "out.parquet")["reward"].to_numpy(),
            Scorer(model).score(["why"] * 2, ["good", "bad"]),
        )

    def test_evaluate_writes_the_figures(self, model: Path, version_folder: Path, tmp_path: Path) -> None:
        assert main(["evaluate", str(model), str(version_folder), str(tmp_path / "out.json")]) == 0
        figures = json.loads((tmp_path / "out.json").read_text())
        assert (figures["suite"], figures["n"]) == ("pairs", figures["against"]["gold"]["n"])

    def test_evaluate_writes_what_the_model_says_of_each_row(
        self, model: Path, version_folder: Path, tmp_path: Path
    ) -> None:
        out, rows = tmp_path / "out.json", tmp_path / "rows.parquet"
        assert main(["evaluate", str(model), str(version_folder), str(out), "--rows", str(rows)]) == 0
        table, test = pq.read_table(rows), pq.read_table(next((version_folder / "data").glob("test-*.parquet")))
        assert table["row_id"].equals(test["row_id"])
        reward_a, _ = Scorer(model).score_table(test)
        assert table["reward_a"].to_numpy() == pytest.approx(reward_a, abs=1e-5)
        figures = json.loads(out.read_text())
        found = comparing.compare([table])
        assert found["models"][0]["value"] == pytest.approx(figures["accuracy"]["value"])
        assert found["longer"]["value"] == pytest.approx(figures["baselines"]["longer"]["value"])

    def test_evaluate_takes_another_suite(self, model: Path, tmp_path: Path) -> None:
        row = {"prompt": "why", "chosen": "good", "rejected": "bad", "subset": "donotanswer"}
        (tmp_path / "bench.jsonl").write_text(json.dumps(row))
        argv = [
            "evaluate",
            str(model),
            str(tmp_path / "bench.jsonl"),
            str(tmp_path / "out.json"),
            "--suite",
            "rewardbench",
            "--rows",
            str(tmp_path / "rows.parquet"),
        ]
        assert main(argv) == 0
        assert not (tmp_path / "rows.parquet").exists(), "this suite has no rows"
        assert json.loads((tmp_path / "out.json").read_text())["sections"].keys() == {"Safety"}

    def test_embed_adds_vectors(self, tmp_path: Path) -> None:
        pq.write_table(pa.table({"text": ["a cat", "a cat", "a tax"]}), tmp_path / "in.parquet")
        assert main(["embed", str(tmp_path / "in.parquet"), str(tmp_path / "out.parquet")]) == 0
        vectors = np.stack(pq.read_table(tmp_path / "out.parquet")["embedding"].to_numpy())
        assert vectors.shape == (3, 384)

    def test_features_and_fit_share_a_store(self, tmp_path: Path) -> None:
        texts = [f"{'good ' * (place % 5)}{place}" for place in range(12)]
        rows = [
            {"prompt": "p", "chosen": max(a, b, key=lambda text: text.count("good")), "rejected": min(a, b, key=len)}
            for a, b in pairwise(texts)
        ]
        table, store = as_pairs(pa.Table.from_pylist(rows)), str(tmp_path / "store.sqlite3")
        pq.write_table(table, tmp_path / "pairs.parquet")
        pq.write_table(pa.table({"prompt": [""] * 12, "response": texts}), tmp_path / "in.parquet")
        assert main(["features", str(tmp_path / "in.parquet"), str(tmp_path / "out.parquet"), "--store", store]) == 0
        vectors = np.stack(pq.read_table(tmp_path / "out.parquet")["vector"].to_numpy())
        assert vectors.shape == (12, 384)
        pairs_path, out = str(tmp_path / "pairs.parquet"), str(tmp_path / "out.npy")
        argv = ["fit", pairs_path, pairs_path, out, "--settings", '{"members": 2, "epochs": 3}', "--store", store]
        assert main(argv) == 0
        assert np.load(out).shape == (3, 2, len(rows))

    @pytest.mark.parametrize(
        ("argv", "message"),
        [
            (["score", "{tmp}", "{tmp}/in.parquet", "{tmp}/out.parquet"], "is not a reward model"),
            (["score", "{model}", "{tmp}/nothing.parquet", "{tmp}/out.parquet"], "cannot be read"),
            (["score", "{model}", "{tmp}/in.parquet", "{tmp}/out.parquet"], "nor prompt and response"),
            (
                ["evaluate", "{model}", "{tmp}/in.parquet", "{tmp}/out.json", "--suite", "magic"],
                "no 'magic' in evaluation",
            ),
            (["evaluate", "{model}", "{tmp}", "{tmp}/out.json"], "has no test split"),
            (["embed", "{tmp}/in.parquet", "{tmp}/out.parquet"], "no column 'text', only word"),
            (["features", "{tmp}/in.parquet", "{tmp}/out.parquet"], "no columns prompt and response"),
            (["fit", "{tmp}/in.parquet", "{tmp}/in.parquet", "{tmp}/out.npy", "--settings", "[1"], "not JSON"),
        ],
    )
    def test_mistakes_are_named(
        self, argv: list[str], message: str, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        pq.write_table(pa.table({"word": ["x"]}), tmp_path / "in.parquet")
        assert main([part.format(tmp=tmp_path, model=model) for part in argv]) == 2
        assert message in capsys.readouterr().err

    def test_serve_answers_and_ends_on_request(self, model: Path, start: Start) -> None:
        argv = [sys.executable, "-m", "rewardtrain", "serve", "--root", str(model.parent), "--device", "cpu"]
        process = start(argv, launch.environment())
        address = process.stdout.readline().decode().strip()
        body = json.dumps({"model": "model", "prompts": ["why"], "responses": ["good"]}).encode()
        request = urllib.request.Request(f"{address}/score", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert json.load(answer)["rewards"] == pytest.approx(
                Scorer(model).score(["why"], ["good"]).tolist(), abs=1e-5
            )
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
