"""Every strategy fulfils the contract of `curation.selection`."""

from dataclasses import replace

import jsonschema
import numpy as np
import pytest

from annotate.discovery import UnknownPlugin
from curation import selection
from curation.selection import MissingEvidence, SettingsError
from tests.curation.selection.conftest import evidence

NAMES = selection.names()
COUNT = 40


def choose(name, table, given, size=10, seed=5, **settings):
    return selection.get(name).choose(table, given, selection.settings_with_defaults(name, settings), size, seed)


def test_strategies_of_this_product_are_there():
    assert set(NAMES) >= {
        "bal_pm", "bald", "d_optimal", "delta_ucb", "drts", "error_driven", "infomax", "margin", "random", "suspicion",
    }  # fmt: skip
    with pytest.raises(UnknownPlugin, match="infomax"):
        selection.get("magic")


@pytest.mark.parametrize("name", NAMES)
def test_says_what_it_is(name):
    module = selection.get(name)
    assert module.TITLE
    assert module.SUMMARY.endswith(".")
    assert module.REASONS
    assert all(text.endswith(".") for text in module.REASONS.values())
    jsonschema.Draft202012Validator.check_schema(module.SETTINGS)
    assert module.SETTINGS["additionalProperties"] is False
    assert all("default" in setting and setting["title"] for setting in module.SETTINGS["properties"].values())
    with pytest.raises(SettingsError, match="no_such_setting"):
        selection.settings_with_defaults(name, {"no_such_setting": 1})


@pytest.mark.parametrize("name", NAMES)
def test_chooses_open_rows_once_and_gives_a_reason(name, pairs_of):
    table, given = pairs_of(COUNT), evidence(COUNT)
    choice = choose(name, table, given)
    assert len(choice.place_K) == len(choice.score_K) == len(choice.reason_K) == 10
    assert len(set(choice.place_K.tolist())) == 10
    assert not given.asked_N[choice.place_K].any()
    assert np.isfinite(choice.score_K).all()
    assert set(choice.reason_K.tolist()) <= set(selection.get(name).REASONS)


@pytest.mark.parametrize("name", NAMES)
def test_more_than_there_is_gives_all_that_are_open(name, pairs_of):
    given = evidence(12)
    choice = choose(name, pairs_of(12), given, size=50)
    assert sorted(choice.place_K.tolist()) == np.flatnonzero(given.open_N).tolist()
    assert choose(name, pairs_of(0), evidence(0), size=3).place_K.tolist() == []


@pytest.mark.parametrize("name", NAMES)
def test_does_not_depend_on_the_order_of_the_rows(name, pairs_of):
    table, given = pairs_of(COUNT), evidence(COUNT)
    order = np.random.default_rng(1).permutation(COUNT)
    axes = {"margin_MN": 1, "reward_MN2": 1}
    moved = {key: np.take(value, order, axis=axes.get(key, 0)) for key, value in vars(given).items()}
    straight = choose(name, table, given)
    shuffled = choose(name, table.take(order), replace(given, **moved))
    assert order[shuffled.place_K].tolist() == straight.place_K.tolist()
    np.testing.assert_allclose(shuffled.score_K, straight.score_K, rtol=1e-6)


@pytest.mark.parametrize("name", [name for name in NAMES if selection.get(name).NEEDS])
def test_says_which_evidence_is_missing(name, pairs_of):
    for needed in selection.get(name).NEEDS:
        with pytest.raises(MissingEvidence, match="needs"):
            choose(name, pairs_of(COUNT), replace(evidence(COUNT), **{needed: None}))


def test_the_last_moment_of_a_training_counts(pairs_of):
    given = evidence(COUNT)
    moments = np.stack([-3 * given.margin_MN, given.margin_MN])
    same = choose("bald", pairs_of(COUNT), replace(given, margin_MN=moments))
    assert same.place_K.tolist() == choose("bald", pairs_of(COUNT), given).place_K.tolist()
