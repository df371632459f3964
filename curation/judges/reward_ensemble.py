"""Several reward models: the mean of their rewards, and no opinion where they disagree too much.

Sources: Coste et al. 2023 (arXiv 2310.02743), an ensemble's spread warns of rewards that cannot be trusted. The
probability is the mean over the models of the sigmoid of the difference of rewards.
"""

from itertools import combinations

import numpy as np

from annotate import feedback
from curation.judges import Case, Judgement, Tools
from curation.judges._scores import answer_from, can_score, dimensions, preference, whole
from curation.judges._settings import settings_schema
from curation.judges.reward_model import rewards

TITLE = "Ensemble of reward models"
SUMMARY = "The mean reward of several models; undecided where they differ more than the threshold."
KIND = "reward_model"
NEEDS = frozenset({"score"})
SETTINGS = settings_schema(
    models={
        "type": "array",
        "items": {"type": "string", "minLength": 1, "maxLength": 200},
        "minItems": 2,
        "maxItems": 16,
        "uniqueItems": True,
        "title": "Reward models",
        "description": "Their numbers; best on one scale, such as folds of one recipe.",
    },
    most_deviation={
        "type": "number",
        "minimum": 0,
        "default": 1,
        "title": "Most deviation",
        "description": "Standard deviation over the models of the difference of two rewards (of one alone: of it).",
    },
    undecided={
        "enum": ["tie", "none"],
        "default": "tie",
        "title": "Where they differ more",
        "description": "tie: the responses are equally good, where the form allows it. none: no answer.",
    },
)
PROMPT = ""
can_answer = can_score


def judge(case: Case, tools: Tools) -> Judgement:
    """Notes: mean and deviation by response, rewards by model, and the largest deviation of a difference."""
    keys = case.asked.responses
    by_model = {model: rewards(case, tools, model) for model in tools.settings["models"]}
    reward_MK = np.array([[of[key] for key in keys] for of in by_model.values()])
    mean = dict(zip(keys, reward_MK.mean(axis=0).tolist(), strict=True))
    deviation = dict(zip(keys, reward_MK.std(axis=0, ddof=1).tolist(), strict=True))
    gaps = [reward_MK[:, i] - reward_MK[:, j] for i, j in combinations(range(len(keys)), 2)] or [reward_MK[:, 0]]
    apart = max(float(gap.std(ddof=1)) for gap in gaps)
    scores = mean
    if apart > tools.settings["most_deviation"]:
        comparison = len(keys) > 1 and tools.settings["undecided"] == "tie"
        scores = dict.fromkeys(keys, 0.0) if comparison else {}
    answer = answer_from(case.kind, case.asked, whole(case, scores)) if scores else None
    notes = {"scores": mean, "deviation": deviation, "models": by_model, "apart": apart}
    return Judgement(answer, _probs(case, list(by_model.values())), (), notes)


def _probs(case: Case, by_model: list[dict[str, float]]) -> dict[str, dict[str, float]]:
    if feedback.get(case.kind).ARITY != 2:
        return {}
    each = [preference(of, case.asked.responses) for of in by_model]
    if not all(each):
        return {}
    probs = {key: float(np.mean([of[key] for of in each])) for key in case.asked.responses}
    return {dimension["name"]: dict(probs) for dimension in dimensions(case.asked)}
