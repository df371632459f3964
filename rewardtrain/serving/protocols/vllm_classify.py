"""vLLM's classification, which verl calls for reward models: one class, whose "probability" is the raw reward.

    {"model": "run-7/model", "input": text or list of texts, "use_activation": false}
    {"model": "run-7/model", "messages": [{"role": "user", ...}, {"role": "assistant", ...}]}
    -> {"id", "object": "list", "created", "model", "usage",
        "data": [{"index", "label", "probs": [0.8], "num_classes": 1}]}

vLLM squashes unless ``use_activation`` is false; we never do, because a squashed reward is no reward.
https://docs.vllm.ai/en/latest/examples/pooling/classify/,
https://github.com/vllm-project/vllm/blob/main/vllm/entrypoints/pooling/classify/protocol.py;
verl reads data[-1]["probs"][-1]: https://github.com/volcengine/verl/blob/main/docs/advance/reward_loop.rst;
SGLang speaks it at /v1/classify: https://docs.sglang.io/supported_models/classify_models.html.
"""

from typing import Any

from rewardtrain.serving import reading
from rewardtrain.serving.batching import Scored
from rewardtrain.serving.protocols._openai import envelope

TITLE = "vLLM, verl"
PATHS = ("/classify", "/v1/classify")
EXAMPLE = {"input": ["What is a touchstone?\n\nA dark stone."], "use_activation": False}


def takes(body: reading.Body) -> bool:
    return "input" in body or "messages" in body


def asked(body: reading.Body) -> reading.Asked:
    if "messages" in body:
        return reading.Asked(reading.model(body), [reading.conversation(body["messages"])])
    return reading.Asked(reading.model(body), reading.whole(reading.text_or_texts(body["input"], "input")))


def answer(body: reading.Body, asked: reading.Asked, scored: Scored, model: str) -> Any:
    data = [
        {"index": index, "label": "LABEL_0", "probs": [reward], "num_classes": 1}
        for index, reward in enumerate(scored.reward_N.tolist())
    ]
    return envelope("classify", data, scored, model)
