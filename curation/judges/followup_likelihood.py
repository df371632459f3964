"""How likely a pleased follow-up of the user is after a response, rather than a displeased one.

Source: FLR (Zhang et al. 2024, arXiv 2409.13948): the likelihood of follow-up utterances is a reward without labels.
"""

import numpy as np

from curation.judges import Case, Judgement, Tools
from curation.judges._likelihood import MODEL, per_token, spoken
from curation.judges._scores import can_score, judged, whole
from curation.judges._settings import settings_schema

TITLE = "Likelihood of a follow-up"
SUMMARY = "A local model's likelihood that the user is pleased after a response, less that of being displeased."
KIND = "language_model"
NEEDS = frozenset({"likelihood"})
_SAID = {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 300}, "minItems": 1, "maxItems": 20}
SETTINGS = settings_schema(
    model=MODEL,
    pleased={
        **_SAID,
        "default": ["Thank you, that is just what I needed.", "Great, that answers my question."],
        "title": "Pleased follow-ups",
    },
    displeased={
        **_SAID,
        "default": ["That is not what I asked for.", "That is wrong, please try again."],
        "title": "Displeased follow-ups",
    },
)
PROMPT = ""
can_answer = can_score


def judge(case: Case, tools: Tools) -> Judgement:
    """Scores are nats a token: mean over the pleased follow-ups less mean over the displeased ones."""
    keys, settings = case.asked.responses, tools.settings
    said = [*settings["pleased"], *settings["displeased"]]
    heard = [
        spoken(case, {"role": "assistant", "content": case.asked.texts.get(key, "")}, {"role": "user", "content": ""})
        for key in keys
    ]
    flat = per_token(tools, settings["model"], [one for one in heard for _ in said], said * len(keys))
    nats_KF = np.array(flat).reshape(len(keys), len(said))
    pleased = len(settings["pleased"])
    score_K = nats_KF[:, :pleased].mean(axis=1) - nats_KF[:, pleased:].mean(axis=1)
    return judged(case, whole(case, dict(zip(keys, score_K.tolist(), strict=True))), probable=False)
