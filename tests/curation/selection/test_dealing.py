"""The random slice: never the strategy's own pick twice, and the only one that tells rates without bias."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from curation import pairs, selection
from curation.selection import _dealing
from tests.curation.conftest import make_row
from tests.curation.selection.conftest import evidence

TABLE = pa.Table.from_pylist([make_row(number) for number in range(60)], schema=pairs.SCHEMA)


def deal(given, strategy="suspicion", size=20, share=0.25, seed=0):
    settings = selection.settings_with_defaults(strategy, {})
    return _dealing.deal(TABLE, given, strategy, settings, size=size, random_share=share, seed=seed)


@for_all(st.sampled_from(["random", "suspicion", "margin"]), st.integers(0, 80), st.floats(0, 1), st.integers(0, 99))
def test_deals_open_rows_without_double_picks(strategy, size, share, seed):
    given = evidence(60, seed)
    batch = deal(given, strategy, size, share, seed)
    wanted = min(size, int(given.open_N.sum()))
    assert len(batch.place_K) == len(set(batch.place_K.tolist())) == wanted
    assert not given.asked_N[batch.place_K].any()
    drawn = int((batch.slice_K == "random").sum())
    assert drawn == int(np.ceil(round(wanted * share, 9)))
    assert np.isnan(batch.score_K[batch.slice_K == "random"]).all()
    assert set(batch.reason_K[batch.slice_K == "random"].tolist()) <= {_dealing.REASON}


def test_both_slices_stand_in_every_part_of_the_batch():
    batch = deal(evidence(60, asked_N=np.zeros(60, dtype=bool)), size=40)
    halves = [(part == "random").sum() for part in np.split(batch.slice_K, 4)]
    assert max(halves) - min(halves) <= 1


def test_the_random_slice_alone_is_unbiased():
    """A fifth of the labels is wrong, and the strategy goes for those: its own rate is far off, the slice's is not."""
    rng = np.random.default_rng(0)
    wrong = rng.permutation(60) < 12
    seen = {"random": [], "chosen": []}
    covered = 0
    for seed in range(300):
        given = evidence(60, seed, asked_N=np.zeros(60, dtype=bool), suspicion_N=wrong + rng.normal(0, 0.3, 60))
        batch = deal(given, size=30, share=0.5, seed=seed)
        for name, rates in seen.items():
            own = wrong[batch.place_K[batch.slice_K == name]]
            rates.append(own.mean())
        found = _dealing.rate(int(wrong[batch.place_K[batch.slice_K == "random"]].sum()), 15)
        covered += found["low"] <= 0.2 <= found["high"]
    assert np.mean(seen["random"]) == pytest.approx(0.2, abs=0.02)
    assert np.mean(seen["chosen"]) > 0.5
    assert covered / 300 >= 0.93


def test_the_random_strategy_deals_another_lot_than_the_slice():
    given = evidence(60, asked_N=np.zeros(60, dtype=bool))
    slices = [deal(given, "random", 20, 0.5, seed) for seed in range(40)]
    first = np.concatenate([batch.place_K[batch.slice_K == "chosen"][:3] for batch in slices])
    second = np.concatenate([batch.place_K[batch.slice_K == "random"][:3] for batch in slices])
    assert len(set(first.tolist())) > 40
    assert len(set(second.tolist())) > 40


def test_no_answers_no_rate():
    assert _dealing.rate(0, 0) == {"n": 0, "hits": 0, "value": None, "low": 0.0, "high": 1.0}
