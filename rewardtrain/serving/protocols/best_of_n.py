"""The best of n responses to one prompt, by the reward or by its lower bound.

    {"model": "run-7/model", "prompt": text or messages, "responses": [text, ...],
     "by": "mean" or "conservative", "k": 1.0}
    -> {"model", "best": 2, "order": [2, 0, 1], "rewards": [...],
        "deviation": [...] or null, "conservative": [...] or null}

``order`` has the best first; of equals, the earlier one. The bound is Coste et al.'s, see `shaping.conservative`.
"""

from typing import Any

from rewardtrain.serving import choosing, reading, shaping
from rewardtrain.serving.batching import Scored
from rewardtrain.serving.errors import Refused

TITLE = "Touchstone, best of n"
PATHS = ("/v1/best-of-n",)
EXAMPLE = {"prompt": "What is a touchstone?", "responses": ["A dark stone.", "No idea."]}


def takes(body: reading.Body) -> bool:
    return "prompt" in body and "responses" in body


def asked(body: reading.Body) -> reading.Asked:
    reading.known(body, "model", "prompt", "responses", "by", "k")
    prompt, responses = reading.prompt(body["prompt"], "prompt"), body["responses"]
    if not isinstance(responses, list) or not responses:
        raise Refused(400, "responses must be a list of at least one text.")
    if body.get("by", "mean") not in ("mean", "conservative"):
        raise Refused(400, "by must be mean or conservative.")
    k = reading.number(body.get("k", 1.0), "k")
    return reading.Asked(reading.model(body), [(prompt, reading.response(each)) for each in responses], k)


def answer(body: reading.Body, asked: reading.Asked, scored: Scored, model: str) -> Any:
    bound_N = None
    if scored.deviation_N is not None:
        bound_N = shaping.conservative(scored.reward_N, scored.deviation_N, asked.kept)
    by_N = bound_N if body.get("by") == "conservative" else scored.reward_N
    if by_N is None:
        raise Refused(400, f"{model} gives no deviation, so no bound: it is not an ensemble.")
    order = choosing.order(by_N).tolist()
    return {
        "model": model,
        "best": order[0],
        "order": order,
        "rewards": scored.reward_N.tolist(),
        "deviation": None if scored.deviation_N is None else scored.deviation_N.tolist(),
        "conservative": None if bound_N is None else bound_N.tolist(),
    }
