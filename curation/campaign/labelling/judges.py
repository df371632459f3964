"""Several AI judges: each sees the pair in both orders with up to eight similar pairs that people answered.

The samples of one judge are merged by the judge itself, then every judge has one vote. Source: Skywork-Reward-V2,
arXiv 2507.01352, preference-aware labelling.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from annotate.discovery import UnknownPlugin
from annotate.feedback import InvalidAnswer
from curation import judges
from curation.campaign import BudgetSpent, CampaignError, Tools
from curation.campaign.cases import vote_of
from curation.clients import ServerError
from curation.filters import settings_schema
from curation.judges import Case, Judgement

TITLE = "AI judges"
SUMMARY = "Each judge sees both orders, the attributes and people's answers to similar pairs; every judge has one vote."
COSTS = True
_JUDGE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["judge"],
    "properties": {
        "judge": {"type": "string", "maxLength": 80},
        "endpoint": {"type": "string", "maxLength": 80, "default": ""},
        "settings": {"type": "object", "default": {}},
        "prompt": {"type": "string", "maxLength": 20_000, "default": ""},
    },
}
SETTINGS = settings_schema(
    judges={"type": "array", "minItems": 1, "maxItems": 20, "items": _JUDGE, "title": "Judges, each with its settings"},
    concurrency={"type": "integer", "minimum": 1, "maximum": 64, "default": 4, "title": "Pairs under way at once"},
)


def check(settings: Mapping[str, Any]) -> None:
    """`CampaignError` where a judge is not there, its settings do not fit, or it asks a model and none is named."""
    for spec in settings["judges"]:
        judge, given = _judge(spec)
        if "ask" in judge.NEEDS and not spec.get("endpoint") and "endpoints" not in given:
            raise CampaignError(f"labelling: the judge {spec['judge']} asks a model; name its endpoint.")


def label(
    cases: Sequence[Case], table: pa.Table, settings: Mapping[str, Any], tools: Tools, seed: int
) -> list[list[dict[str, Any]]]:
    """What was not judged by all gets no label, for want of money or of an answer: half a panel is another panel."""
    panel = [_prepared(spec, tools, seed) for spec in settings["judges"]]

    def of(case: Case) -> list[dict[str, Any]]:
        try:
            votes = [vote_of(_judged(judge, case, given), rater=name, kind=judge.KIND) for judge, given, name in panel]
        except (BudgetSpent, ServerError):
            return []
        return [vote for vote in votes if vote is not None]

    if not any("ask" in judge.NEEDS for judge, _, _ in panel):
        return [of(case) for case in cases]
    return tools.each(of, cases, settings["concurrency"])


def _judge(spec: Mapping[str, Any]) -> tuple[judges.Judge, dict[str, Any]]:
    try:
        return judges.get(spec["judge"]), judges.settings_with_defaults(spec["judge"], spec.get("settings", {}))
    except (UnknownPlugin, InvalidAnswer) as error:
        raise CampaignError(f"labelling: the judge {spec['judge']}: {error}") from error


def _prepared(spec: Mapping[str, Any], tools: Tools, seed: int) -> tuple[judges.Judge, judges.Tools, str]:
    endpoint = spec.get("endpoint", "")
    judge, settings = _judge(spec)
    given = judges.Tools(
        settings=settings,
        prompt=spec.get("prompt") or judge.PROMPT,
        ask=lambda request, name: tools.ask(request, name or endpoint),
        score=tools.models.score,
        likelihood=tools.models.likelihood,
        seed=seed,
    )
    return judge, given, f"{spec['judge']} {endpoint}".strip()


def _judged(judge: judges.Judge, case: Case, given: judges.Tools) -> Judgement:
    if not judge.can_answer(case.kind, case.asked):
        raise CampaignError(f"The judge {judge.TITLE!r} cannot compare two responses.")
    try:
        return judge.judge(case, given)
    except judges.JudgeError as error:
        raise CampaignError(f"labelling: the judge {judge.TITLE}: {error}") from error
