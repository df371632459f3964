"""The training loop: it learns, resumes exactly, stops early, and says what to change when it cannot go on."""

import errno
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from safetensors.torch import load_file

from curation import pairs
from rewardtrain import checkpoints, loop, training
from rewardtrain.errors import DataError, LabError, TrainingError
from rewardtrain.loop import Cancelled, learning_rate
from rewardtrain.modeling.backbones import load_backbone, worthwhile_layers
from rewardtrain.modeling.reward_model import read_card
from rewardtrain.recipe import Recipe
from rewardtrain.scoring import Scorer
from rewardtrain.training import train


@pytest.fixture(scope="module")
def recipe(tiny_encoder: Path) -> Recipe:
    return Recipe(
        backbone=str(tiny_encoder), max_length=32, template="{prompt} {response}", tokens_per_step=256, epochs=6,
        lr=5e-3, precision="fp32", checkpoint_every=5, log_every=3,
    )  # fmt: skip


@pytest.fixture(scope="module")
def run(recipe: Recipe, version_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run."""
    folder = tmp_path_factory.mktemp("run")
    train(version_folder, folder, recipe)
    return folder


def events(run: Path, kind: str) -> list[dict]:
    return [
        event
        for line in (run / "progress.jsonl").read_text().splitlines()
        if (event := json.loads(line))["kind"] == kind
    ]


def weights(run: Path) -> dict[str, torch.Tensor]:
    return {**load_file(run / "model" / "model.safetensors"), **load_file(run / "model" / "head.safetensors")}


def same(one: Path, other: Path) -> bool:
    return all(torch.equal(tensor, weights(other)[name]) for name, tensor in weights(one).items())


class TestARun:
    def test_learns_and_beats_what_costs_nothing(self, run: Path) -> None:
        metrics = json.loads((run / "metrics.json").read_text())
        test = metrics["evaluations"]["test"]
        assert test["headline"] == "gold"
        assert test["accuracy"]["value"] > 0.85
        assert test["accuracy"]["low"] > test["baselines"]["longer"]["high"]
        assert test["baselines"]["majority"]["value"] < 0.7

    def test_leaves_the_model_and_its_card(self, run: Path, recipe: Recipe) -> None:
        card = read_card(run / "model")
        assert card["recipe"] == recipe.to_dict()
        assert card["data_hash"] == json.loads((run / "run.json").read_text())["data"]["hash"]
        assert card["scoring_position"] == "mean of attended tokens"
        assert card["metrics"]["test_accuracy"] > 0.85
        rewards = Scorer(run / "model", device="cpu").score(["why red"] * 2, ["good good good", "bad bad bad"])
        assert rewards[0] > rewards[1]

    def test_leaves_no_checkpoints_and_no_temporary_files(self, run: Path) -> None:
        assert {path.name for path in run.iterdir()} == {".lock", "run.json", "progress.jsonl", "model", "metrics.json"}

    def test_tells_its_progress(self, run: Path) -> None:
        (opening,) = events(run, "data")
        assert opening["splits"]["train"]["pairs"] == 144
        assert opening["splits"]["train"]["sequences"] == 96
        lines = events(run, "train")
        assert lines[-1]["step"] == lines[-1]["steps_total"]
        assert {"loss", "accuracy", "lr", "pairs_per_s", "tokens_per_s", "seconds", "epoch"} <= lines[0].keys()
        assert lines[-1]["loss"] < lines[0]["loss"]
        assert len(events(run, "eval")) == 1 + 6  # the fitted head, then every epoch
        assert events(run, "done")

    def test_the_best_validation_is_kept(self, run: Path) -> None:
        metrics = json.loads((run / "metrics.json").read_text())
        best = min(events(run, "eval"), key=lambda event: event["loss"])
        assert metrics["best_step"] == best["step"]
        found = metrics["evaluations"]["validation"]["against"]["consensus"]["accuracy"]["value"]
        assert found == pytest.approx(best["accuracy"])

    def test_again_does_nothing(self, run: Path, recipe: Recipe, version_folder: Path) -> None:
        before = (run / "progress.jsonl").read_text()
        assert train(version_folder, run, recipe) == json.loads((run / "metrics.json").read_text())
        assert (run / "progress.jsonl").read_text() == before

    def test_the_same_seed_gives_the_same_weights(self, recipe: Recipe, version_folder: Path, tmp_path: Path) -> None:
        for name, seed in (("a", 0), ("b", 0), ("c", 1)):
            train(
                version_folder, tmp_path / name, Recipe.from_mapping({**recipe.to_dict(), "seed": seed, "max_steps": 6})
            )
        assert same(tmp_path / "a", tmp_path / "b")
        assert not same(tmp_path / "a", tmp_path / "c")


class TestTuning:
    def test_the_head_alone_leaves_the_backbone_as_it_was(
        self, recipe: Recipe, version_folder: Path, tmp_path: Path
    ) -> None:
        metrics = train(version_folder, tmp_path, recipe.changed(["tuning=head"]))
        assert (metrics["steps"], metrics["steps_total"]) == (0, 0)
        assert metrics["evaluations"]["test"]["accuracy"]["value"] > 0.8
        untouched = load_backbone(recipe.backbone).state_dict()
        trained = load_file(tmp_path / "model" / "model.safetensors")
        assert all(torch.equal(tensor, untouched[name]) for name, tensor in trained.items())

    def test_a_fitted_head_starts_where_a_random_one_does_not(
        self, recipe: Recipe, version_folder: Path, tmp_path: Path
    ) -> None:
        losses = {}
        for tuning in ("full", "head_first"):
            train(version_folder, tmp_path / tuning, recipe.changed([f"tuning={tuning}", "max_steps=1", "lr=1e-9"]))
            losses[tuning] = events(tmp_path / tuning, "eval")[-1]["loss"]
        assert losses["head_first"] < losses["full"] - 0.1

    def test_a_cancel_while_the_head_is_fitted_leaves_nothing_half_done(
        self, recipe: Recipe, version_folder: Path, tmp_path: Path
    ) -> None:
        recipe = recipe.changed(["tuning=head"])
        with pytest.raises(Cancelled):
            train(version_folder, tmp_path / "cut", recipe, stop=lambda: True)
        for name in ("cut", "whole"):
            train(version_folder, tmp_path / name, recipe)
        assert same(tmp_path / "cut", tmp_path / "whole")

    def test_minilm_keeps_the_layers_that_help(self) -> None:
        assert worthwhile_layers("minilm") == 4
        assert worthwhile_layers("some/other") == 0


class TestResuming:
    @pytest.mark.parametrize("dropout", [0.0, 0.2])
    def test_a_cancelled_run_ends_as_an_undisturbed_one(
        self, recipe: Recipe, version_folder: Path, tmp_path: Path, dropout: float
    ) -> None:
        recipe = Recipe.from_mapping(
            {**recipe.to_dict(), "dropout": dropout, "epochs": 3, "patience": 50, "eval_every": 4}
        )
        train(version_folder, tmp_path / "whole", recipe)
        asked = 0

        def stop_after(limit: int) -> Callable[[], bool]:
            def stop() -> bool:
                nonlocal asked
                asked += 1
                return asked % limit == 0

            return stop

        cancelled = 0
        while not (tmp_path / "cut" / "metrics.json").exists():
            try:
                train(version_folder, tmp_path / "cut", recipe, stop=stop_after(11))
            except Cancelled:
                cancelled += 1
        assert cancelled >= 2
        assert same(tmp_path / "whole", tmp_path / "cut")
        curves = [[(e["step"], e["loss"]) for e in events(tmp_path / name, "train")] for name in ("whole", "cut")]
        assert curves[0] == curves[1]

    def test_a_run_that_dies_before_its_first_update_ends_the_same_with_a_fitted_head(
        self, recipe: Recipe, version_folder: Path, tmp_path: Path
    ) -> None:
        class Killed(Exception):
            pass

        def die() -> bool:
            if checkpoints.folder(tmp_path / "cut", 0).exists():
                raise Killed
            return False

        recipe = recipe.changed(["tuning=head_first", "max_steps=3"])
        train(version_folder, tmp_path / "whole", recipe)
        with pytest.raises(Killed):
            train(version_folder, tmp_path / "cut", recipe, stop=die)
        train(version_folder, tmp_path / "cut", recipe)
        assert events(tmp_path / "cut", "train")[-1]["loss"] == events(tmp_path / "whole", "train")[-1]["loss"]
        assert same(tmp_path / "whole", tmp_path / "cut")

    def test_the_latest_and_the_best_checkpoint_stay(
        self, recipe: Recipe, version_folder: Path, tmp_path: Path
    ) -> None:
        with pytest.raises(Cancelled):
            train(version_folder, tmp_path, recipe, stop=lambda: (tmp_path / "checkpoints" / "step-00000030").exists())
        names = sorted(path.name for path in (tmp_path / "checkpoints").iterdir())
        assert names[-1] == "step-00000030"
        assert len(names) <= 2
        state = json.loads((tmp_path / "checkpoints" / names[-1] / "state.json").read_text())
        assert f"step-{state['best_step']:08d}" in names

    def test_a_checkpoint_cut_short_is_named(self, recipe: Recipe, version_folder: Path, tmp_path: Path) -> None:
        with pytest.raises(Cancelled):
            train(version_folder, tmp_path, recipe, stop=lambda: (tmp_path / "checkpoints").exists())
        checkpoint = max((tmp_path / "checkpoints").iterdir())
        (checkpoint / "optimizer.safetensors").write_bytes(b"short")
        with pytest.raises(TrainingError, match="cannot be read"):
            train(version_folder, tmp_path, recipe)

    def test_another_recipe_or_other_data_take_another_folder(
        self, run: Path, recipe: Recipe, version_folder: Path, tmp_path: Path
    ) -> None:
        with pytest.raises(TrainingError, match="differs in lr"):
            train(version_folder, run, Recipe.from_mapping({**recipe.to_dict(), "lr": 1e-3}))
        shutil.copytree(version_folder, tmp_path / "other")
        (tmp_path / "other" / "data" / "test-00000-of-00001.parquet").unlink()
        with pytest.raises(TrainingError, match="differs in data"):
            train(tmp_path / "other", run, recipe)


class TestStopping:
    def test_stops_early_where_validation_no_longer_gains(
        self, recipe: Recipe, make_table: Callable[..., pa.Table], tmp_path: Path
    ) -> None:
        """Validation labels are the opposite of what is taught, so the first validation is the best."""
        table = make_table(12, 4)
        pq.write_table(table, tmp_path / "train.parquet")
        swapped = table.rename_columns([{"p_a": "p_b", "p_b": "p_a"}.get(name, name) for name in table.column_names])
        pq.write_table(swapped, tmp_path / "validation.parquet")
        metrics = train(
            tmp_path, tmp_path / "run", Recipe.from_mapping({**recipe.to_dict(), "epochs": 40, "patience": 2})
        )
        assert metrics["stopped"] == "early"
        assert metrics["steps"] < metrics["steps_total"]

    def test_stops_at_the_maximum(self, recipe: Recipe, version_folder: Path, tmp_path: Path) -> None:
        metrics = train(version_folder, tmp_path, Recipe.from_mapping({**recipe.to_dict(), "max_steps": 4}))
        assert metrics["steps"] == metrics["steps_total"] == 4
        assert [event["step"] for event in events(tmp_path, "eval")] == [0, 4]

    def test_rates_rise_and_fall(self) -> None:
        recipe = Recipe(lr=1.0, warmup=0.2)
        rates = [learning_rate(step, 10, recipe) for step in range(10)]
        assert rates == pytest.approx([0.5, 1.0, 1.0, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125])


class TestData:
    def test_a_file_is_split_by_itself(
        self, recipe: Recipe, make_table: Callable[..., pa.Table], tmp_path: Path
    ) -> None:
        pq.write_table(make_table(24, 4), tmp_path / "pairs.parquet")
        metrics = train(
            tmp_path / "pairs.parquet", tmp_path / "run", Recipe.from_mapping({**recipe.to_dict(), "holdout": 0.2})
        )
        assert metrics["data"]["train"]["rows"] + metrics["data"]["validation"]["rows"] == 144
        assert metrics["data"]["validation"]["rows"] == 24  # one of six groups
        assert list(metrics["evaluations"]) == ["validation"]

    def test_trl_columns_train_too(self, recipe: Recipe, tmp_path: Path) -> None:
        rows = [
            {"prompt": f"why {i}", "chosen": "good " * (1 + i % 5), "rejected": "bad " * (1 + i % 4)} for i in range(60)
        ]
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / "pairs.parquet")
        metrics = train(tmp_path / "pairs.parquet", tmp_path / "run", recipe)
        assert metrics["evaluations"]["validation"]["accuracy"]["value"] == 1.0

    def test_ties_have_a_loss_of_their_own(self, recipe: Recipe, version_folder: Path, tmp_path: Path) -> None:
        values = {**recipe.to_dict(), "loss": "bradley_terry_ties", "loss_settings": {"k": 3}}
        metrics = train(version_folder, tmp_path, Recipe.from_mapping(values))
        assert metrics["evaluations"]["test"]["accuracy"]["value"] > 0.8

    def test_a_decoder_trains_with_gradient_checkpointing(
        self, recipe: Recipe, tiny_decoder: Path, version_folder: Path, tmp_path: Path
    ) -> None:
        values = {**recipe.to_dict(), "backbone": str(tiny_decoder), "gradient_checkpointing": True, "template": "auto"}
        metrics = train(version_folder, tmp_path, Recipe.from_mapping({**values, "max_length": 40}))
        assert metrics["evaluations"]["test"]["accuracy"]["value"] > 0.75
        assert read_card(tmp_path / "model")["template"] == "chat"

    def test_weights_count(self, recipe: Recipe, make_table: Callable[..., pa.Table], tmp_path: Path) -> None:
        """Every pair stands there twice, once with the wrong label and little weight."""
        rows = make_table(16, 4).to_pylist()
        wrong = [{**row, "p_a": row["p_b"], "p_b": row["p_a"], "weight": 0.05} for row in rows]
        pq.write_table(pa.Table.from_pylist(rows + wrong, schema=pairs.SCHEMA), tmp_path / "train.parquet")
        pq.write_table(make_table(6, 4, 9), tmp_path / "test.parquet")
        metrics = train(tmp_path, tmp_path / "run", recipe)
        assert metrics["evaluations"]["test"]["accuracy"]["value"] > 0.8

    def test_a_test_split_of_ties_only_is_no_failure(
        self, recipe: Recipe, version_folder: Path, make_table: Callable[..., pa.Table], tmp_path: Path
    ) -> None:
        shutil.copytree(version_folder, tmp_path / "v")
        rows = [{**row, "p_a": 0.1, "p_tie": 0.8, "p_b": 0.1, "gold": None} for row in make_table(2, 3).to_pylist()]
        pq.write_table(
            pa.Table.from_pylist(rows, schema=pairs.SCHEMA), tmp_path / "v" / "data" / "test-00000-of-00001.parquet"
        )
        metrics = train(tmp_path / "v", tmp_path / "run", Recipe.from_mapping({**recipe.to_dict(), "max_steps": 3}))
        assert "No row has a winner" in metrics["evaluations"]["test"]["error"]


class TestFailing:
    def fails(self, source: Path, out: Path, recipe: Recipe, **changes: object) -> str:
        with pytest.raises(LabError) as caught:
            train(source, out, Recipe.from_mapping({**recipe.to_dict(), **changes}))
        return str(caught.value)

    @pytest.fixture
    def empty(self, version_folder: Path, tmp_path: Path) -> Callable[[str], Path]:
        def build(split: str) -> Path:
            folder = tmp_path / f"no-{split}"
            shutil.copytree(version_folder, folder)
            pq.write_table(pairs.SCHEMA.empty_table(), folder / "data" / f"{split}-00000-of-00001.parquet")
            return folder

        return build

    def test_an_empty_train_split(self, empty: Callable[[str], Path], recipe: Recipe, tmp_path: Path) -> None:
        message = self.fails(empty("train"), tmp_path / "run", recipe)
        assert "train split is empty" in message
        assert "larger share" in message

    def test_an_empty_validation_split(self, empty: Callable[[str], Path], recipe: Recipe, tmp_path: Path) -> None:
        source = empty("validation")
        assert "patience=0" in self.fails(source, tmp_path / "run", recipe, patience=3)
        metrics = train(source, tmp_path / "other", Recipe.from_mapping({**recipe.to_dict(), "max_steps": 3}))
        assert metrics["best_step"] == 3

    def test_no_train_split(self, recipe: Recipe, tmp_path: Path) -> None:
        assert "no train split" in self.fails(tmp_path, tmp_path / "run", recipe)

    def test_pairs_of_which_none_is_usable(
        self, recipe: Recipe, make_table: Callable[..., pa.Table], tmp_path: Path
    ) -> None:
        rows = [{**row, "response_b": row["response_a"]} for row in make_table(8, 3).to_pylist()]
        pq.write_table(pa.Table.from_pylist(rows, schema=pairs.SCHEMA), tmp_path / "pairs.parquet")
        assert "no usable label" in self.fails(tmp_path / "pairs.parquet", tmp_path / "run", recipe)

    def test_a_loss_that_is_not_finite(self, version_folder: Path, recipe: Recipe, tmp_path: Path) -> None:
        message = self.fails(version_folder, tmp_path, recipe, lr=1e30, warmup=0.0, clip=1e30)
        assert "Lower the learning rate (lr, now 1e+30)" in message
        assert not (tmp_path / "model").exists()

    def test_memory_running_out(
        self, version_folder: Path, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def starved(*args: object, least: int) -> None:
            torch.empty(1 << 50)

        monkeypatch.setattr(loop, "length_groups", starved)
        message = self.fails(version_folder, tmp_path, recipe)
        assert "Memory ran out. Lower tokens_per_step (now 256)" in message
        assert "gradient_checkpointing=true" in message

    def test_a_full_disk_and_then_room_again(
        self, version_folder: Path, recipe: Recipe, tmp_path: Path, run: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(target: Path, fill: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(loop, "write_folder", full)  # the model itself cannot be written
            assert "The disk is full. Make room" in self.fails(version_folder, tmp_path, recipe)
        assert not (tmp_path / "model").exists()
        train(version_folder, tmp_path, recipe)
        assert same(tmp_path, run)

    def test_other_faults_are_not_taken_for_memory(
        self, version_folder: Path, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*args: object, least: int) -> None:
            raise RuntimeError("something else")

        monkeypatch.setattr(loop, "length_groups", broken)
        with pytest.raises(RuntimeError, match="something else"):
            train(version_folder, tmp_path, recipe)

    def test_data_that_cannot_be_read(self, recipe: Recipe, tmp_path: Path) -> None:
        (tmp_path / "train.parquet").write_bytes(b"PAR1 broken")
        with pytest.raises(DataError, match="cannot be read"):
            train(tmp_path, tmp_path / "run", recipe)

    def test_a_backbone_that_is_none(self, version_folder: Path, recipe: Recipe, tmp_path: Path) -> None:
        assert "not a model folder" in self.fails(version_folder, tmp_path / "run", recipe, backbone=str(tmp_path))

    def test_a_folder_that_is_held(self, version_folder: Path, recipe: Recipe, tmp_path: Path) -> None:
        with training.locked(tmp_path):
            assert "Another process is training" in self.fails(version_folder, tmp_path, recipe)


def test_low_rank_updates_leave_a_whole_model(
    recipe: Recipe, version_folder: Path, tmp_path: Path, tiny_encoder: Path
) -> None:
    """LoRA merged on saving: the folder needs no adapter, and scores as the training model did."""
    lora = recipe.changed(["tuning=lora", "lora_rank=4", "epochs=3"])
    metrics = train(version_folder, tmp_path, lora)
    assert metrics["evaluations"]["test"]["accuracy"]["value"] > 0.75
    files = {path.name for path in (tmp_path / "model").iterdir()}
    assert "model.safetensors" in files
    assert not any("adapter" in name for name in files)
    base = load_backbone(str(tiny_encoder)).state_dict()
    changed = [
        name
        for name, w in load_file(tmp_path / "model" / "model.safetensors").items()
        if not torch.equal(w, base[name])
    ]
    assert changed
    assert not any("embeddings" in name for name in changed)
