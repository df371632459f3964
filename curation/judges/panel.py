"""Several models judge; votes within each model first, then over the models, each weighing the same.

Source: Verga et al. 2024 (arXiv 2404.18796): a panel of smaller models is less biased than one large judge.
"""

from curation.judges import Case, Judgement, Tools
from curation.judges._merge import Vote, merge
from curation.judges._orders import balanced, shares, verdicts
from curation.judges._settings import MAX_TOKENS, SAMPLES, TEMPERATURE, has_form, settings_schema
from curation.judges.votes import PROMPT

TITLE = "Panel of models"
SUMMARY = "Asks several models in both orders; each model's own majority is one vote of the panel."
KIND = "language_model"
NEEDS = frozenset({"ask"})
SETTINGS = settings_schema(
    endpoints={
        "type": "array",
        "items": {"type": "string", "minLength": 1, "maxLength": 80},
        "minItems": 2,
        "maxItems": 12,
        "uniqueItems": True,
        "title": "Models",
        "description": "Names of model endpoints.",
    },
    samples=SAMPLES,
    temperature=TEMPERATURE,
    max_tokens=MAX_TOKENS,
)
can_answer = has_form
__all__ = ("KIND", "NEEDS", "PROMPT", "SETTINGS", "SUMMARY", "TITLE", "can_answer", "judge")


def judge(case: Case, tools: Tools) -> Judgement:
    """A model that gives no answer has no vote; the notes hold each model's answer and distribution."""
    samples, votes, models = [], [], {}
    probs: dict[str, dict[str, float]] = {}
    for endpoint in tools.settings["endpoints"]:
        said = verdicts(case, tools, tools.prompt or PROMPT, n=tools.settings["samples"], endpoint=endpoint)
        own = [sample for sample, _ in said]
        samples += own
        answer, share = merge(case.kind, case.asked, balanced(own)), shares(case, own)
        models[endpoint] = {"answer": answer, "probs": share, "samples": len(own)}
        votes += [Vote(answer)] * (answer is not None)
        for slot, of in share.items():
            for choice, p in of.items():
                mean = probs.setdefault(slot, {})
                mean[choice] = mean.get(choice, 0.0) + p
    probs = {slot: {choice: p / sum(of.values()) for choice, p in of.items()} for slot, of in probs.items()}
    return Judgement(merge(case.kind, case.asked, votes), probs, tuple(samples), {"models": models})
