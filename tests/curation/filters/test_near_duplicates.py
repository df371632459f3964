"""Nearly the same pair more than once."""

import numpy as np
import pyarrow as pa
import pytest

from curation.filters import Context, _near, _shingles, near_duplicates

WORDS = [f"word{n}" for n in range(400)]


def text(seed, length=60):
    return " ".join(np.random.default_rng(seed).choice(WORDS, length))


def decide(table, threshold=0.8, words=3, seed=0):
    return near_duplicates.decide(table, {"threshold": threshold, "words": words}, Context(seed=seed))


PAIR = {"prompt": text(1), "response_a": text(2), "response_b": text(3)}


def test_a_changed_word_is_near_and_the_sides_do_not_matter(pair_table):
    changed = {**PAIR, "response_a": PAIR["response_a"] + " more", "votes": "a"}
    mirrored = {
        **PAIR,
        "response_a": PAIR["response_b"] + "!",
        "response_b": PAIR["response_a"],
        "votes": "b",
        "outcome": "b",
    }
    opposite = {**mirrored, "outcome": "a", "response_a": PAIR["response_b"].upper()}
    table = pair_table(
        {**PAIR, "votes": "aaa"}, changed, mirrored, opposite, {"prompt": text(4), "response_a": text(5)}
    )
    found = decide(table)
    assert found.action_N.tolist() == ["keep", "drop", "drop", "drop", "keep"]
    assert found.reason_N.tolist() == ["", "near_duplicate", "near_duplicate", "near_duplicate_conflict", ""]
    assert found.score_N[1] > 0.9
    assert found.score_N[2] == 1


def test_short_answers_to_other_prompts_are_no_duplicates(pair_table):
    table = pair_table(
        {"prompt": text(1), "response_a": "Yes.", "response_b": "No."},
        {"prompt": text(2), "response_a": "Yes.", "response_b": "No."},
    )
    assert decide(table).action_N.tolist() == ["keep", "keep"]


def test_one_shared_response_is_no_duplicate(pair_table):
    table = pair_table(PAIR, {**PAIR, "response_b": text(9)})
    found = decide(table)
    assert found.action_N.tolist() == ["keep", "keep"]


def test_other_question_or_dimension_is_another_pair(pair_table):
    assert decide(pair_table(PAIR, {**PAIR, "dimension": "truth"})).action_N.tolist() == ["keep", "keep"]


def runs(said, length=3):
    words = said.split()
    return {tuple(words[start : start + length]) for start in range(max(1, len(words) - length + 1))}


def test_finds_what_the_exact_similarity_says(pair_table):
    """Planted copies with ever more words changed: found where the exact Jaccard reaches the threshold."""
    rng = np.random.default_rng(7)
    rows, near = [], []
    other = "fixed answer here"
    for number in range(60):
        words = text(1000 + number, 120).split()
        original = " ".join(words)
        for place in rng.choice(120, number // 5, replace=False):
            words[place] = "changed"
        changed = " ".join(words)
        common = {"prompt": text(5000 + number), "response_b": other}
        rows += [{**common, "response_a": original, "votes": "aaa"}, {**common, "response_a": changed, "votes": "a"}]
        one, two = runs(original) | runs(other), runs(changed) | runs(other)
        near.append(len(one & two) / len(one | two) >= 0.7)
    found = (decide(pair_table(*rows), threshold=0.7).action_N[1::2] == "drop").tolist()
    assert 10 < sum(near) < 50
    assert all(is_near for is_found, is_near in zip(found, near, strict=True) if is_found)
    assert sum(found) >= 0.95 * sum(near)


def test_thousands_of_copies_take_little_time(pair_table):
    table = pair_table(*[{**PAIR, "item": f"i{n}"} for n in range(3000)])
    assert (decide(table).action_N == "drop").sum() == 2999


def test_the_seed_changes_the_hashes_but_hardly_the_outcome(pair_table):
    table = pair_table(PAIR, {**PAIR, "response_a": PAIR["response_a"] + " more"})
    assert {decide(table, seed=seed).action_N.tolist().count("drop") for seed in range(5)} == {1}


def shingles(*texts, words=3):
    return _shingles.of_texts(pa.chunked_array([pa.array(texts, pa.large_string())]), words).to_pylist()


def test_hashes_are_the_same_on_every_machine():
    quick, loud, one, none = shingles("The quick brown fox", "the QUICK, brown fox!", "one", "?")
    assert quick == loud
    assert [len(each) for each in (quick, one, none)] == [2, 1, 1]
    assert one == [12107288934026468593]


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.8, 0.95, 1.0])
def test_bands_are_made_for_recall(threshold):
    width = _near._band_width(threshold)
    assert 1 - (1 - threshold**width) ** (_near._PERMUTATIONS // width) >= 0.99


def test_texts_without_words(pair_table):
    table = pair_table(
        {"prompt": "?", "response_a": "!!", "response_b": ""}, {"prompt": "?", "response_a": "!!", "response_b": ""}
    )
    assert decide(table).action_N.tolist().count("drop") == 1
