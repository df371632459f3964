"""Every way to construct pairs fulfils the contract of `curation.construction`."""

import json
from dataclasses import replace

import jsonschema
import numpy as np
import pytest

from annotate.discovery import UnknownPlugin
from curation import construction, pairs
from curation.construction import Material
from curation.filters import SettingsError

NAMES = construction.names()
GIVEN = {
    "rewritten": {"dimension": "clarity", "share": 1},
    "degraded": {"share": 1},
    "image_corruptions": {"share": 1},
    "ordered_factors": {"factors": ["rating", "shorter"]},
    **{name: {"across": True} for name in ("ratings", "rubrics", "verdicts")},
}


def made(name, make, material, **more):
    return construction.rows(
        make(name, material=material, **GIVEN.get(name, {})), by=name, question="q", dimension="", known=(), **more
    )


def test_the_ways_of_this_product_are_there():
    assert set(NAMES) == {
        "counterfactual", "degraded", "image_corruptions", "mirrored", "off_prompt", "ordered_factors", "rankings",
        "ratings", "revisions", "rewritten", "rubrics", "verdicts",
    }  # fmt: skip
    with pytest.raises(UnknownPlugin, match="off_prompt"):
        construction.get("magic")


@pytest.mark.parametrize("name", NAMES)
def test_says_what_it_is_and_takes_closed_settings(name):
    module = construction.get(name)
    assert module.TITLE
    assert module.SUMMARY.endswith(".")
    jsonschema.Draft202012Validator.check_schema(module.SETTINGS)
    for key, setting in module.SETTINGS["properties"].items():
        assert setting["title"]
        assert ("default" in setting) != (key in module.SETTINGS["required"])
    filled = construction.settings_with_defaults(name, GIVEN.get(name, {}))
    assert construction.settings_with_defaults(name, filled) == filled
    with pytest.raises(SettingsError, match="no_such_setting"):
        construction.settings_with_defaults(name, {**GIVEN.get(name, {}), "no_such_setting": 1})


@pytest.mark.parametrize("name", NAMES)
def test_makes_sound_rows_that_say_what_they_are_made_of(name, make, material):
    rows = made(name, make, material)
    assert rows.num_rows
    assert rows.schema == pairs.SCHEMA
    np.testing.assert_allclose(pairs.outcome_probs(rows).sum(axis=1), 1)
    known = set(material.table["row_id"].to_pylist())
    for row in rows.to_pylist():
        mark = json.loads(row["metadata"])["constructed"]
        assert (mark["by"], construction.mark_of(row["metadata"])) == (name, mark)
        assert set(mark["from"]) <= known
        assert mark["items"]
        assert (row["votes"], row["n_votes"], row["gold"]) == ([], 0, None)
        assert (row["response_a"], row["media_a"]) != (row["response_b"], row["media_b"])
        assert row["row_id"] == pairs.row_id(
            row["prompt"], row["response_a"], row["response_b"], row["media_a"], row["media_b"]
        )
        assert np.sign(row["strength"]) == {"a": 1, "b": -1}.get("a" if row["p_a"] else "b" if row["p_b"] else "tie", 0)


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_rows_and_records_changes_nothing(name, make, material):
    order = np.random.default_rng(1).permutation(material.table.num_rows)
    other = replace(material, table=material.table.take(order), records=material.records[::-1])
    assert made(name, make, other).equals(made(name, make, material))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_comes_of_nothing(name, make, material):
    assert make(name, material=Material(material.table.slice(0, 0)), **GIVEN.get(name, {})) == []


@pytest.mark.parametrize("name", NAMES)
def test_what_is_constructed_is_not_constructed_from_again(name, make, material):
    rows = made(name, make, material)
    assert make(name, material=Material(rows), **GIVEN.get(name, {})) == []


@pytest.mark.parametrize("name", [name for name in NAMES if name != "mirrored"])
def test_sides_tell_nothing(name, make, material):
    """Better responses stand on both sides, over many pairs."""
    pairs_ = make(name, **GIVEN.get(name, {}))
    prompts = [f'[{{"content":"{n}","role":"user"}}]' for n in range(40)]
    rows = construction.rows(
        [replace(pairs_[0], prompt=prompt) for prompt in prompts], by=name, question="q", dimension="", known=()
    )
    assert 8 < rows["p_a"].to_numpy().sum() < 32
