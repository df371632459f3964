"""Kappa: textbook tables, scikit-learn, intervals, and the matrix of raters."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from annotate.feedback import Reading
from annotate.feedback.critique import text_distance
from curation.agreement import alpha, kappa, pairwise

scales = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=40)


def spread(table):
    """Two raters' labels from a table of counts."""
    cells = [(i, j) for i, row in enumerate(table) for j, n in enumerate(row) for _ in range(n)]
    return tuple(zip(*cells, strict=True))


def test_textbook_table():
    """Agreement .7, chance .5: (.7 - .5) / (1 - .5)."""
    found = kappa(*spread([[20, 5], [10, 15]]))
    assert found.value == pytest.approx(0.4)
    assert (found.n_units, found.n_raters, found.n_readings) == (50, 2, 100)


def test_fleiss_s_diagnoses():
    """Fleiss, Statistical Methods for Rates and Proportions, table 18.1: kappa .676, standard error .088."""
    found = kappa(*spread([[75, 1, 4], [5, 4, 1], [0, 0, 10]]))
    assert found.value == pytest.approx(0.676, abs=5e-4)
    assert (found.high - found.low) / (2 * 1.959964) == pytest.approx(0.088, abs=1e-3)


@settings(max_examples=60, deadline=None)
@given(pairs=scales, weights=st.sampled_from([None, "linear", "quadratic"]))
def test_is_scikit_learn_s_on_a_whole_scale(pairs, weights):
    first, second = zip(*pairs, strict=True)
    found = kappa(first, second, weights=weights)
    if len({*first, *second}) == 1:
        assert (found.value, found.low) == (1, None)
    else:
        expected = cohen_kappa_score(first, second, labels=range(5), weights=weights)
        assert found.value == pytest.approx(expected)
        assert -1 <= found.low <= found.value <= found.high <= 1


@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
def test_interval_is_that_of_a_bootstrap(weights):
    rng = np.random.default_rng(0)
    first = rng.integers(0, 4, 300)
    second = np.clip(first + rng.choice([-1, 0, 0, 1], 300), 0, 3)
    draws = [kappa(first[i], second[i], weights=weights).value for i in rng.integers(0, 300, (800, 300))]
    found = kappa(first, second, weights=weights)
    np.testing.assert_allclose([found.low, found.high], np.quantile(draws, [0.025, 0.975]), atol=0.02)


def test_unused_steps_of_the_scale_keep_their_width():
    first, second = [1, 1, 5, 5, 2], [1, 2, 5, 1, 2]
    assert kappa(first, second, weights="linear").value == pytest.approx(
        cohen_kappa_score(first, second, labels=[1, 2, 3, 4, 5], weights="linear")
    )


def test_degenerate_pairs():
    assert kappa([], []).value is None
    same = kappa(["p"] * 4, ["p"] * 4)
    assert (same.value, same.low, "chance" in same.note) == (1, None, True)
    perfect = kappa(list("pqpqpq"), list("pqpqpq"))
    assert (perfect.value, perfect.high) == (1, 1)
    assert 0 < perfect.low < 0.5
    assert kappa(["p"] * 4, ["q"] * 4).value == 0
    with pytest.raises(ValueError, match="same units"):
        kappa([1], [1, 2])


def test_matrix_by_hand(table):
    matrix = pairwise(table([list("ppqq"), list("ppqp"), [None, None, None, "q"]]))
    assert matrix["raters"] == ["w0", "w1", "w2"]
    assert matrix["n"] == [[4, 4, 1], [4, 4, 1], [1, 1, 1]]
    assert matrix["percent"] == [[None, 0.75, 1], [0.75, None, 0], [1, 0, None]]
    assert matrix["value"][0][1] == matrix["value"][1][0] == pytest.approx(0.5)
    assert matrix["statistic"] == "kappa"
    assert matrix["percent_low"][0][1] < 0.75 < matrix["percent_high"][0][1]


def test_raters_who_share_nothing_have_no_figures(table):
    matrix = pairwise(table([["p", "q", None, None], ["p", None, "q", None], [None, "q", None, "p"]]))
    assert matrix["n"][1][2] == 0
    assert matrix["value"][1][2] is matrix["percent"][1][2] is None


def test_shows_those_who_share_most_and_those_asked_for(table):
    matrix = pairwise(
        table([list("pqpq"), list("pqpq"), ["p", "q", None, None], ["p"]]), top=2, include=["w3", "nobody"]
    )
    assert matrix["raters"] == ["w0", "w1", "w3"]
    assert matrix["n_others"] == 1


def test_no_readings_give_an_empty_matrix():
    matrix = pairwise([])
    assert matrix["raters"] == matrix["n"] == []
    json.dumps(matrix, allow_nan=False)


def test_levels_are_compared_by_quadratic_kappa(table):
    first, second = [1, 2, 3, 4, 4], [1, 3, 3, 4, 2]
    matrix = pairwise(table([first, second], "level"), "ordinal")
    assert matrix["statistic"] == "quadratic kappa"
    assert matrix["value"][0][1] == pytest.approx(
        cohen_kappa_score(first, second, labels=[1, 2, 3, 4], weights="quadratic")
    )


def test_contents_are_compared_by_their_distance(table):
    texts = [f"the answer to number {i} is {i * i}" for i in range(30)]
    garbled = [text.replace("answer", "reply") for text in texts]
    matrix = pairwise(table([texts, garbled, texts[::-1]], "content"), text_distance)
    assert (matrix["measure"], matrix["statistic"]) == ("text_distance", "alpha")
    assert matrix["percent"][0][1] == pytest.approx(6 / 7)
    assert matrix["value"][0][1] > 0.4 > matrix["value"][0][2]
    readings = list(table([texts, garbled], "content"))
    assert matrix["value"][0][1] == pytest.approx(alpha(readings, text_distance).value, abs=0.1)


def test_a_model_stands_beside_people(table):
    people = table([list("pqpqpq"), list("pqpqqp")])
    model = [Reading(f"q{u}", "r", "", "model", "pq"[u % 2]) for u in range(6)]
    matrix = pairwise([*people, *model])
    i, j = matrix["raters"].index("w0"), matrix["raters"].index("model")
    assert matrix["value"][i][j] == 1
