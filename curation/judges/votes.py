"""The majority of several samples over both orders, of any feedback kind; with the distribution of their choices.

Self-consistency: Wang et al. 2022 (arXiv 2203.11171). Of written feedback the most central sample is taken.
"""

from curation.judges import Case, Judgement, Tools
from curation.judges._orders import balanced, pooled, verdicts
from curation.judges._settings import MAX_TOKENS, SAMPLES, TEMPERATURE, has_form, settings_schema
from curation.judges.pairwise import PROMPT

TITLE = "Votes over samples"
SUMMARY = "Draws several answers in both orders and takes the majority; how they fall is the distribution."
KIND = "language_model"
NEEDS = frozenset({"ask"})
SETTINGS = settings_schema(
    samples={**SAMPLES, "default": 4}, temperature={**TEMPERATURE, "default": 0.7}, max_tokens=MAX_TOKENS
)
can_answer = has_form
__all__ = ("KIND", "NEEDS", "PROMPT", "SETTINGS", "SUMMARY", "TITLE", "can_answer", "judge")


def judge(case: Case, tools: Tools) -> Judgement:
    """Every order weighs the same, however many of its samples parse."""
    samples = [sample for sample, _ in verdicts(case, tools, tools.prompt or PROMPT, n=tools.settings["samples"])]
    return pooled(case, balanced(samples), samples)
