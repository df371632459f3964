"""Votes that no longer count."""

import numpy as np
import pytest

from curation import filters, labels
from curation.filters import Context, rater_exclusion


def decide(table, **settings):
    return rater_exclusion.decide(table, filters.settings_with_defaults("rater_exclusion", settings), Context())


def test_named_raters_are_left_out_and_the_label_follows(pair_table):
    table = labels.with_shares(
        pair_table({"votes": "abb", "p_a": None}, {"votes": "b", "p_a": None}, {"p_b": 1.0, "p_a": 0.0})
    )
    found = decide(table, raters=["r0"], method="majority")
    assert found.action_N.tolist() == ["relabel", "drop", "keep"]
    assert found.reason_N.tolist() == ["votes_excluded", "no_votes_left", ""]
    assert [vote["rater"] for vote in found.votes_N[0]] == ["r1", "r2"]
    assert found.label_N4[0].argmax() == 1
    assert found.score_N.tolist()[:2] == pytest.approx([1 / 3, 1])
    assert np.isnan(found.score_N[2])


def test_nobody_left_out_leaves_every_label_as_it_is(pair_table):
    table = pair_table({"votes": "aaa", "outcome": "b"})
    found = decide(table, method="majority", min_reliability=0.01, min_votes=1)
    assert found.action_N.tolist() == ["keep"]


def test_an_adversary_is_found_by_reliability(pair_table):
    rng = np.random.default_rng(0)
    rows = []
    for truth in rng.choice(["a", "b"], 120).tolist():
        wrong = {"a": "b", "b": "a"}[truth]
        votes = [(f"good{n}", truth if rng.random() < 0.9 else wrong) for n in range(4)]
        votes += [("liar", wrong), ("rare", wrong)] if len(rows) < 2 else [("liar", wrong)]
        rows.append(
            {"gold": truth, "votes": [
                {"rater": rater, "outcome": said, "level": 1.0 if said == "a" else -1.0, "seconds": None}
                for rater, said in votes
            ]}
        )  # fmt: skip
    table = labels.with_shares(pair_table(*rows))
    found = decide(table, method="dawid_skene", min_reliability=0.4, min_votes=10)
    left = {vote["rater"] for votes in found.votes_N for vote in votes}
    assert "liar" not in left
    assert {"good0", "good1", "good2", "good3", "rare"} <= left
    assert set(found.action_N.tolist()) == {"relabel"}


def test_unknown_method_is_named(pair_table):
    with pytest.raises(LookupError, match="majority"):
        decide(pair_table({"votes": "ab"}), method="magic", raters=["r0"])
