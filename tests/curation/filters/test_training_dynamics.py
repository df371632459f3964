"""What a model believes of a label while it learns."""

import numpy as np
import pytest

from curation import filters
from curation.filters import Context, training_dynamics
from curation.ports import Models
from tests.curation.learners import comparisons

LEADS = np.linspace(-3, 3, 24)


def decided(pair_table, lead_EN, **given):
    """Decisions on as many rows, all won by a, where `fit` finds these leads of a."""
    table = pair_table(*({**row, "outcome": "a"} for row in comparisons(40, lead_EN.shape[1])))
    by_item = dict(zip(table["item"].to_pylist(), lead_EN.T, strict=True))

    def fit(train, others, settings):
        assert settings["epochs"] == 3
        return np.stack([by_item[item] for item in others["item"].to_pylist()], axis=1)[:, None]

    settings = filters.settings_with_defaults("training_dynamics", {"epochs": 3, **given})
    return training_dynamics.decide(table, settings, Context(Models(fit=fit)))


@pytest.mark.parametrize("signal", ["confidence", "area_under_margin"])
def test_what_is_believed_least_is_dropped(pair_table, signal):
    found = decided(pair_table, np.stack([LEADS / 3, LEADS, LEADS]), signal=signal, share=0.25)
    assert found.action_N.tolist() == ["drop"] * 6 + ["keep"] * 18
    expected = LEADS * 7 / 9 if signal == "area_under_margin" else np.nan
    if signal == "area_under_margin":
        np.testing.assert_allclose(found.score_N, expected)
    else:
        assert ((found.score_N > 0) & (found.score_N < 1)).all()


def test_what_the_model_changes_its_mind_about_is_ambiguous(pair_table):
    swing_N = np.linspace(0, 2, 24)
    found = decided(
        pair_table, np.stack([-swing_N, swing_N, -swing_N]), signal="variability", share=0.25, action="review"
    )
    assert found.action_N.tolist() == ["keep"] * 18 + ["review"] * 6
    assert found.reason_N[-1] == "ambiguous"


def test_equals_share_their_fate(pair_table):
    assert set(decided(pair_table, np.zeros((3, 24))).action_N) == {"keep"}
