"""Length and format: how much they predict alone, and that balanced pairs no longer let them."""

import numpy as np
import pytest

from curation import applying
from curation.filters import Context, _confound, format_confound, length_confound

DEFAULTS = {"action": "reweight", "above": 0.9, "max_factor": 5}


def longer_wins(pair_table, share, count=400, mark=""):
    rng = np.random.default_rng(2)
    rows = []
    for number in range(count):
        long, short = mark * 3 + "word " * rng.integers(30, 60), "word " * rng.integers(5, 25)
        a_long = bool(rng.random() < 0.5)
        won = a_long == bool(rng.random() < share)
        rows.append(
            {
                "prompt": f"p{number}", "response_a": long if a_long else short,
                "response_b": short if a_long else long, "outcome": "a" if won else "b",
            }
        )  # fmt: skip
    return pair_table(*rows)


def weighted_share(table):
    longer = np.array(
        [len(a) > len(b) for a, b in zip(*(table[f"response_{s}"].to_pylist() for s in "ab"), strict=True)]
    )
    won = (table["p_a"].to_numpy() > 0.5) == longer
    return np.average(won, weights=table["weight"].to_numpy())


@pytest.mark.parametrize(("module", "mark"), [(length_confound, ""), (format_confound, "- **so**\n")])
def test_after_balancing_it_predicts_nothing(pair_table, module, mark):
    table = longer_wins(pair_table, 0.8, mark=mark)
    found = module.decide(table, DEFAULTS, Context())
    assert found.notes["predicts"] == pytest.approx(weighted_share(table), abs=0.01)
    assert found.notes["explained"] > 0.1
    after, _ = applying.apply(table, found, stage=1, filter="f")
    assert weighted_share(table) > 0.75
    assert weighted_share(after) == pytest.approx(0.5, abs=0.03)
    assert after["weight"].to_numpy().mean() == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("module", [length_confound, format_confound])
def test_where_it_predicts_nothing_hardly_anything_changes(pair_table, module):
    table = longer_wins(pair_table, 0.5)
    found = module.decide(table, DEFAULTS, Context())
    assert abs(found.notes["explained"]) < 0.02
    assert np.abs(found.weight_N - 1).max() < 0.25


def test_extremes_can_be_dropped_and_ties_stay(pair_table):
    table = longer_wins(pair_table, 0.97)
    found = length_confound.decide(table, DEFAULTS | {"action": "drop"}, Context())
    assert (found.action_N == "drop").sum() > 100
    assert (found.score_N[found.action_N == "drop"] > 0.9).all()
    tied = pair_table({"outcome": "tie"}, {"outcome": "both_bad"})
    assert length_confound.decide(tied, DEFAULTS, Context()).action_N.tolist() == ["keep", "keep"]


def test_swapping_the_sides_swaps_the_prediction():
    rng = np.random.default_rng(0)
    x_NF, lean_N = rng.normal(size=(200, 2)), rng.choice([-1.0, 1.0, 0.3], 200)
    flip_N = rng.choice([-1.0, 1.0], 200)
    np.testing.assert_allclose(
        _confound.fit(x_NF * flip_N[:, None], lean_N * flip_N), _confound.fit(x_NF, lean_N), atol=1e-4
    )
