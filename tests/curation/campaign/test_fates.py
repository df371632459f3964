"""Stage two's bookkeeping: every pair has exactly one fate, and Skywork's rules hold for each."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation import campaign
from curation.campaign.fates import ALIVE, FATES, REASONS, RECYCLE, Evidence, doubted, open_pairs, settle
from curation.campaign.tiers import NOT_ASKED, chosen

side = st.sampled_from([-1, 0, 1])
asked = st.sampled_from([-1, 0, 1, NOT_ASKED])
margin = st.sampled_from([-3.0, -0.4, 0.0, 0.4, 3.0])
row = st.tuples(st.sampled_from(["", "", "", "duplicate", "contaminated"]), side, asked, asked, asked, margin, margin)
bounds = st.sampled_from([0.5, 0.7, 0.95])
rules = st.sampled_from(campaign.names("consistency"))


def evidence(rows):
    columns = list(zip(*rows, strict=True))
    return Evidence(
        np.array(columns[0], object), *(np.array(c, np.int8) for c in columns[1:5]), *map(np.array, columns[5:])
    )


@given(st.lists(row, min_size=1), bounds, st.sampled_from(RECYCLE), rules)
def test_every_pair_has_one_fate_with_a_reason_and_the_counts_add_up(rows, bound, recycle, rule):
    found = evidence(rows)
    fates = settle(found, campaign.get("consistency", rule).agrees, bound=bound, recycle=recycle)
    assert set(fates.fate_N.tolist()) <= set(FATES)
    assert set(fates.reason_N.tolist()) <= set(REASONS)
    assert list(fates.counts) == list(FATES)
    assert sum(fates.counts.values()) == len(rows)
    alive = np.isin(fates.fate_N, ALIVE)
    assert ((fates.side_N != 0) == alive).all()  # what stays has a label, what leaves has none
    assert (np.isin(fates.fate_N, ("duplicate", "contaminated")) == (found.out_N != "")).all()


@given(st.lists(row, min_size=1), bounds, rules)
def test_recycling_only_turns_what_was_discarded(rows, bound, rule):
    found, agrees = evidence(rows), campaign.get("consistency", rule).agrees
    plain, some, every = (settle(found, agrees, bound=bound, recycle=how) for how in RECYCLE)
    for more in (some, every):
        turned = more.fate_N == "recycled"
        assert (plain.fate_N[turned] == "discarded").all()
        assert (more.fate_N[~turned] == plain.fate_N[~turned]).all()
    assert set(np.flatnonzero(some.fate_N == "recycled")) <= set(np.flatnonzero(every.fate_N == "recycled"))
    kept = np.flatnonzero(some.fate_N == "recycled")
    judges = np.where(found.judges_N == NOT_ASKED, 0, found.judges_N)
    models = np.sign(found.gold_N), judges, np.sign(found.best_N)
    assert agrees(some.side_N, *models)[kept].all()


@given(st.lists(row, min_size=1), bounds)
def test_skyworks_rule_pair_by_pair(rows, bound):
    """Told once more, one pair at a time, as the paper tells it."""
    found = evidence(rows)
    fates = settle(found, campaign.get("consistency", "skywork").agrees, bound=bound)
    for place, (out, pool, people, silver, judges, best, gold) in enumerate(rows):
        fate = fates.fate_N[place]
        if out:
            expected = out
        elif people != NOT_ASKED:
            expected = "discarded" if people == 0 else "kept" if people == pool else "relabelled"
        elif silver in (-1, 1):
            expected = "kept" if silver == pool else "relabelled"
        else:
            judged = 0 if judges == NOT_ASKED else judges
            p = chosen(np.array([best]), np.array([pool]))[0]
            if p > bound:
                agreed = pool == np.sign(gold) and (pool in (judged, np.sign(best)))
                expected = "kept_sure" if agreed else "discarded"
            else:
                agreed = judged != 0 and judged == np.sign(gold)  # the judges agree with their own label
                expected = "discarded" if not agreed else "kept" if judged == pool else "relabelled"
        assert fate == expected


@given(st.lists(row, min_size=1), bounds)
def test_exactly_the_open_pairs_that_the_best_model_doubts_are_judged(rows, bound):
    found = evidence(rows)
    to_judge = open_pairs(found.out_N, found.people_N, found.silver_N) & doubted(found.pool_N, found.best_N, bound)
    unasked = Evidence(**{**vars(found), "judges_N": np.full(len(rows), NOT_ASKED, np.int8)})
    fates = settle(unasked, campaign.get("consistency", "skywork").agrees, bound=bound)
    assert np.isin(fates.reason_N[to_judge], ("no_judgement", "no_label")).all()
    assert not (fates.reason_N[~to_judge] == "no_judgement").any()


def test_an_unknown_way_to_recycle_is_refused():
    found = evidence([("", 1, NOT_ASKED, NOT_ASKED, NOT_ASKED, 0.0, 0.0)])
    with pytest.raises(ValueError, match="none, consistent, all"):
        settle(found, campaign.get("consistency", "skywork").agrees, recycle="some")
