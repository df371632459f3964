"""A model tried on pasted texts: rewards, order, who beats whom, and what each sentence adds."""

from collections.abc import Sequence
from typing import Any

from rewardtrain import attribution, scorer
from rewardtrain.models import RewardModel

MOST_RESPONSES = 8
LOGISTIC = ("bradley_terry",)  # losses whose own probabilities are the logistic of the difference


def tried(model: RewardModel, prompt: str, responses: Sequence[str]) -> dict[str, Any]:
    """What a model says of some responses to a prompt.

    Returns
    -------
    {"responses": [{"number", "text", "reward", "deviation" or None, "aspects": [value, ...], "rank", "parts":
     `attribution.shares`}], best first, "aspects": [name, ...], "beats": [[P(row better than column) or None]] in the
     order of the responses, "logistic": whether those are the loss's own probabilities}

    Raises
    ------
    scorer.ScorerRefused, scorer.ScorerUnavailable
        As `scorer.scores`.
    """
    parts = [attribution.pieces(text) for text in responses]
    occluded = [attribution.without(own) for own in parts]
    texts = [*responses, *(text for own in occluded for text in own)]
    told = scorer.scores(model=model, prompts=[prompt] * len(texts), responses=texts)
    rest = iter(told.rewards[len(responses) :])
    found = [
        {
            "number": place + 1,
            "text": text,
            "reward": told.rewards[place],
            "deviation": told.deviation[place] if told.deviation else None,
            "aspects": [values[place] for values in told.aspects.values()],
            "parts": attribution.shares(
                parts[place] or [text], told.rewards[place], [next(rest) for _ in occluded[place]]
            ),
        }
        for place, text in enumerate(responses)
    ]
    found.sort(key=lambda row: -row["reward"])
    for rank, row in enumerate(found, 1):
        row["rank"] = rank
    temperature = float(model.card.get("temperature") or 1.0)
    return {
        "responses": found,
        "aspects": list(told.aspects),
        "beats": [
            [None if a is b else attribution.preference(a["reward"], b["reward"], temperature) for b in found]
            for a in found
        ],
        "logistic": (model.card.get("loss") or model.run.recipe.get("loss")) in LOGISTIC,
    }
