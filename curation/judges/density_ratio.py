"""How much likelier a strong or aligned model finds a response than a weak or base one.

This is the implicit reward of DPO (Rafailov et al. 2023, arXiv 2305.18290) with the weak model as the reference, and
the density ratio by which CDR (Xu et al. 2024, arXiv 2411.02481) labels preferences.
"""

from curation.judges import Case, Judgement, Tools
from curation.judges._likelihood import MODEL, spoken
from curation.judges._scores import is_comparison, judged, whole
from curation.judges._settings import settings_schema

TITLE = "Density ratio of two models"
SUMMARY = "Log-likelihood of a response under a strong local model less that under a weak one."
KIND = "language_model"
NEEDS = frozenset({"likelihood"})
SETTINGS = settings_schema(
    strong={**MODEL, "title": "Strong or aligned model"},
    weak={**MODEL, "title": "Weak or base model"},
    beta={
        "type": "number",
        "exclusiveMinimum": 0,
        "default": 0.1,
        "title": "Beta",
        "description": "What the difference in nats is multiplied by, as in DPO.",
    },
    per_token={
        "type": "boolean",
        "default": False,
        "title": "Per token",
        "description": "Mean over tokens instead of their sum, so that length counts less.",
    },
)
PROMPT = ""
can_answer = is_comparison


def judge(case: Case, tools: Tools) -> Judgement:
    """Scores are log-odds in the sense of DPO: the probability is the sigmoid of their difference."""
    keys, settings = case.asked.responses, tools.settings
    texts = [case.asked.texts.get(key, "") for key in keys]
    heard = [spoken(case)] * len(keys)
    by_model = {}
    for role in ("strong", "weak"):
        nats_K, tokens_K = tools.likelihood(settings[role], heard, texts)
        by_model[role] = {
            key: float(nats) / (max(int(tokens), 1) if settings["per_token"] else 1)
            for key, nats, tokens in zip(keys, nats_K, tokens_K, strict=True)
        }
    scores = {key: settings["beta"] * (by_model["strong"][key] - by_model["weak"][key]) for key in keys}
    return judged(case, whole(case, scores), nats=by_model)
