"""SGLang's own classification of reward models; it shares vLLM's path and is told apart by ``text``.

    {"model": "run-7/model", "text": text or list of texts}
    -> {"embedding": [0.8], "meta_info": {...}} for one text, a list of them for a list

https://docs.sglang.io/docs/supported-models/reward_models,
https://github.com/sgl-project/sglang/blob/main/python/sglang/srt/entrypoints/http_server.py (classify_request)
"""

import uuid
from typing import Any

from rewardtrain.serving import reading
from rewardtrain.serving.batching import Scored

TITLE = "SGLang"
PATHS = ("/classify",)
EXAMPLE = {"text": ["What is a touchstone?\n\nA dark stone."]}


def takes(body: reading.Body) -> bool:
    return "text" in body


def asked(body: reading.Body) -> reading.Asked:
    return reading.Asked(reading.model(body), reading.whole(reading.text_or_texts(body["text"], "text")))


def answer(body: reading.Body, asked: reading.Asked, scored: Scored, model: str) -> Any:
    found = [
        {"embedding": [reward], "meta_info": {"id": uuid.uuid4().hex, "prompt_tokens": tokens}}
        for reward, tokens in zip(scored.reward_N.tolist(), scored.tokens_N.tolist(), strict=True)
    ]
    return found[0] if isinstance(body["text"], str) else found
