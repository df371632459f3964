"""A critique first, then the verdict that follows from it, in one reply and in both orders.

Source: CLoud (Ankner et al. 2024, arXiv 2408.11791), where a critique before the reward makes it better.
"""

from curation.judges import Case, Judgement, Tools
from curation.judges._orders import in_both_orders, verdicts
from curation.judges._settings import INCONSISTENT, MAX_TOKENS, SAMPLES, TEMPERATURE, has_form, settings_schema

TITLE = "Critique, then verdict"
SUMMARY = "Writes what speaks for and against each response before it decides; the critiques are kept."
KIND = "language_model"
NEEDS = frozenset({"ask"})
SETTINGS = settings_schema(
    samples=SAMPLES,
    temperature=TEMPERATURE,
    inconsistent=INCONSISTENT,
    max_tokens={**MAX_TOKENS, "default": 2048},
)
PROMPT = """\
You are a careful and impartial judge of responses to a conversation. First write a critique: go through each response \
and say what is right, wrong, missing or unclear in it, with the passage that shows it. Then give the verdict that \
follows from the critique. Neither the order in which the responses are shown nor their length nor a confident tone \
makes one better."""
can_answer = has_form


def judge(case: Case, tools: Tools) -> Judgement:
    """The notes hold the critique of every sample, in the order of the samples."""
    said = verdicts(case, tools, tools.prompt or PROMPT, n=tools.settings["samples"], critique=True)
    critiques = [critique for _, critique in said]
    return in_both_orders(case, [one for one, _ in said], tools.settings["inconsistent"], critiques=critiques)
