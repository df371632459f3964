"""Every filter fulfils the contract of `curation.filters`."""

import json

import jsonschema
import numpy as np
import pyarrow as pa
import pytest

from annotate.discovery import UnknownPlugin
from curation import applying, filters, pairs
from curation.filters import Context, SettingsError
from curation.ports import Models
from tests.curation.learners import comparisons, features, fit

NAMES = filters.names()
GIVEN = {
    "reward_model_disagreement": {"model": "m", "threshold": 0.5, "action": "flip"},
    "gold_model_consistency": {"gold_model": "m", "action": "flip"},
    "rater_exclusion": {"raters": ["r1"], "method": "majority"},
    "rater_based": {"min_votes": 5, "method": "majority"},
    "neighbours": {"neighbours": 3, "threshold": 0.9},
    "contamination": {"similarity": 0.9, "look_in": "everything"},
    "toxicity": {"words": ["long*"], "look_in": "either"},
    "language": {"least_letters": 10, "keep": ["en"], "sure": 0.5},
    "cascade": {"judges": [{"rater": "judge", "threshold": 0.6}]},
    "score_consistency": {"gold": "r0", "others": ["r1", "r2"]},
}


def length_score(model, prompts, responses):
    return np.array([len(response) for response in responses], dtype=float)


def letters_embed(texts):
    """Unit vectors by which letters a text has."""
    counts = np.array(
        [[text.lower().count(letter) for letter in "abcdefghilmnoprstuwy"] for text in texts], dtype=float
    )
    counts = counts.reshape(len(texts), -1) + 0.01
    return counts / np.linalg.norm(counts, axis=1, keepdims=True)


BENCHMARKS = {"suite.jsonl": ["Twin", "which of these many words were ever in the prompt of anything at all here"]}
MODELS = Models(score=length_score, embed=letters_embed, features=features, fit=fit)
CONTEXT = Context(MODELS, 3, benchmarks=lambda: BENCHMARKS)


def settings_of(name):
    return filters.settings_with_defaults(name, GIVEN.get(name, {}))


@pytest.fixture
def table(pair_table):
    twin = {"prompt": "twin", "response_a": "said one way at length", "response_b": "said another way"}
    mirrored = {"prompt": "twin", "response_a": twin["response_b"], "response_b": twin["response_a"]}
    judge = {"rater": "judge", "kind": "language_model", "outcome": "a", "level": 1.0, "p_a": 0.55, "seconds": None}
    return pair_table(
        {"votes": "aaab", "p_a": 0.75, "p_b": 0.25}, {"votes": "bb", "outcome": "b"}, {"votes": "tt", "outcome": "tie"},
        {"votes": "x", "outcome": "both_bad"}, {"p_a": 0.4, "p_b": 0.4, "p_tie": 0.2}, {"response_b": "long " * 50},
        {"response_a": "same", "response_b": "same"}, {"response_a": "", "votes": "b", "outcome": "b"},
        {"response_a": "a judge was here", "votes": [judge]},
        {**twin, "votes": "aab"}, {**mirrored, "votes": "a"}, {**twin, "votes": "abb", "outcome": "b"},
        *comparisons(8, 30, flipped=0.3),
    )  # fmt: skip


def test_filters_of_this_product_are_there():
    assert set(NAMES) >= {
        "consensus_threshold", "contamination", "cycles", "duplicate_conflict", "exact_duplicates", "format_confound",
        "language", "length_confound", "minimum_votes", "near_duplicates", "neighbours", "rater_based",
        "rater_exclusion", "reward_model_disagreement", "self_inconsistency", "ties", "toxicity",
    }  # fmt: skip
    with pytest.raises(UnknownPlugin, match="near_duplicates"):
        filters.get("magic")


@pytest.mark.parametrize("name", NAMES)
def test_says_what_it_is(name):
    module = filters.get(name)
    assert module.TITLE
    assert module.SUMMARY.endswith(".")
    assert module.REASONS
    assert all(text.endswith(".") for text in module.REASONS.values())


@pytest.mark.parametrize("name", NAMES)
def test_settings_have_a_closed_schema(name):
    schema = filters.get(name).SETTINGS
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["additionalProperties"] is False
    for key, setting in schema["properties"].items():
        assert setting["title"]
        assert ("default" in setting) != (key in schema["required"])
    assert settings_of(name) == filters.settings_with_defaults(name, settings_of(name))
    with pytest.raises(SettingsError, match="no_such_setting"):
        filters.settings_with_defaults(name, {**GIVEN.get(name, {}), "no_such_setting": 1})


@pytest.mark.parametrize("name", NAMES)
def test_decides_on_every_row_soundly_and_leaves_the_table_alone(name, table):
    before = table.to_pylist()
    decisions = filters.get(name).decide(table, settings_of(name), CONTEXT)
    applying.check(decisions, table.num_rows, filters.get(name).REASONS)
    assert set(decisions.reason_N[decisions.action_N == "keep"].tolist()) <= {""}
    if decisions.score_N is not None:
        assert decisions.score_N.shape == (table.num_rows,)
    json.dumps(decisions.notes, allow_nan=False)
    assert table.to_pylist() == before


@pytest.mark.parametrize("name", NAMES)
def test_no_rows_are_no_fault(name, table):
    decisions = filters.get(name).decide(table.slice(0, 0), settings_of(name), CONTEXT)
    applying.check(decisions, 0, filters.get(name).REASONS)


@pytest.mark.parametrize("name", NAMES)
def test_decisions_do_not_depend_on_the_order_of_the_rows(name, table):
    order = np.random.default_rng(1).permutation(table.num_rows)
    module, settings = filters.get(name), settings_of(name)
    straight = module.decide(table, settings, CONTEXT)
    shuffled = module.decide(table.take(order), settings, CONTEXT)
    assert shuffled.action_N.tolist() == straight.action_N[order].tolist()
    assert shuffled.reason_N.tolist() == straight.reason_N[order].tolist()
    assert shuffled.notes == straight.notes
    assert (shuffled.score_N is None) == (straight.score_N is None)
    for name in ("weight_N", "label_N4", "score_N"):
        one, other = getattr(shuffled, name), getattr(straight, name)
        if one is not None:
            np.testing.assert_allclose(one, other[order])


@pytest.mark.parametrize("name", NAMES)
def test_what_it_decides_can_be_applied(name, table):
    decisions = filters.get(name).decide(table, settings_of(name), CONTEXT)
    after, trace = applying.apply(table, decisions, stage=1, filter=name)
    assert after.schema == pairs.SCHEMA
    assert trace.num_rows == (decisions.action_N != "keep").sum()
    np.testing.assert_allclose(pairs.outcome_probs(after).sum(axis=1), 1)


@pytest.mark.parametrize("name", NAMES)
def test_a_pool_decides_as_one_table_does_wherever_it_is_cut(name, table):
    module, settings = filters.get(name), settings_of(name)
    whole = module.decide(table, settings, CONTEXT)
    for cut in (0, 1, 6):
        shards = [table.slice(0, cut), table.slice(cut)]
        if filters.scope(module) == "row":
            decided = [filters.judge(module, shard, settings, CONTEXT) for shard in shards]
            actions = np.concatenate([each.action_N for each in decided])
            reasons = np.concatenate([each.reason_N for each in decided])
        else:
            sketches = pa.concat_tables([filters.sketch(module, shard, settings, CONTEXT) for shard in shards])
            assert sketches.num_rows == table.num_rows
            decided = filters.judge(module, sketches, settings, CONTEXT)
            actions, reasons = decided.action_N, decided.reason_N
        assert (actions.tolist(), reasons.tolist()) == (whole.action_N.tolist(), whole.reason_N.tolist())
