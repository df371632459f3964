"""The flips, intervals and figures of the measurement of noise filters, on made-up debates."""

import numpy as np
import pyarrow as pa
import pytest

from bench import _convarg, curation
from curation import pairs
from tests.curation.conftest import make_row
from tests.curation.learners import comparisons


@pytest.fixture(scope="module")
def debates():
    """Four debates of twelve texts each; who wins can be read off two features."""
    rows, topic = [], []
    for number in range(4):
        made = comparisons(12, 90, seed=number)
        rows += [{**row, "prompt": f"debate {number}", "item": str(len(rows) + at)} for at, row in enumerate(made)]
        topic += [number] * len(made)
    table = pa.Table.from_pylist([make_row(at, **row) for at, row in enumerate(rows)], schema=pairs.SCHEMA)
    texts = sorted({*table["response_a"].to_pylist(), *table["response_b"].to_pylist()})
    place = {text: number for number, text in enumerate(texts)}
    first_P, second_P = (np.array([place[text] for text in table[f"response_{side}"].to_pylist()]) for side in "ab")
    clean_P = table["p_a"].to_numpy() > 0.5
    vector_SD = np.array([[text.count("good"), text.count("dull"), len(text) / 20] for text in texts], dtype=np.float32)
    length_S = np.array([len(text) for text in texts])
    return _convarg.Debates(
        table, first_P, second_P, clean_P, np.where(clean_P, 1, -1), np.array(topic), vector_SD, length_S, place
    )


@pytest.mark.parametrize("by", ["", "effort", "lure"])
def test_as_many_are_flipped_as_asked_for_where_they_should_be(debates, by):
    flipped_P = np.mean([_convarg.flips(debates, 0.3, seed, by=by) for seed in range(40)], axis=0)
    assert abs(flipped_P.mean() - 0.3) < 0.02
    longer_P = debates.length_S[debates.first_P] > debates.length_S[debates.second_P]
    toward_P = longer_P != debates.clean_P  # the worse response is the longer one
    effort_P = debates.length_S[debates.first_P] + debates.length_S[debates.second_P]
    long_P = effort_P > np.median(effort_P)
    assert (flipped_P[toward_P].mean() - flipped_P[~toward_P].mean() > 0.15) == (by == "lure")
    assert (flipped_P[long_P].mean() - flipped_P[~long_P].mean() > 0.15) == (by == "effort")


def test_whole_debates_are_left_out_each_once(debates):
    masks = list(_convarg.folds(debates, 0, 2))
    assert sum(test_P.astype(int) for _, test_P in masks).tolist() == [1] * len(debates.clean_P)
    for train_P, test_P in masks:
        assert not set(debates.topic_P[train_P]) & set(debates.topic_P[test_P])


def test_a_filter_sees_texts_and_labels_only(debates):
    flipped_P = _convarg.flips(debates, 0.3, 0)
    table = debates.table(np.ones(len(flipped_P), dtype=bool), debates.clean_P != flipped_P)
    assert set(np.round(table["p_a"].to_pylist(), 9)) == {0.0, 1.0}
    assert (table["p_a"].to_numpy() > 0.5).tolist() == (debates.clean_P != flipped_P).tolist()


def test_intervals_are_paired():
    """Two arms that differ by the same in every debate have an interval of no width, however debates differ."""
    base_KT = np.random.default_rng(0).integers(20, 80, (5, 8))
    right_KTA2 = np.stack([np.stack([base_KT + more, np.full((5, 8), 100)], axis=-1) for more in (0, 5)], axis=2)
    assert _convarg.interval(right_KTA2, lambda a: a[1] - a[0], 0) == pytest.approx((0.05, 0.05, 0.05))
    value, low, high = _convarg.interval(right_KTA2, lambda a: a[0], 0)
    assert low < value < high


def test_auroc_is_the_share_of_right_orders():
    score_P, positive_P = np.array([3.0, 1.0, 2.0, 1.0]), np.array([True, True, False, False])
    assert _convarg.auroc(score_P, positive_P) == pytest.approx((2 + 0 + 0.5) / 4)


def test_every_arm_is_measured_and_ours_has_bars(debates):
    found = curation.Found()
    curation._add(found, debates, _convarg.flips(debates, 0.3, 0), 0, 2)
    figures = {figure.name: figure for figure in curation.report("30 %", found, 0, bars=True)}
    for arm in curation.ARMS:
        assert 0.4 < figures[f"30 %: accuracy, {arm}"].value <= 1
    assert figures["30 %: accuracy, clean"].value >= figures["30 %: accuracy, noisy"].value - 0.05
    assert figures["30 %: closed, posterior_labels"].bar == 0.6
    assert figures["30 %: AUROC of flips, posterior_labels"].bar == 0.86
    assert figures["30 %: AUROC of flips, posterior_labels"].value > 0.8
    assert 0.1 < figures["30 %: flips as estimated"].value < 0.5
