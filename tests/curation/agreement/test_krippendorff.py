"""Alpha: Krippendorff's own examples, evalica, a direct bootstrap, and data that have no answer."""

import evalica
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from annotate.feedback import Reading
from curation.agreement import alpha, percent
from curation.intervals import wilson

N = None
# Krippendorff 2011, section C: four observers, twelve units, values missing.
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
    [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
]
tables = st.lists(
    st.lists(st.sampled_from([None, 0, 1, 2, 5]), min_size=6, max_size=6), min_size=2, max_size=4
)  # raters x units


def distance(x, y):
    return float(x != y)


@pytest.mark.parametrize(("measure", "value"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_krippendorff_s_example(table, measure, value):
    field = "category" if measure == "nominal" else "level"
    rows = [[str(x) if field == "category" and x else x for x in row] for row in OBSERVERS]
    found = alpha(table(rows, field), measure)
    assert found.value == pytest.approx(value, abs=5e-4)
    assert (found.n_units, found.n_raters, found.n_readings) == (11, 4, 40)  # unit 12 has one value
    assert found.low < found.value < found.high


def test_krippendorff_s_binary_example(table):
    """Section A: two observers, ten units, .095."""
    rows = ["0100000000", "1110010100"]
    assert alpha(table([list(row) for row in rows])).value == pytest.approx(0.095, abs=5e-4)


@pytest.mark.parametrize("measure", ["nominal", "ordinal", "interval", distance])
@settings(max_examples=40, deadline=None)
@given(rows=tables)
def test_is_evalica_s_value(table, measure, rows):
    frame = pd.DataFrame(rows, dtype=float)
    assume((frame.notna().sum() >= 2).any())
    field = {"nominal": "category", distance: "content"}.get(measure, "level")
    readings = table([[x if x is None or field != "category" else str(x) for x in row] for row in rows], field)
    expected = evalica.alpha(frame, distance=measure).alpha
    assert alpha(readings, measure, resamples=10).value == pytest.approx(expected, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(rows=tables, raters=st.permutations(range(4)), labels=st.permutations("pqrs"))
def test_names_and_order_do_not_matter(table, rows, raters, labels):
    name = dict(zip([0, 1, 2, 5], labels, strict=True))
    before = table([[None if x is None else str(x) for x in row] for row in rows])
    renamed = [[None if x is None else name[x] for x in row] for row in rows]
    after = table([renamed[r] for r in raters if r < len(rows)])
    assert alpha(after, resamples=10).value == pytest.approx(alpha(before, resamples=10).value)


@settings(max_examples=25, deadline=None)
@given(rows=tables, measure=st.sampled_from(["nominal", "ordinal", "interval", distance]))
def test_is_never_nan(table, rows, measure):
    field = {"nominal": "category", distance: "content"}.get(measure, "level")
    readings = table([[x if x is None or field != "category" else str(x) for x in row] for row in rows], field)
    found = alpha(readings, measure, resamples=20)
    if found.value is None:
        assert (found.low, found.high, found.n_units) == (None, None, 0)
    else:
        assert -1 <= found.value <= 1
        assert found.low is None or -1 <= found.low <= found.high <= 1


def simulated(U=150, seed=0):
    """Four raters on a scale of four, who blur the truth by a step."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 4, U)
    return np.clip(truth + rng.choice([-1, 0, 0, 1], (4, U)), 0, 3)


@pytest.mark.parametrize("measure", ["nominal", "ordinal", "interval", distance])
def test_interval_is_that_of_a_direct_bootstrap_over_units(table, measure):
    rows, rng = simulated(), np.random.default_rng(1)
    U = rows.shape[1]
    direct = [evalica.alpha(pd.DataFrame(rows[:, rng.integers(0, U, U)]), distance=measure).alpha for _ in range(500)]
    field = {"nominal": "category", distance: "content"}.get(measure, "level")
    found = alpha(table([[str(x) if field == "category" else int(x) for x in row] for row in rows], field), measure)
    np.testing.assert_allclose([found.low, found.high], np.quantile(direct, [0.025, 0.975]), atol=0.015)


def test_interval_covers_the_truth_as_often_as_it_says(table):
    """Alpha of the whole population, against intervals from samples of it; evalica's would cover less."""
    population = simulated(U=20_000)
    truth = evalica.alpha(pd.DataFrame(population), distance="nominal").alpha
    rng = np.random.default_rng(2)
    covered = []
    for _ in range(120):
        sample = population[:, rng.integers(0, 20_000, 100)].astype(str)
        found = alpha(table(sample), resamples=300)
        covered.append(found.low <= truth <= found.high)
    assert 0.88 <= np.mean(covered) <= 0.99


def test_the_seed_decides(table):
    readings = table(simulated().astype(str))
    assert alpha(readings, seed=3) == alpha(readings, seed=3)
    assert alpha(readings, seed=3).low != alpha(readings, seed=4).low


def test_perfect_agreement_is_one_with_an_honest_lower_end(table):
    found = alpha(table([list("pqpqr")] * 3))
    assert (found.value, found.high, found.note) == (1, 1, "")
    assert 0 < found.low < 0.5  # five units cannot show more
    many = alpha(table([list("pqpqr" * 100)] * 3))
    assert 0.98 < many.low < 1


@pytest.mark.parametrize(("measure", "field"), [("ordinal", "level"), ("interval", "level"), (distance, "content")])
def test_perfect_agreement_by_every_measure(table, measure, field):
    found = alpha(table([[0.1, 0.2, 0.7, 0.1]] * 3, field), measure)
    assert found.value == pytest.approx(1)
    assert found.low < found.high == 1


def test_without_variation_it_is_one_without_an_interval(table):
    found = alpha(table([list("pppp")] * 2))
    assert (found.value, found.low, found.high) == (1, None, None)
    assert "chance agreement is certain" in found.note


def test_without_overlap_there_is_no_figure(table):
    for rows in ([], [list("pq")], [["p", None], [None, "q"]]):
        found = alpha(table(rows))
        assert (found.value, found.low, found.high) == (None, None, None)
        assert "two raters" in found.note


def test_one_unit_gives_a_value_without_an_interval(table):
    found = alpha(table([["p"], ["q"], ["p"]]))
    assert (found.value, found.low) == (pytest.approx(0), None)
    assert "single unit" in found.note


def test_a_second_reading_of_a_unit_replaces_the_first(table):
    readings = table([list("pqp"), list("pqq")])
    corrected = [*readings, Reading("q2", "r", "", "w1", "p")]
    assert alpha(corrected).value == 1
    assert alpha(corrected).n_readings == 6


def test_readings_without_what_the_measure_needs_are_left_out(table):
    readings = table([[1, 2], [1, float("nan")]], "level")
    assert alpha(readings, "interval").n_units == 1
    assert alpha(readings, "nominal").value is None


def test_percent_is_the_share_of_agreeing_pairs(table):
    found = percent(table([list("pq"), list("pq"), list("pp")]))
    assert found.value == pytest.approx((1 + 1 / 3) / 2)
    assert found.low <= found.value <= found.high
    unanimous = percent(table([list("pqpq")] * 2))
    assert (unanimous.value, unanimous.low, unanimous.high) == (1, wilson(4, 4)[0], 1)


def test_percent_of_levels_is_refused_and_unknown_measures_named(table):
    with pytest.raises(ValueError, match="alpha or kappa"):
        percent(table([[1, 2], [1, 2]], "level"), "ordinal")
    with pytest.raises(ValueError, match="nominal, ordinal, interval"):
        alpha(table([list("pq")] * 2), "ratio")


def test_a_sampled_distance_is_close_to_the_exact_one(table):
    rng = np.random.default_rng(0)
    rows = rng.choice(list("pqrs"), (3, 400), p=[0.4, 0.3, 0.2, 0.1])  # 719,400 pairs: sampled
    rows[1] = np.where(rng.random(400) < 0.5, rows[0], rows[1])
    sampled, exact = alpha(table(rows, "content"), distance), alpha(table(rows), "nominal")
    assert sampled.value == pytest.approx(exact.value, abs=0.02)
    assert sampled.low == pytest.approx(exact.low, abs=0.03)
