"""Plans: defaults, round trips, and errors that say where."""

import pytest

from curation import campaign
from curation.campaign import plan


def test_an_empty_plan_is_skyworks():
    found = plan.parse("")
    assert found["rounds"] == 8
    assert found["sure_above"] == 0.5
    assert found.settings("retrieving") == {"around": 8}
    assert found.uses["consistency"].name == "skywork"
    assert found["split"]["fractions"]["train"] == 0.9


def test_it_survives_its_own_yaml():
    found = plan.parse("name: x\nrounds: 2\nhygiene: {benchmarks: [suite]}\nseed_pairs: {people: 7}\nseed: 4")
    assert plan.parse(found.to_yaml()) == found
    assert found["seed_pairs"] == {"people": 7, "models": 400}
    assert found["split"]["seed"] == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rounds: many", "rounds: 'many' is not of type 'integer'"),
        ("speed: 3", "'speed' was unexpected"),
        ("budget: {people: -1}", "budget/people"),
        ("consistency: {use: magic}", "consistency/use: There is no 'magic'.*skywork"),
        ("consistency: {strict: true}", "consistency.*'strict' was unexpected"),
        ("labelling: {use: judges}", "labelling.*'judges' is a required property"),
        ("labelling: {use: 'off'}", "learn_from.*silver_and_pool"),
        ("seed_pairs: {people: 1}", "at least 2"),
        ("split: {fractions: {train: 0.5}}", "sum to 0.5"),
        ("a: &x 1\nb: *x", "Aliases"),
        ("[1, 2", "not YAML"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text, message):
    with pytest.raises(plan.PlanError, match=message):
        plan.parse(text)


@pytest.mark.parametrize("entry", plan.PLUGINS)
def test_every_stage_can_be_replaced_by_any_of_its_plug_ins(entry):
    folder, default = plan.PLUGINS[entry]
    assert default in campaign.names(folder)
    for name in campaign.names(folder):
        required = {"judges": {"judges": [{"judge": "length"}]}, "judged": {"endpoint": "large"}}.get(name, {})
        given = {entry: {"use": name, **required}, "learn_from": "silver_and_pool"}
        assert plan.from_dict(given).plugin(entry) is campaign.get(folder, name)
