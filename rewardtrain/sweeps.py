"""Sweeps: several recipes at once, by settings that vary or by a list. Pure.

lr: 1e-5, 2e-5, 5e-5             settings that vary: every combination
seed: 0, 1

- {loss: bradley_terry}          or a YAML list of what changes from the recipe
- {loss: bradley_terry_ties, loss_settings: {k: 3}}
"""

import itertools
import json
from collections.abc import Mapping
from typing import Any

import yaml

from rewardtrain.errors import RecipeError
from rewardtrain.recipe import Recipe

MOST = 32  # runs of a sweep


def recipes(base: Recipe, text: str) -> list[tuple[str, Recipe]]:
    """(label, recipe) of every run; nothing where nothing varies.

    Raises
    ------
    RecipeError
        With the line or the setting that is wrong, or if there are more than `MOST`.
    """
    if not text.strip():
        return []
    changes = _listed(text) if text.lstrip().startswith("-") else _crossed(text)
    if len(changes) > MOST:
        raise RecipeError(f"These are {len(changes)} runs; at most {MOST} start at once.")
    found = []
    for change in changes:
        assignments = [f"{name}={json.dumps(value)}" for name, value in change.items()]
        # The loss first: it resets its settings.
        assignments.sort(key=lambda assignment: not assignment.startswith("loss="))
        label = ", ".join(f"{name} {_short(value)}" for name, value in change.items()) or "as it is"
        found.append((label, base.changed(assignments)))
    told = [recipe.to_dict() for _, recipe in found]
    for place, recipe in enumerate(told):
        if recipe in told[:place]:
            raise RecipeError(f"Two runs of the sweep would be the same: {found[place][0]}.")
    return found


def _crossed(text: str) -> list[dict[str, Any]]:
    varied: dict[str, list[Any]] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        name, colon, values = line.partition(":")
        if not colon or not values.strip():
            raise RecipeError(f"{line.strip()!r} is not of the form `setting: value, value`.")
        if name.strip() in varied:
            raise RecipeError(f"{name.strip()} stands there twice.")
        try:
            varied[name.strip()] = yaml.safe_load(f"[{values}]")
        except yaml.YAMLError:
            raise RecipeError(f"The values of {name.strip()} cannot be read: {values.strip()!r}.") from None
    sizes = 1
    for own in varied.values():
        sizes *= len(own)
    if sizes > MOST:
        raise RecipeError(f"These are {sizes:,} runs; at most {MOST} start at once.")
    return [dict(zip(varied, chosen, strict=True)) for chosen in itertools.product(*varied.values())]


def _listed(text: str) -> list[dict[str, Any]]:
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise RecipeError(f"The list is not YAML: {error}") from None
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise RecipeError("Give a list of settings, such as `- {lr: 1e-5}`.")
    return [dict(one) for one in found]


def _short(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
