"""A campaign's plan: YAML that says how much of everything, and names a plug-in for each stage.

    name: helpfulness
    rounds: 8
    seed_pairs: {people: 100, models: 400}
    per_round: {people: 50, models: 400}
    budget: {people: 500, money: 20}
    labelling:
      use: judges
      judges: [{judge: pairwise, endpoint: large}, {judge: votes, endpoint: small}]
    consistency: {use: skywork}

Whatever is not said takes its default. Pure: knows no Django.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import jsonschema
import yaml

from annotate.discovery import UnknownPlugin
from curation import campaign, pipeline
from curation.campaign.fates import RECYCLE

# where the plug-in of each entry comes from, and which it is where none is named
PLUGINS = {
    "hygiene": ("hygiene", "exact_and_ngrams"),
    "attributes": ("attributes", "rules"),
    "training": ("training", "fit"),
    "retrieving": ("retrieving", "error_driven"),
    "people": ("people", "objective_first"),
    "labelling": ("labelling", "votes"),
    "gold_model": ("training", "fit"),
    "consistency": ("consistency", "skywork"),
}
LEAST_GOLD = 2  # of the first pairs, on which all models are tried
_COUNT = {"type": "integer", "minimum": 0, "maximum": 10_000_000}


def _counts(**defaults: int) -> dict[str, Any]:
    properties = {name: {**_COUNT, "default": value} for name, value in defaults.items()}
    return {"type": "object", "additionalProperties": False, "properties": properties, "default": {}}


_PLUGIN = {"type": "object", "properties": {"use": {"type": "string", "maxLength": 80}}, "default": {}}
_SHARE = {"type": "number", "minimum": 0, "maximum": 1}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "name": {**pipeline.SCHEMA["properties"]["name"], "default": "campaign"},
        "seed": pipeline.SCHEMA["properties"]["seed"],
        "question": {"type": "string", "maxLength": 80, "default": ""},
        "rounds": {"type": "integer", "minimum": 0, "maximum": 100, "default": 8},
        "seed_pairs": _counts(people=100, models=400),
        "per_round": _counts(people=50, models=400),
        "budget": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "people": {**_COUNT, "default": 500},
                "money": {"type": "number", "minimum": 0, "default": 0},
            },
            "default": {},
        },
        "answers": {"type": "integer", "minimum": 1, "maximum": 100, "default": 1},
        "patience": {"type": "integer", "minimum": 0, "maximum": 100, "default": 3},
        "learn_from": {"enum": ["silver", "silver_and_pool"], "default": "silver"},
        "similar_by": {"enum": ["prompt", "pair"], "default": "prompt"},
        "sure_above": {**_SHARE, "default": 0.5},
        "recycle": {"enum": list(RECYCLE), "default": "none"},
        **dict.fromkeys(PLUGINS, _PLUGIN),
        "split": {"type": "object", "default": {"fractions": {"train": 0.9, "validation": 0.1, "test": 0.0}}},
    },
}
HELP = {
    "rounds": "Rounds of the first stage, at most.",
    "seed_pairs": "Pairs drawn by lot that people and models label first; people's are the yardstick of all rounds.",
    "per_round": "Pairs that people and models label in each round, at most.",
    "budget": "Pairs that people label in all, and money that models may cost (0: only models that cost nothing).",
    "answers": "People who answer each pair.",
    "patience": "Rounds without a better model after which the first stage ends; 0: never.",
    "learn_from": "silver: models learn from what models labelled. silver_and_pool: also from the pool's own labels.",
    "similar_by": "What makes pairs similar: prompt and attributes, or the responses too.",
    "sure_above": "Probability of its label above which a pair needs no new one.",
    "recycle": "Pairs that would be discarded: none; consistent: kept with the other label if the rule agrees; all.",
}


class PlanError(ValueError):
    """A plan that cannot be read; the message says where and what to do."""


@dataclass(frozen=True)
class Use:
    """A plug-in with all its settings."""

    name: str
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """A plan with all defaults filled in: ``values`` as in `SCHEMA`, ``uses`` by entry of `PLUGINS`."""

    values: Mapping[str, Any]
    uses: Mapping[str, Use]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def plugin(self, entry: str) -> Any:
        """The module that an entry names."""
        return campaign.get(PLUGINS[entry][0], self.uses[entry].name)

    def settings(self, entry: str) -> Mapping[str, Any]:
        return self.uses[entry].settings

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON that `from_dict` reads."""
        whole = {**self.values, **{entry: {"use": use.name, **use.settings} for entry, use in self.uses.items()}}
        return cast(dict[str, Any], json.loads(json.dumps(whole)))  # without shared parts, which YAML would alias

    def to_yaml(self) -> str:
        """YAML that `parse` reads."""
        return str(yaml.safe_dump(self.to_dict(), sort_keys=False, allow_unicode=True))


def parse(text: str) -> Plan:
    """A plan from YAML; `PlanError` says what is wrong with it."""
    try:
        return from_dict(pipeline.read_yaml(text, "plan") or {})
    except pipeline.PipelineError as error:
        raise PlanError(str(error)) from error


def from_dict(given: Any) -> Plan:
    """A plan from plain data; raises `PlanError` like `parse`."""
    _check(given, SCHEMA, "")
    values = _filled(given, SCHEMA)
    uses = {entry: _use(values.pop(entry), entry) for entry in PLUGINS}
    try:
        split = pipeline.from_dict({"seed": values["seed"], "split": values["split"]}).split
    except pipeline.PipelineError as error:
        raise PlanError(str(error)) from error
    plan = Plan({**values, "split": dict(split)}, uses)
    if plan["learn_from"] == "silver" and plan.uses["labelling"].name == "off":
        raise PlanError("learn_from: models label nothing (labelling: off), so there is no silver to learn from; "
                        "say silver_and_pool.")  # fmt: skip
    if plan["seed_pairs"]["people"] < LEAST_GOLD:
        raise PlanError(f"seed_pairs/people: people must label at least {LEAST_GOLD}, else no model can be tried.")
    return plan


def _use(given: Mapping[str, Any], entry: str) -> Use:
    folder, default = PLUGINS[entry]
    name = given.get("use", default)
    try:
        plugin = campaign.get(folder, name)
    except UnknownPlugin as error:
        raise PlanError(f"{entry}/use: {error}") from error
    settings = _filled({key: value for key, value in given.items() if key != "use"}, plugin.SETTINGS)
    _check(settings, plugin.SETTINGS, entry)
    try:
        getattr(plugin, "check", lambda settings: None)(settings)
    except campaign.CampaignError as error:
        raise PlanError(str(error)) from error
    return Use(name, settings)


def _check(value: Any, schema: Mapping[str, Any], path: str) -> None:
    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(value))
    if error is not None:
        where = "/".join([path, *map(str, error.absolute_path)]).strip("/")
        raise PlanError(f"{where}: {error.message:.300}" if where else f"{error.message:.300}")


def _filled(given: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """With the defaults of the schema, inside objects too; in the schema's order, unknown names last."""
    known = schema.get("properties", {})
    whole = {
        name: given.get(name, part.get("default")) for name, part in known.items() if name in given or "default" in part
    }
    whole |= {name: value for name, value in given.items() if name not in known}
    return {
        name: _filled(value, known[name])
        if isinstance(value, Mapping) and known.get(name, {}).get("properties")
        else value
        for name, value in whole.items()
    }
