"""From a dataset version with media to a reward model that judges pictures, for each kind of backbone."""

import base64
import csv
import io
import json
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from curation import pairs
from rewardtrain import data, pictures
from rewardtrain.__main__ import main
from rewardtrain.errors import DataError, RecipeError
from rewardtrain.keeping import Store
from rewardtrain.modeling.reward_model import read_card
from rewardtrain.pictures import Media
from rewardtrain.recipe import Recipe
from rewardtrain.scoring import Scorer
from rewardtrain.training import train
from tests.rewardtrain.modeling.vision import tiny

COLOURS = ("red", "blue")


def _plain(colour: str, shade: int) -> bytes:
    buffer = io.BytesIO()
    value = (255 - shade, shade, shade) if colour == "red" else (shade, shade, 255 - shade)
    Image.new("RGB", (32, 32), value).save(buffer, "PNG")
    return buffer.getvalue()


def rows(root: Path, count: int, seed: int, colours: tuple[str, ...] = COLOURS) -> pa.Table:
    """Edits of a reddish source: the one of the colour that is asked for, one of ``colours``, wins."""
    draw = np.random.default_rng(seed)
    found = []
    for number in range(count):
        source = pictures.keep(root, _plain("red", 128 - int(draw.integers(30))))
        wanted = colours[draw.integers(len(colours))]
        other = COLOURS[1 - COLOURS.index(wanted)]
        said = [{"type": "image", "image": source}, {"type": "text", "text": f"make the circle {wanted}"}]
        prompt = pairs.canonical_json([{"role": "user", "content": said}])
        good, bad = (pictures.keep(root, _plain(colour, int(draw.integers(60)))) for colour in (wanted, other))
        first = bool(draw.integers(2))
        a, b = (good, bad) if first else (bad, good)
        found.append(
            {
                "row_id": pairs.row_id(prompt, "", "", [a], [b]), "item": f"{seed}-{number}", "prompt": prompt,
                "response_a": "", "response_b": "", "media_a": [a], "media_b": [b], "p_a": float(first), "p_tie": 0.0,
                "p_b": float(not first), "p_both_bad": 0.0, "margin": 0.0, "weight": 1.0, "n_votes": 1, "group": "",
                "strength": 2.0 * first - 1, "gold": "a" if first else "b", "metadata": "{}",
            }
        )  # fmt: skip
    return pa.Table.from_pylist(found, schema=pairs.SCHEMA)


def written(folder: Path, colours: tuple[str, ...] = COLOURS) -> Path:
    """A dataset version's folder with its media."""
    (folder / "data").mkdir()
    for split, count, seed in (("train", 96, 1), ("validation", 12, 2), ("test", 24, 3)):
        path = folder / "data" / f"{split}-00000-of-00001.parquet"
        pq.write_table(rows(folder / "media", count, seed, colours), path)
    return folder


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("version"))


# A random CLIP as small as this does not come to see what words ask of pictures, so it learns the one colour asked.
LEARNT = {
    "clip": ({"lr": 3e-3, "epochs": 8}, ("red",)),
    "qwen2_vl": ({"lr": 1e-3, "epochs": 30, "max_pixels": 256}, COLOURS),
    "small_edit": ({"lr": 3e-3, "epochs": 10, "image_size": 32}, COLOURS),
}


@pytest.fixture(scope="module", params=sorted(LEARNT))
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run; its data lie beside it."""
    settings, colours = LEARNT[request.param]
    folder = tmp_path_factory.mktemp("run")
    recipe = Recipe(
        backbone=str(tiny.BACKBONES[request.param](folder / "backbone")), tuning="full", tokens_per_step=1200,
        max_length=64, precision="fp32", head="mlp", **settings,
    )  # fmt: skip
    (folder / "version").mkdir()
    train(written(folder / "version", colours), folder, recipe)
    return folder


class TestARun:
    def test_learns_what_pictures_say(self, run: Path) -> None:
        test = json.loads((run / "metrics.json").read_text())["evaluations"]["test"]
        assert test["accuracy"]["value"] >= 0.9
        assert test["baselines"]["longer"]["value"] == 0.5

    def test_its_model_scores_files_data_urls_and_tables_alike(self, run: Path) -> None:
        table = pq.read_table(run / "version" / "data" / "test-00000-of-00001.parquet").slice(0, 4)
        media = Media(run / "version" / "media")
        scorer = Scorer(run / "model", device="cpu", media=media)
        reward_a, _ = scorer.score_table(table)
        prompts, files = table["prompt"].to_pylist(), [files[0] for files in table["media_a"].to_pylist()]
        parts = [json.dumps([{"type": "image", "image": ref}]) for ref in files]
        np.testing.assert_allclose(scorer.score(prompts, parts), reward_a, atol=1e-5)

        def url(ref: str) -> str:
            return f"data:image/png;base64,{base64.b64encode(media.read(ref)).decode()}"

        bare = Scorer(run / "model", device="cpu")
        said = [json.loads(prompt) for prompt in prompts]
        for (message,) in said:
            message["content"][0] = {"type": "image_url", "image_url": {"url": url(message["content"][0]["image"])}}
        urls = [json.dumps([{"type": "image", "url": url(ref)}]) for ref in files]
        np.testing.assert_allclose(bare.score([json.dumps(one) for one in said], urls), reward_a, atol=1e-5)

    def test_the_card_records_the_pictures_and_the_recipe(self, run: Path) -> None:
        card = read_card(run / "model")
        for name, value in card["images"]["settings"].items():
            assert value == card["recipe"][name]

    def test_the_command_line_scores_and_measures(self, run: Path, tmp_path: Path) -> None:
        test = run / "version" / "data" / "test-00000-of-00001.parquet"
        model, media = str(run / "model"), ["--media", str(run / "version" / "media"), "--device", "cpu"]
        assert main(["score", model, str(test), str(tmp_path / "scored.parquet"), *media]) == 0
        scored = pq.read_table(tmp_path / "scored.parquet")
        assert (scored["reward_a"].to_numpy() != scored["reward_b"].to_numpy()).all()
        assert scored["media_a"].to_pylist() == pq.read_table(test)["media_a"].to_pylist()
        assert main(["evaluate", model, str(run / "version"), str(tmp_path / "out.json"), "--device", "cpu"]) == 0
        assert json.loads((tmp_path / "out.json").read_text())["accuracy"]["value"] >= 0.9


@pytest.mark.parametrize("name", ["small_edit", "qwen2_vl"])
def test_a_cancelled_run_ends_as_an_undisturbed_one(name: str, version: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    from rewardtrain.loop import Cancelled

    backbone = str(tiny.BACKBONES[name](tmp_path / "backbone"))
    recipe = Recipe(backbone=backbone, tokens_per_step=600, max_length=64, precision="fp32", epochs=1, lr=1e-3)
    train(version, tmp_path / "whole", recipe)
    calls = iter([False] * 6 + [True] * 10)
    with pytest.raises(Cancelled):
        train(version, tmp_path / "cut", recipe, stop=lambda: next(calls))
    train(version, tmp_path / "cut", recipe)
    one, other = (load_file(tmp_path / run / "model" / "model.safetensors") for run in ("whole", "cut"))
    assert all((tensor == other[key]).all() for key, tensor in one.items())


def test_lora_adapts_a_backbone_of_pictures(version: Path, tmp_path: Path) -> None:
    pytest.importorskip("peft")
    backbone = str(tiny.clip(tmp_path / "backbone"))
    recipe = Recipe(
        backbone=backbone, tuning="lora", lora_rank=4, tokens_per_step=600, max_length=16, max_steps=2, lr=1e-2
    )
    assert train(version, tmp_path / "run", recipe)["steps"] == 2
    assert (
        len(Scorer(tmp_path / "run" / "model", device="cpu", media=Media(version / "media")).score(["a"], ["b"])) == 1
    )


def test_a_frozen_backbone_computes_each_picture_once_for_several_runs(version: Path, tmp_path: Path) -> None:
    backbone, store = str(tiny.clip(tmp_path / "backbone")), Store(tmp_path / "store.sqlite")
    recipe = Recipe(backbone=backbone, tuning="head", max_length=16, precision="fp32")
    plain = train(version, tmp_path / "plain", recipe)
    kept = [train(version, tmp_path / str(run), recipe, store=store) for run in range(2)]
    (count,) = store.database.execute("SELECT count(*) FROM vectors").fetchone()
    test = [one["evaluations"]["test"]["accuracy"] for one in (plain, *kept)]
    assert test[0] == test[1] == test[2]
    tables = [data.read_split(version, split) for split in data.SPLITS]
    names = {ref for table in tables for side in "ab" for files in table[f"media_{side}"].to_pylist() for ref in files}
    sources = {
        json.loads(prompt)[0]["content"][0]["image"] for table in tables for prompt in table["prompt"].to_pylist()
    }
    assert count == len(names | sources) + len(COLOURS)


def test_an_ensemble_reads_pictures(version: Path, tmp_path: Path) -> None:
    recipe = Recipe(
        backbone="small_edit", tuning="full", ensemble=2, max_steps=1, image_size=16, max_length=16, precision="fp32"
    )
    train(version, tmp_path, recipe)
    scorer = Scorer(tmp_path / "model", device="cpu", media=Media(version / "media"))
    table = scorer.readable(pq.read_table(version / "data" / "test-00000-of-00001.parquet"))
    found = scorer.scores(table["prompt"].to_pylist(), table["response_a"].to_pylist())
    assert found.member_MN.shape == (2, 24)


class TestRefuses:
    @pytest.fixture
    def table(self, tmp_path: Path) -> pa.Table:
        return rows(tmp_path / "media", 5, 4)

    def test_a_missing_picture_with_its_row(self, table: pa.Table, tmp_path: Path) -> None:
        pq.write_table(table, tmp_path / "pairs.parquet")
        digest = table["media_b"].to_pylist()[2][0].removeprefix("sha256:")
        (tmp_path / "media" / digest[:2] / digest).unlink()
        recipe = Recipe(backbone="small_edit", max_length=16)
        with pytest.raises(DataError, match=rf"Row 3 of the train split: The picture {digest} is not in"):
            train(tmp_path / "pairs.parquet", tmp_path / "run", recipe)

    def test_a_source_that_is_no_picture_with_its_row(self, table: pa.Table, tmp_path: Path) -> None:
        digest = json.loads(table["prompt"].to_pylist()[1])[0]["content"][0]["image"].removeprefix("sha256:")
        other = pictures.keep(tmp_path / "media", b"words")
        prompts = [prompt.replace(f"sha256:{digest}", other) for prompt in table["prompt"].to_pylist()]
        with pytest.raises(DataError, match=r"Row 2: .* no picture that can be read"):
            data.with_media(pairs.with_columns(table, {"prompt": prompts}), Media(tmp_path / "media"))

    def test_no_media_folder(self, table: pa.Table, tmp_path: Path) -> None:
        pq.write_table(table, tmp_path / "pairs.parquet")
        (tmp_path / "media").rename(tmp_path / "elsewhere")
        recipe = Recipe(backbone="small_edit", tuning="full", max_steps=1, max_length=16, holdout=0.4)
        with pytest.raises(DataError, match="no media folder"):
            train(tmp_path / "pairs.parquet", tmp_path / "run", recipe)
        train(tmp_path / "pairs.parquet", tmp_path / "other", recipe, media=tmp_path / "elsewhere")

    def test_settings_out_of_range_and_of_another_backbone(self, table: pa.Table, tmp_path: Path) -> None:
        with pytest.raises(RecipeError, match="image_size must be at most 1024"):
            Recipe(image_size=5000)
        with pytest.raises(RecipeError, match="frames must be at least 1"):
            Recipe(frames=0)
        pq.write_table(table, tmp_path / "pairs.parquet")
        with pytest.raises(RecipeError, match="max_pixels is not for this backbone"):
            train(tmp_path / "pairs.parquet", tmp_path / "run", Recipe(backbone="small_edit", max_pixels=9))
        with pytest.raises(RecipeError, match="image_size is for backbones that read pictures"):
            train(tmp_path / "pairs.parquet", tmp_path / "run2", Recipe(image_size=64))

    def test_an_edit_without_source(self, tmp_path: Path) -> None:
        from rewardtrain.encoding import encoder_for
        from rewardtrain.modeling.backbones import load_tokenizer

        encoder = encoder_for(load_tokenizer("small_edit"), "auto", 16, media=Media(tmp_path))
        with pytest.raises(DataError, match="prompt has no source picture"):
            encoder.encode([("make it red", "done")])


def test_with_media_again_changes_nothing_and_texts_stay_texts(tmp_path: Path, version: Path) -> None:
    table = pq.read_table(version / "data" / "test-00000-of-00001.parquet")
    media = Media(version / "media")
    once = data.with_media(table, media)
    assert data.with_media(once, media).equals(once)
    texts = data.as_pairs(pa.table({"prompt": ["a"], "chosen": ["b"], "rejected": ["c"]}))
    assert data.with_media(texts, media)["response_a"].to_pylist() == texts["response_a"].to_pylist()


@pytest.mark.real_data
def test_rated_pictures_of_image_generators_train_a_model_of_clips_layout(real_data: Path, tmp_path: Path) -> None:
    """16 pictures and their mean appeal become pairs of one prompt each; nothing is claimed of the accuracy."""
    folder = real_data / "ai_images"
    prompts = json.loads((folder / "prompts.json").read_text())
    said = defaultdict(list)
    with (folder / "ratings.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["scale"] == "range_image_appeal" and (folder / "images" / row["image"]).is_file():
                said[row["prompt_id"], row["image"]].append(float(row["rating"]))
    means = {key: float(np.mean(values)) for key, values in said.items()}
    assert len(means) == 16
    found = []
    for one, other in combinations(sorted(means), 2):
        if one[0] != other[0] or means[one] == means[other]:
            continue
        prompt = pairs.canonical_json([{"role": "user", "content": prompts[one[0]]}])
        a, b = (pictures.keep(tmp_path / "media", (folder / "images" / name).read_bytes()) for _, name in (one, other))
        wins = float(means[one] > means[other])
        found.append(
            {"prompt": prompt, "response_a": "", "response_b": "", "media_a": [a], "media_b": [b], "p_a": wins,
             "p_b": 1 - wins, "group": one[0]}
        )  # fmt: skip
    pq.write_table(data.as_pairs(pa.Table.from_pylist(found)), tmp_path / "pairs.parquet")
    recipe = Recipe(
        backbone=str(tiny.clip(tmp_path / "clip")), tuning="full", max_steps=3, epochs=3, max_length=16,
        holdout=0.34, precision="fp32",
    )  # fmt: skip
    metrics = train(tmp_path / "pairs.parquet", tmp_path / "run", recipe)
    assert metrics["steps"] == 3
    assert metrics["data"]["train"]["sequences"] + metrics["data"]["validation"]["sequences"] == 16
    assert np.isfinite(metrics["validation_loss"])
