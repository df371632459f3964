"""What single plots find on data whose answer is known."""

import numpy as np
import pytest

from curation import quality
from curation.intervals import clustered, wilson
from tests.curation.quality.test_contract import everything, evidence, vote


def measured(name, *args, **kwargs):
    return quality.get(name).measure(*args, **kwargs)


def test_a_model_that_likes_length_stands_above_people():
    rows = []
    for number in range(40):
        people = "ab"[number % 2]
        votes = [vote("p", "person", people), vote("m", "reward_model", "a")]
        rows.append({"votes": votes, "response_a": "long " * 30, "response_b": "short"})
    series = measured("longer_wins", evidence(rows)).figures["series"]
    assert series["people"][-1]["value"] == 0.5
    assert series["reward models"][-1]["value"] == 1
    assert series["reward models"][-1]["n"] == 40
    assert series["people"][0] is None


def test_a_circle_is_counted_once_and_a_tie_decides_nothing():
    def won(a, b, outcome, prompt):
        return {"model_a": a, "model_b": b, "outcome": outcome, "prompt": prompt, "response_a": a, "response_b": b}

    circle = [won("x", "y", "a", "1"), won("y", "z", "a", "1"), won("x", "z", "b", "1")]
    line = [won("x", "y", "a", "2"), won("y", "z", "a", "2"), won("x", "z", "a", "2")]
    tied = [won("x", "y", "tie", "3"), won("y", "z", "a", "3"), won("x", "z", "a", "3")]
    plot = measured("win_rates", evidence(circle + line + tied))
    assert (plot.figures["cycles"], plot.figures["triples"]) == (1, 2)
    cell = next(c for c in plot.figures["cells"] if (c["row"], c["column"]) == ("x", "y"))
    assert (cell["value"], cell["n"]) == (round(2.5 / 3, 4), 3)


def test_a_worker_who_tires_leaves_the_control_limits():
    rows = [{"votes": [vote("p", "person", "a" if n < 900 else "b")], "gold": "a"} for n in range(960)]
    figures = measured("control_chart", evidence(rows)).figures
    last = [point["value"] for point in figures["series"]["people"]][-1]
    assert last < figures["lower"] < figures["centre"]


def test_the_error_of_calibration_is_the_gap_between_said_and_true():
    rows = [
        {"votes": [vote("p", "person", "a"), vote("m", "reward_model", "a", p_a=0.8)], "outcome": "ab"[n % 2]}
        for n in range(50)
    ]
    assert measured("calibration", evidence(rows)).figures["ece"] == {"m": 0.3}


def test_models_that_differ_where_people_do_correlate():
    rows = []
    for number in range(60):
        split = number % 2
        people = [vote(f"p{i}", "person", "b" if split and i == 0 else "a") for i in range(3)]
        models = [vote("m1", "reward_model", "a", p_a=0.9), vote("m2", "reward_model", "a", p_a=0.3 if split else 0.88)]
        rows.append({"votes": people + models})
    found = measured("model_disagreement", evidence(rows)).figures["correlation"]
    assert found["value"] == pytest.approx(1)
    assert found["low"] > 0.9


def test_the_rows_behind_a_cell_are_those_that_it_counts():
    whole = everything()
    plot = measured("confusion", whole)
    behind = {cell: len(rows) for cell, rows in plot.cells.items() if cell.startswith("all|a|")}
    assert sum(behind.values()) == sum(gold == "a" for gold in whole.table["gold"].to_pylist())


def test_the_interval_allows_for_votes_that_hang_together():
    rng = np.random.default_rng(0)
    covered = naive = 0
    for _ in range(300):
        item_p = rng.beta(2, 2, 80)
        hits = (rng.random((80, 5)) < item_p[:, None]).astype(float).ravel()
        low, high = clustered(hits, np.repeat(np.arange(80), 5))
        covered += low <= 0.5 <= high
        low, high = wilson(hits.sum(), len(hits))
        naive += low <= 0.5 <= high
    assert covered >= 0.91 * 300 > naive


def test_alone_or_all_alike_the_interval_still_has_a_width():
    assert clustered(np.ones(50), np.repeat(np.arange(5), 10)) == wilson(5, 5)
    assert clustered(np.array([1.0, 0.0]), np.array([0, 0])) == wilson(1, 2)
    assert clustered(np.array([]), np.array([])) == (0.0, 1.0)
