"""The least of dialects, which the web speaks: prompts and responses in, rewards out.

{"model": "run-7/model", "prompts": [...], "responses": [...]} -> {"rewards": [...]}
"""

from typing import Any

from rewardtrain.serving import reading
from rewardtrain.serving.batching import Scored
from rewardtrain.serving.errors import Refused

TITLE = "Touchstone's web"
PATHS = ("/score",)
EXAMPLE = {"prompts": ["What is a touchstone?"], "responses": ["A dark stone."]}


def takes(body: reading.Body) -> bool:
    return True


def asked(body: reading.Body) -> reading.Asked:
    name = reading.text(body.get("model"), "model")
    if "\0" in name:
        raise Refused(400, "model must be a text.")
    if not isinstance(body.get("prompts"), list) or not isinstance(body.get("responses"), list):
        raise Refused(400, "prompts and responses must be lists of texts.")
    prompts, responses = reading.texts(body["prompts"], "prompts"), reading.texts(body["responses"], "responses")
    if len(prompts) != len(responses):
        raise Refused(400, f"There are {len(prompts)} prompts for {len(responses)} responses.")
    return reading.Asked(name, list(zip(prompts, responses, strict=True)))


def answer(body: reading.Body, asked: reading.Asked, scored: Scored, model: str) -> Any:
    return {"rewards": scored.reward_N.tolist()}
