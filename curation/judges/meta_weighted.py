"""Samples with critiques, each vote weighted by how a meta judge rates its critique.

Source: DeepSeek-GRM (Liu et al. 2025, arXiv 2504.02495), whose meta reward model guides the voting; here the meta
judge is a language model that reads the critique and its verdict beside the case.
"""

import json

from annotate.feedback import closed
from curation.judges import Case, Judgement, Sample, Tools
from curation.judges._merge import Vote
from curation.judges._orders import Said, pooled, verdicts
from curation.judges._prompt import Block, Shown, messages
from curation.judges._reply import ask
from curation.judges._settings import MAX_TOKENS, SAMPLES, TEMPERATURE, has_form, settings_schema
from curation.judges.critique_then_verdict import PROMPT

TITLE = "Votes weighted by a meta judge"
SUMMARY = "Draws answers with critiques; a meta judge rates each critique, and votes weigh what it says."
KIND = "language_model"
NEEDS = frozenset({"ask"})
SETTINGS = settings_schema(
    samples={**SAMPLES, "default": 4},
    temperature={**TEMPERATURE, "default": 0.7},
    meta_endpoint={
        "type": "string",
        "maxLength": 80,
        "default": "",
        "title": "Model of the meta judge",
        "description": "Name of a model endpoint; empty: the judge's own.",
    },
    max_tokens={**MAX_TOKENS, "default": 2048},
)
BEST = 10
META = """\
You check the work of a judge. The block "critique" holds what it wrote about the responses and the verdict that it \
gave. Rate the critique from 0 to 10: are its claims about the responses true, does it see what matters for the \
question, and does the verdict follow from it? 0: wrong or empty. 10: every claim holds and the verdict follows. Do \
not rate whether you like the verdict."""
RATING = closed({"rating": {"type": "integer", "minimum": 0, "maximum": BEST, "description": "How sound it is"}})
can_answer = has_form
__all__ = ("KIND", "NEEDS", "PROMPT", "SETTINGS", "SUMMARY", "TITLE", "can_answer", "judge")


def judge(case: Case, tools: Tools) -> Judgement:
    """A vote whose critique could not be rated, or was rated 0, has no weight; ratings stand in the notes."""
    said = verdicts(case, tools, tools.prompt or PROMPT, n=tools.settings["samples"], critique=True)
    votes, ratings, checks = [], [], []
    for one in said:
        rating = None
        if one.sample.answer is not None:
            rating, check = _rated(case, one, tools)
            checks.append(check)
        ratings.append(rating)
        if rating:
            votes.append(Vote(one.sample.answer, rating / BEST))
    samples = [*(one.sample for one in said), *checks]
    return pooled(case, votes, samples, ratings=ratings, critiques=[one.critique for one in said])


def _rated(case: Case, said: Said, tools: Tools) -> tuple[int | None, Sample]:
    """What the meta judge gives one critique, and its words; it sees the responses in the order that the judge saw."""
    shown = Shown(case, said.sample.order)
    verdict = json.dumps(shown.said(said.sample.answer), ensure_ascii=False)
    block = Block("critique", f"{said.critique}\n\nVerdict: {verdict}")
    sent = messages(META, shown, RATING, more=[block], examples=False)
    reply = ask(tools, sent, RATING, endpoint=tools.settings["meta_endpoint"], temperature=0.0)[0]
    return (reply.value or {}).get("rating"), reply.sample(shown)
