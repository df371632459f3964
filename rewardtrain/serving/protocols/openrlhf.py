"""OpenRLHF's remote reward model: `--remote_rm_url http://127.0.0.1:8602/get_reward?model=run-7/model`.

    {"query": [prompt + response, ...], "prompts": [...], "labels": [...]}
    -> {"rewards": [0.8, ...], "scores": [0.8, ...], "extra_logs": {"deviation": [0.1, ...]}}

The queries carry the chat template already. Vectors, deviation and the bound mean − sd come in ``extra_logs``.
https://github.com/OpenRLHF/OpenRLHF/blob/main/openrlhf/utils/remote_rm_utils.py (the client),
https://github.com/OpenRLHF/OpenRLHF/blob/main/openrlhf/cli/serve_rm.py (its own server).
"""

from typing import Any

from rewardtrain.serving import reading
from rewardtrain.serving.batching import Scored
from rewardtrain.serving.shaping import conservative

TITLE = "OpenRLHF"
PATHS = ("/get_reward", "/")
EXAMPLE = {"query": ["What is a touchstone?\n\nA dark stone."], "prompts": ["What is a touchstone?"], "labels": [""]}


def takes(body: reading.Body) -> bool:
    return "query" in body


def asked(body: reading.Body) -> reading.Asked:
    return reading.Asked(reading.model(body), reading.whole(reading.text_or_texts(body["query"], "query")))


def answer(body: reading.Body, asked: reading.Asked, scored: Scored, model: str) -> Any:
    rewards = scored.reward_N.tolist()
    logs = {name: scored.aspect_NA[:, place].tolist() for place, name in enumerate(scored.aspects)}
    if scored.deviation_N is not None:
        logs["deviation"] = scored.deviation_N.tolist()
        logs["conservative"] = conservative(scored.reward_N, scored.deviation_N, 1.0).tolist()
    return {"rewards": rewards, "scores": rewards, "extra_logs": logs}
