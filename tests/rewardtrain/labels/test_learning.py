"""Whole trainings from labels that are no pairs."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rewardtrain.modeling.reward_model import read_card
from rewardtrain.recipe import Recipe
from rewardtrain.training import train


class TestOtherLabels:
    """Whole trainings from ratings, rankings and segments, on made-up texts of which good words are better."""

    def rows(self, kind: str, count: int, seed: int) -> list[dict]:
        rng = np.random.default_rng(seed)
        rows = []
        for number in range(count):
            words = [" ".join(rng.choice(["good", "bad", "fine", "dull"], 4)) for _ in range(3)]
            value = [text.count("good") - text.count("bad") for text in words]
            prompt = f"why {number}"
            if kind == "ratings":
                rows += [
                    {"prompt": prompt, "response": w, "worth": float(v), "length": float(len(w))}
                    for w, v in zip(words, value, strict=True)
                ]
            elif kind == "rankings":
                rows.append({"prompt": prompt, "responses": words, "ranks": [-v for v in value]})
            else:
                steps = rng.choice(["good", "fine", "bad"], 3).tolist()
                rows.append({"prompt": prompt, "completions": steps, "labels": [step != "bad" for step in steps]})
        return rows

    @pytest.mark.parametrize(
        ("kind", "loss"), [("ratings", "multi_aspect"), ("rankings", "plackett_luce"), ("segments", "step")]
    )
    def test_learns(self, kind: str, loss: str, tiny_encoder: Path, tmp_path: Path) -> None:
        for split, count in (("train", 60), ("test", 20)):
            pq.write_table(pa.Table.from_pylist(self.rows(kind, count, count)), tmp_path / f"{split}.parquet")
        recipe = Recipe(
            backbone=str(tiny_encoder), max_length=32, template="{prompt} {response}", tokens_per_step=256, epochs=4,
            lr=5e-3, precision="fp32", loss=loss,
        )  # fmt: skip
        metrics = train(tmp_path, tmp_path / "run", recipe)
        assert metrics["evaluations"]["test"]["suite"] == kind
        assert metrics["evaluations"]["test"]["accuracy"]["value"] > 0.75
        assert read_card(tmp_path / "run" / "model")["loss"] == loss
