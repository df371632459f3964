"""Constructed pairs in a pipeline: marked, counted, and never where they would leak."""

import json
from dataclasses import replace

import numpy as np
import pytest

from annotate.records import Rating
from curation import pairs, pipeline, versions
from curation.construction import Item, Material, Response
from curation.pipeline import PipelineError
from tests.curation.construction.conftest import prompt

PLAN = """
consensus: {{method: majority}}
construct: [{ways}]
stages: [{{filter: minimum_votes, least: 1, action: review}}]
split: {{by: {by}, fractions: {{train: 0.6, validation: 0.2, test: 0.2}}}}
"""


def planned(*ways, by="prompt"):
    return pipeline.parse(PLAN.format(ways=", ".join(ways), by=by))


def run(table, *ways, by="prompt", material=None):
    plan = planned(*ways, by=by)
    plan = replace(plan, stages=())
    return pipeline.run(table, plan, material=material)


def mark(row):
    return json.loads(row["metadata"]).get("constructed")


@pytest.fixture
def table(pair_table):
    return pair_table(*[{"votes": "aab" if n % 3 else "bbb"} for n in range(60)])


def test_rows_are_added_marked_and_counted(table):
    result = run(table, "{by: mirrored}", "{by: off_prompt, neutral: false}")
    stages = {entry["filter"]: entry for entry in result.summary}
    assert [entry["stage"] for entry in result.summary] == [0, 0, 0, 1]
    train = [row for row in result.table.to_pylist() if row["split"] == "train"]
    real = [row for row in train if mark(row) is None]
    assert stages["mirrored"]["actions"] == {"construct": len(real)}
    assert stages["off_prompt"]["rows_in"] == 60 + len(real)
    assert stages["split"]["rows_in"] == stages["off_prompt"]["rows_out"] == result.table.num_rows
    assert stages["split"]["splits"] == {"train": len(train), "validation": 12, "test": 12}
    made = result.trace.filter(pairs.pa.compute.equal(result.trace["action"], "construct"))
    assert made.num_rows == result.table.num_rows - 60
    order = [(row["row_id"], row["item"]) for row in result.table.to_pylist()]
    assert order == sorted(order), "in canonical order"


@pytest.mark.parametrize("by", ["prompt", "group", "none"])
def test_what_is_held_out_never_comes_into_training(table, by):
    result = run(table, "{by: off_prompt}", "{by: mirrored}", by=by)
    split_of = {row["row_id"]: row["split"] for row in result.table.to_pylist() if mark(row) is None}
    made = [row for row in result.table.to_pylist() if mark(row) is not None]
    assert made
    for row in made:
        assert row["split"] == "train"
        assert {split_of[row_id] for row_id in mark(row)["from"]} == {"train"}
    left_out = result.summary[1]["notes"]["left_out"]
    assert left_out["held_out"] > 0
    assert left_out["apart"] > 0


def test_for_evaluation_only_where_it_is_asked_and_in_the_same_split(table):
    result = run(table, "{by: off_prompt, evaluate: true}")
    split_of = {row["row_id"]: row["split"] for row in result.table.to_pylist() if mark(row) is None}
    made = [row for row in result.table.to_pylist() if mark(row) is not None]
    assert {row["split"] for row in made} > {"train"}
    assert all({split_of[row_id] for row_id in mark(row)["from"]} == {row["split"]} for row in made)
    assert set(result.summary[1]["notes"]["left_out"]) == {"apart"}


def test_the_rows_that_came_in_keep_their_splits_and_the_order_changes_nothing(table):
    plain = {row["row_id"]: row["split"] for row in run(table).table.to_pylist()}
    with_more = run(table, "{by: off_prompt}")
    assert {row["row_id"]: row["split"] for row in with_more.table.to_pylist() if mark(row) is None} == plain
    shuffled = run(table.take(np.random.default_rng(0).permutation(60)), "{by: off_prompt}")
    assert shuffled.table.equals(with_more.table)
    assert shuffled.trace.equals(with_more.trace)


def test_filters_see_constructed_rows_too(table):
    result = pipeline.run(table, planned("{by: mirrored}"))
    assert result.summary[2]["filter"] == "minimum_votes"
    assert result.summary[2]["reasons"][0]["rows"] == result.summary[1]["actions"]["construct"], "nobody voted on them"


def test_from_records_alone(pair_table):
    """A project that rates responses one by one has no pairs of its own; its items are dealt."""
    items = {
        f"i{n}": Item(prompt(f"Q{n}"), {key: Response(f"answer {key} to {n}", key=key) for key in "xy"})
        for n in range(40)
    }
    records = [
        Rating(item=name, rater="r", question="q", response=key, value=value, low=1, high=5)
        for name in items
        for key, value in (("x", 5), ("y", 2))
    ]
    empty = pairs.SCHEMA.empty_table()
    result = run(empty, "{by: ratings}", material=Material(empty, records, items))
    assert set(result.table["split"].to_pylist()) == {"train"}
    assert result.table.num_rows == 24
    whole = run(empty, "{by: ratings, evaluate: true}", material=Material(empty, records, items))
    assert whole.summary[-1]["splits"] == {"train": 24, "validation": 8, "test": 8}


def test_constructed_rows_make_a_version_that_says_so(table, tmp_path):
    plan = replace(planned("{by: mirrored, share: 0.5}"), stages=())
    version = versions.write(pipeline.run(table, plan), plan, tmp_path)
    assert version.manifest["pipeline"]["construct"] == [{"by": "mirrored", "share": 0.5}]
    assert versions.verify(version.path)
    assert pipeline.from_dict(version.manifest["pipeline"]) == plan
    assert "construct" in (version.path / "README.md").read_text()
    without = pipeline.parse("consensus: {method: majority}")
    assert "construct" not in without.to_dict(), "versions without it keep their hashes"


@pytest.mark.parametrize(
    ("way", "message", "path"),
    [
        ("{by: magic}", "off_prompt", "construct/0/by"),
        ("{by: degraded, rules: [burn]}", "'burn' is not one of", "construct/0/rules"),
        ("{share: 1}", "'by' is a required property", "construct/0"),
        ("{by: mirrored, evaluate: perhaps}", "is not of type 'boolean'", "construct/0/evaluate"),
    ],
)
def test_what_cannot_be_constructed_is_refused_with_its_place(way, message, path):
    with pytest.raises(PipelineError, match=message) as refused:
        planned(way)
    assert refused.value.path.startswith(path)


def test_what_is_missing_at_run_time_is_named(table):
    with pytest.raises(PipelineError, match="construct/1: rewritten: Nobody is registered"):
        run(table, "{by: mirrored}", "{by: rewritten, dimension: tone}")
