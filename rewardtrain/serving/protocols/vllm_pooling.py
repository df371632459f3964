"""vLLM's pooling, which reward models answered before /classify did, and still do.

    {"model": "run-7/model", "input": text or list of texts}, or "messages"
    -> {"id", "object": "list", "created", "model", "data": [{"index", "object": "pooling", "data": [0.8]}], "usage"}

https://github.com/vllm-project/vllm/blob/main/vllm/entrypoints/pooling/pooling/protocol.py
"""

from typing import Any

from rewardtrain.serving import reading
from rewardtrain.serving.batching import Scored
from rewardtrain.serving.errors import Refused
from rewardtrain.serving.protocols._openai import envelope

TITLE = "vLLM pooling"
PATHS = ("/pooling",)
EXAMPLE = {"input": ["What is a touchstone?\n\nA dark stone."]}


def takes(body: reading.Body) -> bool:
    return "input" in body or "messages" in body


def asked(body: reading.Body) -> reading.Asked:
    if body.get("encoding_format", "float") != "float":
        raise Refused(400, "encoding_format must be float.")
    if "messages" in body:
        return reading.Asked(reading.model(body), [reading.conversation(body["messages"])])
    return reading.Asked(reading.model(body), reading.whole(reading.text_or_texts(body["input"], "input")))


def answer(body: reading.Body, asked: reading.Asked, scored: Scored, model: str) -> Any:
    data = [
        {"index": index, "object": "pooling", "data": [reward]} for index, reward in enumerate(scored.reward_N.tolist())
    ]
    return envelope("pool", data, scored, model)
