"""Best of n: the closed form against all subsets, the distance in nats, over-optimisation, ensembles."""

import gzip
import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewardtrain.errors import DataError
from rewardtrain.evaluation import best_of_n
from tests.rewardtrain.evaluation.known import Known, Several, file

VALUES = st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=1, max_size=7)


@settings(max_examples=60)
@given(VALUES, st.data())
def test_the_closed_form_is_the_mean_over_all_subsets(values: list[tuple[int, int]], data: st.DataObject) -> None:
    value_K, by_K = np.array(values, float).T
    n = data.draw(st.integers(1, len(values)))

    def taken(places: tuple[int, ...]) -> float:
        top = [place for place in places if by_K[place] == max(by_K[list(places)])]
        return float(value_K[top].mean())

    expected = np.mean([taken(places) for places in itertools.combinations(range(len(values)), n)])
    assert best_of_n.mean_of_best(value_K, by_K, n) == pytest.approx(expected)


@pytest.mark.parametrize(("n", "nats"), [(1, 0.0), (16, 1.835), (256, 4.549)])
def test_distance_in_nats(n: int, nats: float) -> None:
    assert best_of_n.kl(n) == pytest.approx(nats, abs=5e-4)


def test_many_responses_do_not_overflow() -> None:
    value_K = np.arange(3000.0)
    assert best_of_n.mean_of_best(value_K, value_K, 1500) == pytest.approx(3001 * 1500 / 1501 - 1)


def rows(prompts: int, gold: list[float]) -> list[dict]:
    return [{"prompt": f"p{i}", "responses": [f"r{k}" for k in range(len(gold))], "gold": gold} for i in range(prompts)]


RISING = Known(lambda prompt, response: float(response[1:]))


def test_the_curve_by_hand(tmp_path: Path) -> None:
    """Rewards 0, 1, 2; gold 0, 6, 3: the best of two is r2 in two of three subsets, r1 in one."""
    result = best_of_n.evaluate(best_of_n.read(file(tmp_path, *rows(6, [0, 6, 3])), ""), RISING)
    assert [point["n"] for point in result["curve"]] == [1, 2, 3]
    assert [point["gold"]["value"] for point in result["curve"]] == pytest.approx([3, 4, 3])
    assert [point["proxy"]["value"] for point in result["curve"]] == pytest.approx([1, 5 / 3, 2])
    assert result["accuracy"]["value"] == pytest.approx(2 / 3)
    assert result["oracle"]["value"] == 6
    assert result["fall"]["peak"] == 2
    assert result["fall"]["value"] == pytest.approx(-1)
    assert result["overoptimised"]


def test_a_good_proxy_is_not_overoptimised(tmp_path: Path) -> None:
    result = best_of_n.evaluate(best_of_n.read(file(tmp_path, *rows(6, [0, 1, 2])), ""), RISING)
    assert (result["fall"]["peak"], result["fall"]["value"], result["overoptimised"]) == (3, 0.0, False)
    assert result["ensemble"] is None


def test_ensembles_by_hand(tmp_path: Path) -> None:
    """r2 is liked by one member alone: the mean falls for it, the worst case and the penalty do not."""
    model = Several({"r0": 0, "r1": 2, "r2": 9}, {"r0": 0, "r1": 2, "r2": -1})
    table = best_of_n.read(file(tmp_path, *rows(6, [0, 6, 3])), "")
    last = {rule: curve[-1]["gold"]["value"] for rule, curve in best_of_n.evaluate(table, model)["ensemble"].items()}
    assert last == {"single": pytest.approx(4.5), "mean": 3, "worst": 6, "penalty": 6}


def test_rows_that_are_wrong_are_named(tmp_path: Path) -> None:
    good = rows(1, [0, 1])[0]
    for bad in ({**good, "gold": [1.0]}, {**good, "responses": ["x"], "gold": [1.0]}):
        with pytest.raises(DataError, match=r"Row 2 of .* must have at least two responses and a list gold"):
            best_of_n.read(file(tmp_path, good, bad), "")
    with pytest.raises(DataError, match=r"Row 1 of .* has no finite number in gold: None"):
        best_of_n.read(file(tmp_path, {**good, "gold": [1.0, None]}), "")
    with pytest.raises(DataError, match="nothing to choose"):
        best_of_n.evaluate(best_of_n.read(file(tmp_path, *rows(2, [1, 1])), ""), RISING)


@pytest.mark.real_data
def test_length_as_a_proxy_of_gpt4s_preferences(real_data: Path, tmp_path: Path) -> None:
    """Of 32 models' answers to an instruction GPT-4 prefers the longer ones: gold rises with n."""
    found: dict[str, dict] = {}
    for path in sorted((real_data / "alpaca_eval_gpt4").glob("*.json.gz")):
        for row in json.loads(gzip.decompress(path.read_bytes()))[:60]:
            if row["preference"] in (1, 2) and row["output_2"]:
                one = found.setdefault(row["instruction"], {"prompt": row["instruction"], "responses": [], "gold": []})
                one["responses"].append(row["output_2"])
                one["gold"].append(row["preference"] - 1)
    table = best_of_n.read(file(tmp_path, *found.values()), "")
    result = best_of_n.evaluate(table, Known(lambda prompt, response: float(len(response))))
    gold = [point["gold"]["value"] for point in result["curve"]]
    assert len(table) == 60
    assert result["accuracy"]["low"] > 0.5
    assert gold[0] < gold[-1] < result["oracle"]["value"] <= 1
