"""A rewrite that helps is found and shown to be real on held-out cases; one that does nothing is not."""

import zlib

import numpy as np
import pytest

from curation.clients import ServerError
from curation.judging import gold as golden
from curation.judging.improving import improve
from tests.curation.judging.scripted import Judge, Meta, gold

PHRASE = "check every number"


def by_phrase(prompt, case):
    return 0.95 if PHRASE in prompt else 0.6


def test_the_phrase_that_matters_is_found_and_is_real():
    cases = gold(120)
    meta = Meta({"why": "style", "prompt": "Be nice."}, {"why": "numbers", "prompt": f"Judge: {PHRASE}."})
    found = improve(cases, "Judge.", Judge(cases, by_phrase), meta)
    assert found.prompt == f"Judge: {PHRASE}."
    assert [row["kept"] for row in found.rounds] == [False, True, False]
    assert found.rounds[2]["error"] == "The meta judge repeated an earlier prompt."
    assert found.verdict == "real"
    assert found.held_out["low"] > 0
    assert found.held_out["after"] - found.held_out["before"] == pytest.approx(found.held_out["difference"])
    assert found.held_out["difference"] == pytest.approx(0.35, abs=0.12)
    assert (found.n_development, found.n_held_out) == (60, 60)


def test_the_meta_judge_never_sees_a_held_out_case():
    cases = gold(60)
    meta = Meta({"why": "", "prompt": f"Judge: {PHRASE}."})
    improve(cases, "Judge.", Judge(cases, by_phrase), meta, seed=3)
    development, held_out = golden.parts(cases, (0.5, 0.5), seed=3)
    shown = [one for one in cases if f"\nfirst {one.case.item.split()[1]}\n" in meta.seen]
    assert shown
    assert {one.cluster for one in shown} <= {one.cluster for one in development}
    assert not {one.cluster for one in shown} & {one.cluster for one in held_out}


def test_a_prompt_that_does_not_matter_shows_no_evidence():
    cases = gold(80)
    meta = Meta(*({"why": "", "prompt": f"Prompt {number}"} for number in range(3)))
    found = improve(cases, "Judge.", Judge(cases, lambda prompt, case: 0.7), meta)
    assert found.verdict == "no evidence"
    assert found.prompt == "Judge."
    assert found.held_out is None
    # And with noise, so that some rewrite looks better on the development part by chance:
    noisy = Judge(cases, lambda prompt, case: zlib.crc32(f"{prompt} {case.item}".encode()) % 100 / 100)
    fresh = Meta(*({"why": "", "prompt": f"Rewrite {number}"} for number in range(8)))
    found = improve(cases, "Judge.", noisy, fresh, rounds=8)
    assert any(row["kept"] for row in found.rounds)
    assert found.held_out["verdict"] == found.verdict == "no evidence"


def test_what_the_meta_judge_says_is_only_text():
    cases = gold(40)
    replies = ["no JSON", {"prompt": ["a", "list"]}, {"why": "", "prompt": " "}, ServerError("gone", retry=False)]
    found = improve(cases, "Judge.", Judge(cases, by_phrase), Meta(*replies), rounds=4)
    assert found.prompt == "Judge."
    assert all(row["error"] for row in found.rounds)
    assert len(found.rounds) == 4
    long = improve(cases, "Judge.", Judge(cases, by_phrase), Meta({"why": "", "prompt": "x" * 9000}), rounds=1)
    assert "longer than" in long.rounds[0]["error"]


def test_a_budget_that_is_spent_stops_it_with_what_there_is():
    cases = gold(40)
    found = improve(cases, "Judge.", Judge(cases, by_phrase), Meta(golden.Stopped("The budget is spent.")))
    assert (found.verdict, found.reason) == ("stopped", "The budget is spent.")
    assert found.before is not None


def test_nothing_to_learn_from_a_judge_that_is_always_right():
    cases = gold(40)
    meta = Meta({})
    assert improve(cases, "Judge.", Judge(cases, lambda prompt, case: 1.0), meta).verdict == "no evidence"
    assert not meta.asked
    with pytest.raises(ValueError, match="too few"):
        improve(cases[:1], "Judge.", Judge(cases, by_phrase), meta)


def test_few_changes_are_no_evidence_though_the_interval_excludes_zero():
    cases = gold(40)
    before, after = np.zeros(40, dtype=bool), np.arange(40) < 5
    found = golden.compared(before, after, cases)
    assert found["low"] > 0
    assert (found["p"], found["verdict"]) == (0.0625, "no evidence")
    assert golden.compared(before, np.arange(40) < 6, cases)["verdict"] == "real"
    assert golden.compared(np.arange(40) < 6, before, cases)["verdict"] == "worse"
