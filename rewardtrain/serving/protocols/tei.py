"""Text Embeddings Inference's prediction: one text, one pair of prompt and response, or a batch of either.

    {"inputs": text, or [prompt, response], or [[text], [prompt, response], ...], "raw_scores": true}
    -> [{"score": 0.8, "label": "LABEL_0"}], for a batch a list of such lists

A pair is put together by the model's template, a text is scored as it is. ``"raw_scores": false`` squashes by the
sigmoid, as there; left out, scores are raw, as everywhere here.
https://github.com/huggingface/text-embeddings-inference/blob/main/router/src/http/types.rs
"""

from typing import Any

from rewardtrain.serving import reading
from rewardtrain.serving.batching import Entry, Scored
from rewardtrain.serving.encoding import WHOLE
from rewardtrain.serving.errors import Refused
from rewardtrain.serving.shaping import preference

TITLE = "Text Embeddings Inference"
PATHS = ("/predict",)
EXAMPLE = {"inputs": [["What is a touchstone?", "A dark stone."]], "raw_scores": True}


def takes(body: reading.Body) -> bool:
    return "inputs" in body


def asked(body: reading.Body) -> reading.Asked:
    inputs = body["inputs"]
    if isinstance(inputs, str):
        return reading.Asked(reading.model(body), [(WHOLE, reading.text(inputs, "inputs"))])
    if not isinstance(inputs, list) or not inputs:
        raise Refused(400, "inputs must be a text, a pair of texts, or a list of [text] and [prompt, response].")
    batch = inputs if isinstance(inputs[0], list) else [inputs]
    return reading.Asked(reading.model(body), [_entry(each) for each in batch])


def answer(body: reading.Body, asked: reading.Asked, scored: Scored, model: str) -> Any:
    score_N = preference(scored.reward_N, 0.0) if body.get("raw_scores") is False else scored.reward_N
    found = [[{"score": score, "label": "LABEL_0"}] for score in score_N.tolist()]
    return found if isinstance(body["inputs"], list) and isinstance(body["inputs"][0], list) else found[0]


def _entry(value: Any) -> Entry:
    found = reading.texts(value, "inputs")
    if len(found) == 1:
        return WHOLE, found[0]
    if len(found) == 2:
        return found[0], found[1]
    raise Refused(400, "inputs must hold one text or a pair; a batch is a list of lists: [[text], [text]].")
