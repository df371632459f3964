"""The majority of several samples over both orders, of any feedback kind; with the distribution of their choices.

Self-consistency: Wang et al. 2022 (arXiv 2203.11171). Of written feedback the most central sample is taken.
"""

from curation.judges import Case, Judgement, Tools
from curation.judges._orders import balanced, pooled, verdicts
from curation.judges._settings import MAX_TOKENS, SAMPLES, TEMPERATURE, has_form, settings_schema

TITLE = "Votes over samples"
SUMMARY = "Draws several answers in both orders and takes the majority; how they fall is the distribution."
KIND = "language_model"
NEEDS = frozenset({"ask"})
SETTINGS = settings_schema(
    samples={**SAMPLES, "default": 4}, temperature={**TEMPERATURE, "default": 0.7}, max_tokens=MAX_TOKENS
)
PROMPT = """\
You are a careful and impartial judge of responses to a conversation. Answer the question about them as somebody would \
who has read every response to its end and checked what it says: does it do what was asked, is it right, is it \
complete, is it clear? Neither the order in which the responses are shown nor their length nor a confident tone counts \
for one."""
can_answer = has_form


def judge(case: Case, tools: Tools) -> Judgement:
    """Every order weighs the same, however many of its samples parse."""
    samples = [sample for sample, _ in verdicts(case, tools, tools.prompt or PROMPT, n=tools.settings["samples"])]
    return pooled(case, balanced(samples), samples)
