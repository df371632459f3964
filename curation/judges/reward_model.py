"""A registered reward model as a judge: its rewards answer through the kind's own `from_scores`."""

from curation.judges import Case, Judgement, Tools
from curation.judges._scores import can_score, judged, whole
from curation.judges._settings import settings_schema
from curation.pairs import canonical_json

TITLE = "Reward model"
SUMMARY = "A trained reward model scores each response; the difference of rewards gives the probability."
KIND = "reward_model"
NEEDS = frozenset({"score"})
SETTINGS = settings_schema(
    model={"type": "string", "minLength": 1, "maxLength": 200, "title": "Reward model", "description": "Its number."}
)
PROMPT = ""
can_answer = can_score


def judge(case: Case, tools: Tools) -> Judgement:
    """The rewards stand in the notes, by response key."""
    return judged(case, whole(case, rewards(case, tools, tools.settings["model"])))


def rewards(case: Case, tools: Tools, model: str) -> dict[str, float]:
    """One model's rewards by response key."""
    keys = case.asked.responses
    prompt = canonical_json([dict(message) for message in case.prompt])
    found = tools.score(model, [prompt] * len(keys), [case.asked.texts.get(key, "") for key in keys])
    return dict(zip(keys, (float(reward) for reward in found), strict=True))
