"""OpenAI's embeddings, which verl asks of SGLang for reward models: vectors with one number, the raw reward.

    {"model": "run-7/model", "input": text or list of texts, "encoding_format": "float" or "base64"}
    -> {"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": [0.8]}], "model", "usage"}

OpenAI's Python client asks for base64: little-endian float32.
https://platform.openai.com/docs/api-reference/embeddings/create;
verl reads data[-1]["embedding"][-1]: https://github.com/volcengine/verl/blob/main/docs/advance/reward_loop.rst.
"""

import base64
from typing import Any

import numpy as np

from rewardtrain.serving import reading
from rewardtrain.serving.batching import Scored
from rewardtrain.serving.errors import Refused
from rewardtrain.serving.protocols._openai import envelope

TITLE = "OpenAI embeddings, verl over SGLang"
PATHS = ("/v1/embeddings",)
EXAMPLE = {"input": "What is a touchstone?\n\nA dark stone."}


def takes(body: reading.Body) -> bool:
    return "input" in body


def asked(body: reading.Body) -> reading.Asked:
    if body.get("encoding_format") not in (None, "float", "base64"):
        raise Refused(400, "encoding_format must be float or base64.")
    return reading.Asked(reading.model(body), reading.whole(reading.text_or_texts(body["input"], "input")))


def answer(body: reading.Body, asked: reading.Asked, scored: Scored, model: str) -> Any:
    packed = body.get("encoding_format") == "base64"
    data = [
        {
            "object": "embedding",
            "index": index,
            "embedding": base64.b64encode(np.array([reward], "<f4").tobytes()).decode() if packed else [reward],
        }
        for index, reward in enumerate(scored.reward_N.tolist())
    ]
    return envelope("embd", data, scored, model)
