"""Our own dialect: rewards with their vectors, deviation and bound, shaped on request.

    {"model": "run-7/model",
     "prompts": [text or messages, ...], "responses": [text, ...]    or "messages": [conversation, ...],
                                                                     or "texts": [text as it is, ...]
     "steps": [[step, ...], ...]                                     in place of responses: each prefix is scored
     "shape": {"conservative": 1.0,                                  mean − k · sd
               "reference": 0.3 or [responses, ...],                 subtracted: a score, or the score of a response
               "sigmoid": true,                                      preference as reward
               "quantiles": true or [rewards, ...],                  of the sample beside the model, or this one
               "clip": [-2.0, 2.0]}}
    -> {"model", "rewards": [...], "shaped": [...] if asked for, "deviation": [...] or null, "conservative": [...] or
        null, "aspects": {name: [...]}, "steps": [[...]] if given, "tokens": [...]}

``rewards`` are raw; of steps, the least of the prefixes' rewards. ``conservative`` uses the k of shape, else 1.
"""

from typing import Any

import numpy as np

from rewardtrain.serving import reading, shaping
from rewardtrain.serving.batching import Entry, Scored
from rewardtrain.serving.errors import Refused

TITLE = "Touchstone"
PATHS = ("/v1/score",)
EXAMPLE = {"prompts": ["What is a touchstone?"], "responses": ["A dark stone."], "shape": {"clip": [-2.0, 2.0]}}
_SHAPE = ("conservative", "reference", "sigmoid", "quantiles", "clip")


def takes(body: reading.Body) -> bool:
    return bool({"prompts", "messages", "texts"} & set(body))


def asked(body: reading.Body) -> reading.Asked:
    reading.known(body, "model", "prompts", "responses", "steps", "messages", "texts", "shape")
    shape = _shape(body.get("shape", {}))
    counts: list[int] | None = None
    if sum(key in body for key in ("prompts", "messages", "texts")) != 1:
        raise Refused(400, "Send one of prompts, messages and texts.")
    if "messages" in body:
        entries = [reading.conversation(each) for each in _list(body["messages"], "messages")]
    elif "texts" in body:
        entries = reading.whole(reading.texts(body["texts"], "texts"))
    elif "steps" in body:
        entries, counts = _steps(body)
    else:
        entries = _pairs(body)
    count = len(counts if counts is not None else entries)
    reference = shape.get("reference")
    if isinstance(reference, list):
        if "texts" in body or len(reference) != count:
            raise Refused(400, "reference must be a number, or one response for each of the prompts.")
        firsts = entries if counts is None else [entries[at] for at in np.cumsum([0, *counts[:-1]])]
        entries = [*entries, *((prompt, other) for (prompt, _), other in zip(firsts, reference, strict=True))]
    return reading.Asked(reading.model(body), entries, (shape, counts, count))


def answer(body: reading.Body, asked: reading.Asked, scored: Scored, model: str) -> Any:
    shape, counts, count = asked.kept
    own = sum(counts) if counts is not None else count
    k = shape.get("conservative", 1.0)
    bound_N = None
    if scored.deviation_N is not None:
        bound_N = shaping.conservative(scored.reward_N, scored.deviation_N, k)
    elif "conservative" in shape:
        raise Refused(400, f"{model} gives no deviation, so no bound: it is not an ensemble.")
    reward_S = scored.reward_N[:own]
    wanted_N = bound_N if "conservative" in shape else scored.reward_N
    found: dict[str, Any] = {
        "model": model,
        "rewards": (reward_S if counts is None else shaping.least(reward_S, counts)).tolist(),
        "deviation": None if scored.deviation_N is None else scored.deviation_N[:own].tolist(),
        "conservative": None if bound_N is None else bound_N[:own].tolist(),
        "aspects": {name: scored.aspect_NA[:own, place].tolist() for place, name in enumerate(scored.aspects)},
        "tokens": scored.tokens_N[:own].tolist(),
    }
    if counts is not None:
        found["steps"] = [part.tolist() for part in np.split(reward_S, np.cumsum(counts)[:-1])] if counts else []
    if shape:
        found["shaped"] = _shaped(wanted_N, scored, shape, counts, own).tolist()
    return found


def _shaped(wanted_N: Any, scored: Scored, shape: dict[str, Any], counts: list[int] | None, own: int) -> np.ndarray:
    value_N = wanted_N[:own] if counts is None else shaping.least(wanted_N[:own], counts)
    reference = shape.get("reference", 0.0)
    if isinstance(reference, list):
        reference = scored.reward_N[own:]
    if "quantiles" in shape:
        sample = scored.reference_R if shape["quantiles"] is True else np.array(shape["quantiles"])
        if sample is None:
            raise Refused(400, "There are no reference_rewards.json beside the model; send the rewards in quantiles.")
        value_N = shaping.quantile(value_N, sample)
    elif shape.get("sigmoid"):
        value_N = shaping.preference(value_N, reference)
    else:
        value_N = value_N - reference
    return np.clip(value_N, *shape["clip"]) if "clip" in shape else value_N


def _shape(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Refused(400, f"shape must be an object with some of {', '.join(_SHAPE)}.")
    reading.known(value, *_SHAPE)
    shape: dict[str, Any] = {}
    if "conservative" in value:
        shape["conservative"] = reading.number(value["conservative"], "conservative")
    if "reference" in value:
        given = value["reference"]
        own = reading.texts if isinstance(given, list) else reading.number
        shape["reference"] = own(given, "reference")  # type: ignore[operator]
    if value.get("sigmoid", False) not in (True, False):
        raise Refused(400, "sigmoid must be true or false.")
    if value.get("sigmoid"):
        shape["sigmoid"] = True
    if value.get("quantiles", False) is not False:
        given = value["quantiles"]
        shape["quantiles"] = True if given is True else reading.numbers(given, "quantiles")
        if {"sigmoid", "reference"} & set(shape):
            raise Refused(400, "Quantiles need no reference and no sigmoid: they are between 0 and 1 already.")
    if "clip" in value:
        bounds = reading.numbers(value["clip"], "clip")
        if len(bounds) != 2 or bounds[0] > bounds[1]:
            raise Refused(400, "clip must be two numbers, the lower one first.")
        shape["clip"] = bounds
    return shape


def _pairs(body: reading.Body) -> list[Entry]:
    prompts, responses = _list(body["prompts"], "prompts"), _list(body.get("responses"), "responses")
    if len(prompts) != len(responses):
        raise Refused(400, f"There are {len(prompts)} prompts for {len(responses)} responses.")
    return [
        (reading.prompt(prompt), reading.response(response))
        for prompt, response in zip(prompts, responses, strict=True)
    ]


def _steps(body: reading.Body) -> tuple[list[Entry], list[int]]:
    """Every prefix of the chains of steps, and how many steps each chain has."""
    prompts, chains = _list(body["prompts"], "prompts"), _list(body["steps"], "steps")
    if "responses" in body or len(prompts) != len(chains):
        raise Refused(400, "steps stand in place of responses: one list of texts for each of the prompts.")
    found = [reading.texts(chain, "steps") for chain in chains]
    if not all(found):
        raise Refused(400, "Each of the steps must be a list of at least one text.")
    entries = [
        (reading.prompt(prompt), "\n\n".join(chain[: end + 1]))
        for prompt, chain in zip(prompts, found, strict=True)
        for end in range(len(chain))
    ]
    return entries, [len(chain) for chain in found]


def _list(value: Any, field: str) -> list[Any]:
    if not isinstance(value, list):
        raise Refused(400, f"{field} must be a list.")
    return value
