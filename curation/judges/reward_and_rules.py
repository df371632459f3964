"""A reward model's reward plus weighted rules: what can be checked beside what must be felt.

    score(x, y) = w_0 reward(x, y) + sum over the rules i that apply of w_i share_i(y),   share in [0, 1]

Source: Agentic Reward Modeling (Peng et al. 2025, arXiv 2502.19328), there with an agent that chooses the rules; here
a rule applies where the settings or the item name what it is to check.
"""

from dataclasses import replace

from annotate.discovery import UnknownPlugin
from annotate.feedback import InvalidAnswer
from curation import judges
from curation.judges import Case, JudgeError, Judgement, Sample, Tools
from curation.judges._scores import can_score, judged, whole
from curation.judges._settings import settings_schema
from curation.judges.reward_model import rewards

TITLE = "Reward model and rules"
SUMMARY = "Adds to a reward model's reward what rules find of each response, each with its weight."
KIND = "reward_model"
NEEDS = frozenset({"score"})
SETTINGS = settings_schema(
    model={"type": "string", "minLength": 1, "maxLength": 200, "title": "Reward model", "description": "Its number."},
    weight={"type": "number", "minimum": 0, "maximum": 1000, "default": 1, "title": "Weight of the reward"},
    rules={
        "type": "array",
        "minItems": 1,
        "maxItems": 16,
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["rule", "weight"],
            "properties": {
                "rule": {"type": "string", "minLength": 1, "maxLength": 80},
                "weight": {"type": "number", "minimum": 0, "maximum": 1000},
                "settings": {"type": "object"},
            },
        },
        "title": "Rules",
        "description": "A rule's method, what it adds where all of its checks hold, and its own settings.",
    },
)
PROMPT = ""
can_answer = can_score


def judge(case: Case, tools: Tools) -> Judgement:
    """Notes: the reward and each rule's share by response; a rule that has nothing to check adds nothing.

    Raises
    ------
    JudgeError
        Where what is named is no rule, or its settings do not fit.
    """
    reward = rewards(case, tools, tools.settings["model"])
    total = {key: tools.settings["weight"] * value for key, value in reward.items()}
    samples: list[Sample] = []
    shares: list[dict[str, float]] = []
    for entry in tools.settings["rules"]:
        found = _ruled(case, tools, entry["rule"], entry.get("settings", {}))
        samples += found.samples
        shares.append(dict(found.notes.get("scores", {})))
        for key, share in shares[-1].items():
            total[key] += entry["weight"] * share
    return judged(case, whole(case, total), samples, rewards=reward, rules=shares)


def _ruled(case: Case, tools: Tools, name: str, settings: dict[str, object]) -> Judgement:
    try:
        rule = judges.get(name)
        filled = judges.settings_with_defaults(name, settings)
    except (UnknownPlugin, InvalidAnswer) as error:
        raise JudgeError(f"rules: {error}") from error
    if rule.KIND != "rule":
        raise JudgeError(f"rules: {name} is no rule but a judge of its own.")
    return rule.judge(case, replace(tools, settings=filled, prompt=rule.PROMPT))
