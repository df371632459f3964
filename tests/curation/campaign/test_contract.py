"""What every plug-in of every stage must hold; a new file is covered by being there."""

import jsonschema
import numpy as np
import pytest

from curation import campaign, pairs
from curation.campaign import Tools, attributes, plan
from curation.campaign.cases import case_of
from curation.campaign.source import Source
from curation.campaign.vectors import build
from curation.clients import Completion
from curation.ports import Models
from tests.curation.campaign.conftest import Everybody, Fits, features

PLUGINS = [(stage, name) for stage in campaign.STAGES for name in campaign.names(stage)]
GIVEN = {
    ("labelling", "judges"): {
        "judges": [{"judge": "length", "settings": {"most": 50}}, {"judge": "pairwise", "endpoint": "large"}]
    },
    ("attributes", "judged"): {"endpoint": "large"},
}


def settings_of(stage, name):
    schema = campaign.get(stage, name).SETTINGS
    defaults = {key: value["default"] for key, value in schema["properties"].items() if "default" in value}
    return defaults | GIVEN.get((stage, name), {})


def answer(request, endpoint):
    """A server that always takes the first response that it is shown, and knows what the pair is about."""
    if "verdict" in str(request.schema) or "overall" in str(request.schema):
        text = '{"overall": {"chosen": "response_1", "strength": 1}}'
    else:
        text = (
            '{"category": "maths", "objectivity": "high", "controversiality": "low", "desired": ["right"], '
            '"guideline": "Check the sum."}'
        )
    return Completion((text,) * request.n, 10, 5), "call"


@pytest.fixture
def table(pair_table):
    return pair_table(*({"outcome": "ab"[place % 2], "votes": "aab"} for place in range(12)))


@pytest.fixture
def tools():
    scores = lambda model, prompts, texts: np.arange(len(texts), dtype=float)  # noqa: E731
    return Tools(
        models=Models(fit=Fits(), embed=features, score=scores),
        people=Everybody({}),
        ask=answer,
        train=lambda train, validation, recipe, name: f"model of {name}",
        benchmarks=lambda: {"suite": ["a prompt of a benchmark that is long enough"]},
    )


@pytest.mark.parametrize(("stage", "name"), PLUGINS)
def test_it_says_what_it_is_and_its_settings_are_a_closed_schema(stage, name):
    module = campaign.get(stage, name)
    assert module.TITLE
    assert module.SUMMARY.endswith(".")
    assert not module.SUMMARY.startswith(module.TITLE)
    jsonschema.Draft202012Validator.check_schema(module.SETTINGS)
    assert module.SETTINGS["additionalProperties"] is False
    jsonschema.validate(settings_of(stage, name), module.SETTINGS)


@pytest.mark.parametrize("name", campaign.names("hygiene"))
def test_hygiene_takes_out_with_a_known_reason(name, table, tools):
    found = campaign.get("hygiene", name).screen(Source.of(table, "x", shard=5), settings_of("hygiene", name), tools)
    assert found.shape == (12,)
    assert set(found.tolist()) <= {"", "duplicate", "contaminated"}


@pytest.mark.parametrize("name", campaign.names("attributes"))
def test_attributes_fit_their_schema(name, table, tools):
    found = campaign.get("attributes", name).describe(table, settings_of("attributes", name), tools)
    assert len(found) == table.num_rows
    for one in found:
        jsonschema.validate(one, attributes.SCHEMA)


@pytest.mark.parametrize("name", campaign.names("training"))
def test_training_gives_a_margin_for_every_pair(name, table, tools):
    module, settings = campaign.get("training", name), settings_of("training", name)
    found = module.predict(table, table.slice(0, 3), iter([table, table.slice(0, 4)]), settings, tools, name="x")
    assert (found.gold_G.shape, found.other_N.shape) == ((3,), (16,))
    assert np.isfinite(found.other_N).all()
    alone = module.predict(table, None, iter([table.slice(0, 4)]), settings, tools, name="x", model=found.model)
    assert (alone.gold_G.shape, alone.other_N.shape) == ((0,), (4,))


@pytest.mark.parametrize("name", campaign.names("retrieving"))
def test_retrieving_gives_free_places_once_and_not_too_many(name, table, tmp_path):
    from curation.campaign.files import Files

    source = Source.of(table, "x", shard=5)
    index = build(Files(tmp_path), source, lambda number: features(source.read(number)["response_a"].to_pylist()))
    free = np.ones(12, bool)
    free[[0, 1, 7]] = False
    for most in (0, 2, 100):
        found = campaign.get("retrieving", name).retrieve(
            np.array([0, 1]), np.array([0.1, 0.9]), index, free, most, settings_of("retrieving", name), [1, 2]
        )
        assert len(found) <= most
        assert len(set(found.tolist())) == len(found)
        assert free[found].all()
        again = campaign.get("retrieving", name).retrieve(
            np.array([0, 1]), np.array([0.1, 0.9]), index, free, most, settings_of("retrieving", name), [1, 2]
        )
        assert found.tolist() == again.tolist()


@pytest.mark.parametrize("name", campaign.names("people"))
@pytest.mark.parametrize("count", [0, 3, 50])
def test_people_get_some_of_the_pairs_each_once(name, count, table, tools):
    module = campaign.get("people", name)
    described = campaign.get("attributes", "rules").describe(table, {}, tools)
    margin, side = np.linspace(-1, 1, 12), np.ones(12, np.int8)
    found = module.choose(described, margin, side, count, settings_of("people", name), [0, 1])
    assert len(found) == min(count, 12) == len(set(found.tolist()))
    assert module.NEEDS_MODEL in (True, False)


@pytest.mark.parametrize("name", campaign.names("labelling"))
def test_labelling_gives_votes_that_the_pair_table_takes(name, table, tools):
    import pyarrow as pa

    module = campaign.get("labelling", name)
    cases = [case_of(row) for row in table.to_pylist()]
    votes = module.label(cases, table, settings_of("labelling", name), tools, 0)
    assert len(votes) == table.num_rows
    assert module.COSTS in (True, False)
    pa.array(votes, pa.list_(pairs.VOTE))
    for own in votes:
        assert len({vote["rater"] for vote in own}) == len(own)
        assert all(vote["outcome"] in ("a", "b", "tie", "both_bad") for vote in own)


@pytest.mark.parametrize("name", campaign.names("consistency"))
def test_consistency_does_not_depend_on_which_side_is_called_a(name):
    agrees = campaign.get("consistency", name).agrees
    label, gold, judges, best = np.meshgrid(*([-1, 0, 1],) * 4)
    said = [side.ravel() for side in (label, gold, judges, best)]
    found = agrees(*said)
    assert (found == agrees(*(-side for side in said))).all()
    assert not found[said[0] == 0].any()
    assert found[(said[0] == 1) & (said[1] == 1) & (said[2] == 1) & (said[3] == 1)].all()


def test_a_plan_names_a_plug_in_of_every_stage():
    assert {folder for folder, _ in plan.PLUGINS.values()} == set(campaign.STAGES)
