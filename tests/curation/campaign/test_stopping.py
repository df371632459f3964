"""When rounds end, and which model was the best."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.campaign import stopping
from curation.campaign.tiers import chosen
from curation.campaign.training import best_checkpoint

accuracies = st.lists(st.sampled_from([0.5, 0.6, 0.7, 0.8]), min_size=1, max_size=12)


@given(accuracies)
def test_the_best_round_is_the_earliest_of_the_most_accurate(accuracy):
    best = stopping.best_round(accuracy)
    assert accuracy[best] == max(accuracy)
    assert max(accuracy) not in accuracy[:best]


@given(accuracies, st.integers(0, 10), st.integers(0, 4))
def test_it_goes_on_as_long_as_rounds_are_left_and_models_get_better(accuracy, rounds, patience):
    why = stopping.reason(accuracy, rounds=rounds, patience=patience)
    if len(accuracy) > rounds:
        assert why == "rounds"
    elif patience and len(accuracy) > patience and max(accuracy[: len(accuracy) - patience]) >= max(accuracy):
        assert why == "patience"
    else:
        assert why == ""


@pytest.mark.parametrize(("spent", "money", "why"), [(2.0, 2.0, "money"), (1.9, 2.0, ""), (9.0, 0.0, "")])
def test_money_ends_it_where_there_is_a_budget(spent, money, why):
    assert stopping.reason([0.5], rounds=3, patience=3, spent=spent, money=money) == why


@given(st.integers(1, 4), st.integers(0, 6), st.data())
def test_the_checkpoint_that_orders_gold_best(moments, count, data):
    margins = st.lists(st.sampled_from([-2.0, -1.0, 0.0, 1.0, 2.0]), min_size=count, max_size=count)
    margin_EG = np.array(data.draw(st.lists(margins, min_size=moments, max_size=moments))).reshape(moments, count)
    side_G = np.array(data.draw(st.lists(st.sampled_from([-1, 1]), min_size=count, max_size=count)), int)
    best = best_checkpoint(margin_EG, side_G)
    if not count:
        assert best == moments - 1
        return
    right = (np.sign(margin_EG) * side_G + 1).sum(axis=1)
    sure = chosen(margin_EG, side_G).prod(axis=1)
    for other in range(moments):
        assert right[best] > right[other] or (right[best] == right[other] and sure[best] >= sure[other] - 1e-12)
