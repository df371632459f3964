"""Segments: the first wrong step, errors by type, by hand; and real chains and errors."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from rewardtrain.errors import DataError
from rewardtrain.evaluation import segments
from rewardtrain.labels import segments as labels


class Marked:
    """Takes a segment to be wrong by the number that stands in it."""

    def wrong(self, prompts: list[str], parts: list[list[str]], names: list[str]) -> list[np.ndarray]:
        return [np.array([[float(part.split()[0])] * len(names) for part in one]) for one in parts]


def chains(*rows: tuple) -> pa.Table:
    made = [
        {"prompt": f"p{at}", "completions": list(steps), "labels": list(said)} for at, (steps, said) in enumerate(rows)
    ]
    return labels.normalised(pa.Table.from_pylist(made))


def test_the_first_wrong_step_by_hand() -> None:
    table = chains(
        (["0.1", "0.9", "0.2"], [True, False, None]),  # found
        (["0.1", "0.9", "0.2"], [True, True, False]),  # another is called wrong
        (["0.1", "0.4"], [True, True]),  # none, and none is called so
        (["0.6", "0.1"], [True, True]),
    )
    figures = segments.evaluate(table, Marked())
    assert (figures["labels"], figures["n"]) == ("steps", 4)
    assert figures["accuracy"]["value"] == 0.5
    assert figures["baselines"]["majority"]["value"] == 0.5  # no step is wrong
    (kind,) = figures["types"]
    assert kind["n"] == 9  # one has no label
    assert kind["base_rate"] == pytest.approx(2 / 9)
    # 0.9 and 0.2 are wrong; right are 0.1 0.1 0.9 0.1 0.4 0.6 0.1
    assert kind["auroc"]["value"] == pytest.approx((6.5 + 4) / 14)


def test_errors_by_type_by_hand() -> None:
    row = {
        "prompt": "p", "response": "0.9 it is. 0.1 so. 0.7 no.",
        "spans": [{"start": 0, "end": 5, "category": "wrong"}, {"start": 11, "end": 14, "category": "dull"}],
    }  # fmt: skip
    figures = segments.evaluate(labels.normalised(pa.Table.from_pylist([row])), Marked())
    assert figures["labels"] == "types"
    dull, wrong = figures["types"]
    assert (wrong["name"], wrong["auroc"]["value"]) == ("wrong", 1.0)
    assert (dull["name"], dull["auroc"]["value"]) == ("dull", 0.0)
    # wrong: 0.9 yes right, 0.1 no right, 0.7 yes wrong; dull: 0.9 wrong, 0.1 wrong, 0.7 wrong
    assert figures["accuracy"]["value"] == pytest.approx(2 / 6)


def test_a_model_of_whole_responses_is_refused() -> None:
    with pytest.raises(DataError, match="says nothing of segments"):
        segments.evaluate(chains((["1"], [True])), object())


def test_area_under_the_curve() -> None:
    assert segments.area(np.array([1.0, 1.0, 0.0]), np.array([True, False, False])) == 0.75
    assert segments.area(np.array([1.0]), np.array([True])) is None


def test_real_chains_are_read(real_data: Path, tmp_path: Path) -> None:
    """big_bench_mistake: every chain, its first wrong step where it has one."""
    made = []
    for path in sorted((real_data / "big_bench_mistake").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            at = row["mistake_index"]
            said = [
                True if at is None or step < at else False if step == at else None for step in range(len(row["steps"]))
            ]
            made.append({"prompt": row["input"], "completions": row["steps"], "labels": said})
    table = labels.normalised(pa.Table.from_pylist(made))
    assert len(table) == 2186
    truth = [segments._first(segments._wrong_steps(json.loads(text))) for text in table["labels"].to_pylist()]
    assert truth == [-1 if row["labels"].count(False) == 0 else row["labels"].index(False) for row in made]
