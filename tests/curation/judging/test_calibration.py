"""A judge that is too sure by a known factor is found to be so, and one temperature mends it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.judging.calibration import calibration, figures, scaled

N = 6000


def judged(sure: float, seed: int = 0):
    """People choose a with the chance that an honest judge would name; this one's log odds are ``sure`` times those."""
    draw = np.random.default_rng(seed)
    honest = draw.beta(1.5, 1.5, N)
    people = np.where(draw.random(N) < honest, 0, 1)
    return scaled(honest, 1 / sure), people, np.arange(N) // 3


@pytest.mark.parametrize("sure", [0.5, 1.0, 2.5])
def test_the_temperature_is_recovered_within_ten_percent(sure):
    found = calibration(*judged(sure))
    assert found["temperature"] == pytest.approx(sure, rel=0.1)
    assert found["after"]["ece"] < 0.03
    assert found["n"] == N == sum(row["n"] for row in found["before"]["bins"])
    if sure == 1:
        assert found["before"]["ece"] < 0.03
        assert abs(found["gain"]) < 0.001
    else:
        assert found["before"]["ece"] > 0.06
        assert found["gain_low"] > 0


def test_bins_say_what_was_said_and_what_was_right():
    found = figures(np.array([0.9, 0.1, 0.9, 0.5]), np.array([1.0, 1.0, 0.5, 1.0]))
    assert [(row["n"], round(row["predicted"], 6), row["observed"]) for row in found["bins"]] == [
        (1, 0.5, 0.5),
        (3, 0.9, 0.5),
    ]
    assert found["ece"] == pytest.approx(3 / 4 * 0.4)


@given(st.lists(st.tuples(st.floats(0, 1), st.sampled_from([0, 1, 2, 3, -1])), min_size=1, max_size=30))
def test_anything_said_gives_finite_figures(rows):
    p, people = map(np.array, zip(*rows, strict=True))
    found = calibration(p.astype(float), people, np.arange(len(p)))
    assert found["n"] == int((people >= 0).sum())
    for name in ("before", "after"):
        if found["n"]:
            assert 0 <= found[name]["ece"] <= 1
            assert 0 <= found[name]["brier"] <= 1
            assert np.isfinite(found[name]["log_loss"])


def test_sides_are_treated_alike():
    p, people, cluster = judged(2.0)
    found, mirrored = calibration(p, people, cluster), calibration(1 - p, np.where(people == 0, 1, 0), cluster)
    assert found["before"]["ece"] == pytest.approx(mirrored["before"]["ece"])
    assert found["temperature"] == pytest.approx(mirrored["temperature"], rel=1e-3)
