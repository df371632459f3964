"""Contamination: shared n-grams and near prompts, with the file and the words told."""

import pytest

from curation.filters import Context, contamination
from curation.ports import Models, PortNotRegistered
from tests.curation.filters.test_contract import letters_embed
from tests.curation.filters.test_near_duplicates import text

QUESTION = text(50, 40)
BENCHMARKS = {"a.jsonl": [text(60, 30), QUESTION], "b.jsonl": [text(61, 30)]}
DEFAULTS = {"n": 13, "look_in": "prompt", "similarity": None, "files": [], "action": "drop"}


def decide(table, **given):
    context = Context(Models(embed=letters_embed), benchmarks=lambda: BENCHMARKS)
    return contamination.decide(table, DEFAULTS | given, context)


def test_a_shared_run_of_words_is_told_with_its_file(pair_table):
    run = " ".join(QUESTION.upper().split()[5:18])
    table = pair_table(
        {"prompt": f"Please! {run}?"},
        {"prompt": " ".join(QUESTION.split()[5:17])},
        {"response_a": f"as they say: {run}"},
        {"prompt": BENCHMARKS["b.jsonl"][0]},
        {"prompt": f"Please! {run}?"},
    )
    found = decide(table)
    assert found.action_N.tolist() == ["drop", "keep", "keep", "drop", "drop"]
    assert found.score_N[3] == 1
    assert found.notes["compared_with"] == {"a.jsonl": 2, "b.jsonl": 1}
    first, second = found.notes["found"]
    assert (first["file"], first["shared_ngram"], second["file"]) == ("a.jsonl", 2, "b.jsonl")
    (gram,) = first["ngrams"]
    assert (gram["words"], gram["rows"]) == (run.lower(), 2)
    assert decide(table, look_in="everything").action_N[2] == "drop"
    assert decide(table, n=12).action_N[1] == "drop"
    assert decide(table, files=["b.jsonl"]).action_N.tolist() == ["keep", "keep", "keep", "drop", "keep"]
    with pytest.raises(PortNotRegistered, match=r"a\.jsonl, b\.jsonl"):
        decide(table, files=["c.jsonl"])


def test_nothing_is_found_in_the_words_of_the_format_itself(pair_table):
    """The stored prompt is JSON; its keys are no words."""
    table = pair_table({"prompt": "one two three four five six seven eight nine ten eleven twelve"})
    context = Context(benchmarks=lambda: {"x": ["role user content one two three four five six seven eight nine ten"]})
    assert contamination.decide(table, DEFAULTS, context).action_N.tolist() == ["keep"]


def test_a_prompt_that_means_nearly_the_same(pair_table):
    table = pair_table({"prompt": " ".join(reversed(QUESTION.split()))}, {"prompt": "zzz zzz qqq"})
    assert decide(table).action_N.tolist() == ["keep", "keep"]
    found = decide(table, similarity=0.99)
    assert found.reason_N.tolist() == ["near_benchmark", ""]
    assert found.notes["found"] == [{"file": "a.jsonl", "shared_ngram": 0, "near_benchmark": 1, "ngrams": []}]


def test_without_benchmarks_it_says_what_to_do(pair_table):
    with pytest.raises(PortNotRegistered, match="BENCHMARKS_DIR"):
        contamination.decide(pair_table({}), DEFAULTS, Context())
