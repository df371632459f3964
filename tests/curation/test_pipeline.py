"""Pipelines: what they refuse, and what they do to a table."""

from collections import Counter

import numpy as np
import pytest

from curation import filters, pairs, pipeline
from curation.filters import Context
from curation.pipeline import PipelineError
from curation.ports import Models

PLAN = """
name: trusted
seed: 7
consensus: {method: majority, question: preference}
stages:
  - filter: minimum_votes
    least: 2
  - filter: exact_duplicates
  - filter: certainty_weight
split: {by: prompt, fractions: {train: 0.5, test: 0.5}}
"""


def test_defaults_are_filled_in_and_written_out_again():
    found = pipeline.parse(PLAN)
    assert [stage.filter for stage in found.stages] == ["minimum_votes", "exact_duplicates", "certainty_weight"]
    assert found.stages[0].settings == {"least": 2, "action": "drop"}
    assert found.split["seed"] == found.seed == 7
    assert found.split["hold_out"] == []
    assert pipeline.parse(found.to_yaml()) == found
    twice = pipeline.parse("stages: [{filter: rater_exclusion}, {filter: rater_exclusion}]")
    assert pipeline.parse(twice.to_yaml()) == twice
    least = pipeline.parse("{}")
    assert least.consensus["method"] == "pooled"
    assert (least.stages, least.split["by"], least.name) == ((), "prompt", "pipeline")


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        ("stages: [{filter: magic}]", "stages/0/filter", "near_duplicates"),
        ("stages: [{filter: ties}, {filter: minimum_votes, least: 0}]", "stages/1/least", "minimum_votes: 0 is less"),
        ("stages: [{filter: ties, sometimes: 1}]", "stages/0", "'sometimes' was unexpected"),
        ("stages: [{filter: reward_model_disagreement}]", "stages/0", "'model' is a required property"),
        ("stages: [{least: 3}]", "stages/0", "'filter' is a required property"),
        ("stages: ties", "stages", "not of type 'array'"),
        ("consensus: {method: vote}", "consensus/method", "mace, majority"),
        ("consensus: {method: majority, way: 1}", "consensus", "'way' was unexpected"),
        ("split: {by: topic}", "split/by", "'topic' is not one of"),
        ("split: {fractions: {train: 0.5}}", "split/fractions", "sum to 0.5"),
        ("split: {fractions: {train: 1.5, test: -0.5}}", "split/fractions/train", "1.5 is greater"),
        (
            "stages: [{filter: consensus_threshold, min_probability: .nan}]",
            "stages/0/min_probability",
            "nan is no number",
        ),
        ('name: "two\\nlines"', "name", "does not match"),
        ("split: {fractions: {training: 1}}", "split/fractions", "'training' was unexpected"),
        ("seed: -1", "seed", "-1 is less"),
        ("seed: seven", "seed", "'seven' is not of type 'integer'"),
        ("steps: []", "", "'steps' was unexpected"),
        ("- ties", "", "not of type 'object'"),
        ("", "", "None is not of type 'object'"),
        ("a: [", "", "not YAML"),
        ("a: !!python/object/apply:os.system ['true']", "", "not YAML"),
        ("a: &x [1]\nb: *x", "", "Aliases"),
        ("[" * 90_000, "", "levels are nested"),
        ("name: " + "x" * 200_000, "", "200,006 characters"),
        ("when: 2026-99-99", "", "not YAML"),
    ],
)
def test_what_cannot_be_run_is_refused_with_its_place(text, path, message):
    with pytest.raises(PipelineError, match=message) as refused:
        pipeline.parse(text)
    assert refused.value.path.startswith(path)
    assert len(str(refused.value)) < 600


@pytest.fixture
def table(pair_table):
    unknown = dict.fromkeys((*pairs.PROBABILITIES, "strength"))
    again = {"prompt": "prompt 0", "response_a": "first answer 0", "response_b": "second answer 0"}
    return pair_table(
        {"votes": "aab", **unknown}, {"votes": "bbb", **unknown}, {"votes": "a", **unknown},
        {"votes": "aaab", **again, **unknown}, {"votes": "aaa", "question": "style", **unknown},
        {"votes": "ttt", **unknown},
    )  # fmt: skip


def test_stages_follow_one_another_and_everything_is_written_down(table):
    seen = []
    result = pipeline.run(table, pipeline.parse(PLAN), on_stage=lambda *stage: seen.append(stage))
    assert seen == [
        ("consensus", 0, 5), ("minimum_votes", 1, 5), ("exact_duplicates", 2, 5), ("certainty_weight", 3, 5),
        ("split", 4, 5),
    ]  # fmt: skip
    assert set(result.table["item"].to_pylist()) == {"item 1", "item 3", "item 5"}
    assert result.table.schema.names == [*pairs.SCHEMA.names, "split"]
    story = {}
    for line in result.trace.to_pylist():
        story.setdefault(line["item"], []).append((line["filter"], line["action"], line["reason"]))
    assert story["item 4"] == [("consensus", "drop", "other_question")]
    assert story["item 2"][-1] == ("minimum_votes", "drop", "too_few_votes")
    assert story["item 0"][-1] == ("exact_duplicates", "drop", "duplicate")
    assert story["item 3"][-2:] == [("certainty_weight", "reweight", "uncertain"), ("split", "keep", "by_prompt")]
    splits = {line["item"]: line["split"] for line in result.trace.to_pylist() if line["split"]}
    assert splits == dict(zip(result.table["item"].to_pylist(), result.table["split"].to_pylist(), strict=True))
    assert set(story) == set(table["item"].to_pylist())


def test_summary_counts_what_happened(table):
    summary = pipeline.run(table, pipeline.parse(PLAN)).summary
    consensus, votes, duplicates, weights, split = summary
    assert [(stage["rows_in"], stage["rows_out"]) for stage in summary] == [(6, 5), (5, 4), (4, 3), (3, 3), (3, 3)]
    assert consensus["actions"]["drop"] == 1
    assert votes["reasons"] == [
        {
            "action": "drop",
            "reason": "too_few_votes",
            "rows": 1,
            "text": filters.get("minimum_votes").REASONS["too_few_votes"],
        }
    ]
    assert votes["histogram"]["counts"][0] == 1
    assert sum(votes["histogram"]["counts"]) == 5
    assert len(votes["histogram"]["edges"]) == len(votes["histogram"]["counts"]) + 1
    assert duplicates["actions"] == {"drop": 1}
    assert weights["title"] == "Weight by certainty"
    assert sum(split["splits"].values()) == 3


def test_labels_come_from_the_votes(table):
    result = pipeline.run(table, pipeline.parse("consensus: {method: majority}"))
    row = next(row for row in result.table.to_pylist() if row["item"] == "item 1")
    assert row["p_b"] > 0.5
    assert row["strength"] == -1
    assert [vote["rater"] for vote in row["votes"]] == sorted(vote["rater"] for vote in row["votes"])


def test_labels_can_stay_as_they_are(pair_table):
    table = pair_table({"votes": "aab", "outcome": "b"}, {"outcome": "tie"})
    result = pipeline.run(table, pipeline.parse("consensus: {method: none}"))
    assert sorted(pairs.winner(result.table).tolist()) == ["b", "tie"]
    assert result.summary[0]["actions"] == {}


def test_rows_without_votes_keep_their_label_beside_those_with(pair_table):
    result = pipeline.run(pair_table({"outcome": "b"}, {"votes": "aa", "outcome": "b"}), pipeline.parse("{}"))
    labels = dict(zip(result.table["item"].to_pylist(), pairs.winner(result.table).tolist(), strict=True))
    assert labels == {"item 0": "b", "item 1": "a"}


@pytest.mark.parametrize("method", ["majority", "mace"])
def test_the_order_of_rows_and_votes_changes_nothing(pair_table, method):
    rng = np.random.default_rng(3)
    rows = [
        {"votes": "".join(rng.choice(list("abt"), 4)), "prompt": f"p{n % 17}", "group": f"g{n % 5}"} for n in range(60)
    ]
    table = pair_table(*rows, rows[0], rows[0])
    plan = pipeline.parse(
        f"{{consensus: {{method: {method}}}, stages: [{{filter: exact_duplicates}}, {{filter: near_duplicates}}, "
        "{filter: rater_exclusion, raters: [r2], method: majority}, {filter: consensus_threshold}]}"
    )
    straight = pipeline.run(table, plan)
    shuffled = table.take(rng.permutation(table.num_rows))
    turned = pairs.with_columns(shuffled, {"votes": [votes[::-1] for votes in shuffled["votes"].to_pylist()]})
    other = pipeline.run(turned, plan)
    assert other.table.equals(straight.table)
    assert other.trace.equals(straight.trace)
    assert other.summary == straight.summary
    assert other.source == straight.source


def test_other_stages_leave_the_splits_of_the_same_rows_alone(pair_table):
    rng = np.random.default_rng(3)
    table = pair_table(*[{"votes": "".join(rng.choice(list("ab"), 5)), "group": f"g{n % 9}"} for n in range(90)])
    found = []
    for least in (0.5, 0.7, 0.9):
        text = f"{{stages: [{{filter: consensus_threshold, min_probability: {least}}}], split: {{by: group}}}}"
        result = pipeline.run(table, pipeline.parse(text))
        found.append(dict(zip(result.table["item"].to_pylist(), result.table["split"].to_pylist(), strict=True)))
    assert len({len(splits) for splits in found}) > 1
    for splits in found[1:]:
        assert all(found[0][item] == split for item, split in splits.items())


def test_review_is_what_people_are_to_be_asked(pair_table):
    table = pair_table({"votes": "ab"}, {"votes": "aaaa"})
    plan = pipeline.parse("stages: [{filter: minimum_votes, action: review}]")
    result = pipeline.run(table, plan)
    assert result.review["item"].to_pylist() == ["item 0"]
    assert result.table["item"].to_pylist() == ["item 1"]


def test_a_model_may_turn_labels_round(pair_table):
    models = Models(score=lambda model, prompts, responses: np.array([float("second" in r) * 5 for r in responses]))
    plan = pipeline.parse(
        "{consensus: {method: none}, stages: [{filter: reward_model_disagreement, model: m, action: flip}]}"
    )
    result = pipeline.run(pair_table({"gold": "a"}, {"outcome": "b"}), plan, Context(models=models))
    assert pairs.winner(result.table).tolist() == ["b", "b"]
    assert Counter(result.table["gold"].to_pylist()) == {"a": 1, None: 1}
    assert result.summary[1]["actions"] == {"flip": 1}


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        ("stages: [{filter: reward_model_disagreement, model: m}]", "stages/0", "No reward-model scorer"),
        ("stages: [{filter: ties}, {filter: rater_exclusion, raters: [r0], method: magic}]", "stages/1", "'magic'"),
        ("split: {hold_out: [nowhere]}", "split/hold_out", "Groups: g0, g1"),
    ],
)
def test_what_is_missing_at_run_time_is_named(pair_table, text, path, message):
    table = pair_table({"votes": "ab", "group": "g0"}, {"votes": "a", "group": "g1"})
    with pytest.raises(PipelineError, match=message) as refused:
        pipeline.run(table, pipeline.parse(text))
    assert refused.value.path == path


def test_nothing_left_is_a_result_too(pair_table):
    plan = pipeline.parse("stages: [{filter: minimum_votes, least: 9}, {filter: near_duplicates}, {filter: ties}]")
    result = pipeline.run(pair_table({"votes": "ab"}), plan)
    assert result.table.num_rows == 0
    assert result.summary[-1]["splits"] == {}


def test_no_rows_at_all(pair_table):
    result = pipeline.run(pair_table({}).slice(0, 0), pipeline.parse(PLAN))
    assert (result.table.num_rows, result.trace.num_rows) == (0, 0)
