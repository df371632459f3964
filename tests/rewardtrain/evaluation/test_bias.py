"""Bias: shares, partial correlations and rank correlations by hand, and invariance to sides."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from curation import pairs
from rewardtrain.evaluation import _common, bias
from tests.rewardtrain.evaluation.known import Known, file


def table(*rows: tuple[str, str, str]) -> pa.Table:
    """Rows of (response_a, response_b, winner)."""
    return _common.example_pairs(*((f"p{i}", a, b, float(side == "a"), 0.0, "") for i, (a, b, side) in enumerate(rows)))


def named(found: list[dict]) -> dict[str, dict]:
    return {one["name"]: one for one in found}


def test_what_the_reward_pays_beside_what_the_labels_do() -> None:
    """A model of length on pairs of which the longer wins one of four."""
    rows = table(("xx", "y", "a"), ("xx", "y", "b"), ("x", "yy", "a"), ("x", "yy", "a"))
    result = bias.evaluate(rows, Known(lambda prompt, response: len(response)))
    length = named(result["attributes"])["length"]
    assert (length["n"], length["reward"], length["label"]) == (4, 1.0, 0.25)
    assert length["difference"]["value"] == 0.75
    assert (length["with"], length["against"]) == (1.0, 0.0)
    assert [(one["name"], one["n"], one["value"]) for one in result["subsets"]] == [
        ("winner is shorter", 3, 0.0), ("winner is longer", 1, 1.0),
    ]  # fmt: skip
    assert result["length"]["spearman"]["value"] == pytest.approx(1.0)


def test_the_side_is_one_more_attribute() -> None:
    side = named(bias.evaluate(table(("x", "y", "a"), ("x", "y", "b")), Known(x=1.0))["attributes"])["side"]
    assert (side["n"], side["reward"], side["label"]) == (2, 1.0, 0.5)


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("- one\n- two", {"lists": 2}), ("1. one\n2) two", {"lists": 2}), ("# A\ntext", {"headings": 1}),
        ("**so** and __so__", {"bold": 2}), ("`x` and ```y```", {"code": 3}), ("2 * 3 * 4 # no", {}),
    ],
)  # fmt: skip
def test_marks_are_counted(text: str, marks: dict[str, int]) -> None:
    found = {name: bias.COUNTS[name](text) for name in ("lists", "code", "headings", "bold")}
    assert found == {**dict.fromkeys(found, 0), **marks}
    assert bias.COUNTS["markdown"](text) == sum(marks.values())


def test_partial_correlation_by_hand() -> None:
    """x = y + f without noise: with f fixed x and y go together wholly, whatever their own correlation."""
    y, f = np.array([1.0, -1.0, 1.0, -1.0, 1.0, 1.0]), np.array([2.0, 1.0, -1.0, 0.0, -2.0, 1.0])
    group = np.arange(6)
    assert bias._partial(y + f, y, f, group, 0)["value"] == pytest.approx(1)
    x = np.array([1.0, 2.0, -1.0, 0.0, 3.0, 1.0])
    r = {
        name: (a @ b) / np.sqrt((a @ a) * (b @ b)) for name, a, b in (("xy", x, y), ("xf", x, f), ("yf", y, f))
    }  # fmt: skip
    expected = (r["xy"] - r["xf"] * r["yf"]) / np.sqrt((1 - r["xf"] ** 2) * (1 - r["yf"] ** 2))
    assert bias._partial(x, y, f, group, 0)["value"] == pytest.approx(expected)


def test_a_model_of_length_has_nothing_left_for_the_winner() -> None:
    rows = table(("xx", "y", "a"), ("xxx", "y", "b"), ("x", "yyy", "a"))
    found = bias.evaluate(rows, Known(lambda prompt, response: len(response)))["length"]
    assert found["winner"]["value"] is None  # the reward is the length: nothing is left to correlate
    assert bias.evaluate(rows, Known(xx=1.0, x=1.0, y=1.0))["length"]["winner"]["value"] is not None


def test_families_are_told_by_their_first_word() -> None:
    assert [bias.family(name) for name in ("lmsys/vicuna-13b", "GPT-4", "gpt4_0314", "", None)] == [
        "vicuna", "gpt", "gpt", "", "",
    ]  # fmt: skip
    rows = table(("x", "y", "b"), ("x", "y", "a"))
    models = {"model_a": ["gpt-4", "gpt-3.5"], "model_b": ["llama-7b", "gpt-4"]}
    found = named(bias.evaluate(pairs.with_columns(rows, models), Known(x=1.0))["families"])
    assert {name: (one["n"], one["reward"], one["label"]) for name, one in found.items()} == {
        "gpt": (1, 1.0, 0.0), "llama": (1, 0.0, 1.0),
    }  # fmt: skip


def test_nothing_depends_on_which_side_a_response_stands() -> None:
    rows = [("xx", "- y", "a"), ("x", "**yy**", "a"), ("xxxx", "y", "b"), ("x", "yyy", "b")]
    turned = [(b, a, {"a": "b", "b": "a"}[side]) for a, b, side in rows]
    model = Known(lambda prompt, response: float(hash_of(response)))
    one, two = (bias.evaluate(table(*some), model) for some in (rows, turned))
    for result in (one, two):
        result["attributes"] = [found for found in result["attributes"] if found["name"] != "side"]
    assert one == two


def hash_of(text: str) -> int:
    return sum(place * ord(letter) for place, letter in enumerate(text, 1)) % 7


@pytest.mark.real_data
def test_length_on_adversarial_pairs(real_data: Path, tmp_path: Path) -> None:
    """LLMBar's GPTInst pairs were made so that the worse response looks better: their winners are the shorter ones."""
    found = json.loads((real_data / "llmbar" / "LLMBar" / "Adversarial" / "GPTInst" / "dataset.json").read_text())
    rows = [
        {"prompt": row["input"], "chosen": row[f"output_{row['label']}"], "rejected": row[f"output_{3 - row['label']}"]}
        for row in found
    ]
    result = bias.evaluate(bias.read(file(tmp_path, *rows), "test"), Known(lambda prompt, response: len(response)))
    length = named(result["attributes"])["length"]
    assert result["n"] == 92
    assert length["reward"] == 1.0
    assert length["label"] < 0.5
    assert length["difference"]["low"] > 0
