"""The model first writes what matters for this very prompt, without seeing the responses, then judges under it.

Source: CARMO (Gupta et al. 2024, arXiv 2410.21545): criteria generated for each prompt keep the judge from rewarding
what merely looks good.
"""

from typing import Any

from annotate.feedback import closed
from curation.judges import Case, Judgement, Tools
from curation.judges._orders import in_both_orders, verdicts
from curation.judges._prompt import Block, Shown, messages
from curation.judges._reply import ask
from curation.judges._settings import INCONSISTENT, MAX_TOKENS, SAMPLES, TEMPERATURE, has_form, settings_schema

TITLE = "Criteria first"
SUMMARY = "Writes criteria for the prompt before it sees any response, then judges in both orders under them."
KIND = "language_model"
NEEDS = frozenset({"ask"})
SETTINGS = settings_schema(
    most_criteria={"type": "integer", "minimum": 1, "maximum": 20, "default": 6, "title": "Most criteria"},
    samples=SAMPLES,
    temperature=TEMPERATURE,
    inconsistent=INCONSISTENT,
    max_tokens=MAX_TOKENS,
)
PROMPT = """\
You are a careful and impartial judge of responses to a conversation. Judge only by the criteria in the block \
"generated_criteria", the heavier ones first. Neither the order in which the responses are shown nor their length nor \
a confident tone makes one better."""
WRITE = """\
You prepare the judging of responses to a conversation that you are shown; the responses are not. Write down what a \
good response to this very conversation must do, as criteria that a judge can check one by one: concrete, different \
from each other, the most important first. At most {most}."""
can_answer = has_form


def judge(case: Case, tools: Tools) -> Judgement:
    """The criteria stand in the notes; without readable ones there is no answer, and no verdict is paid for."""
    shown, schema = Shown(case, case.asked.responses), _schema(tools.settings["most_criteria"])
    task = WRITE.format(most=tools.settings["most_criteria"])
    written = ask(tools, messages(task, shown, schema, examples=False, responses=False), schema, temperature=0.0)[0]
    first = written.sample(shown)
    if written.error:
        return Judgement(None, {}, (first,), {"criteria": []})
    criteria = written.value["criteria"]
    listed = "\n".join(f"- {criterion['text']} (weight {criterion['weight']})" for criterion in criteria)
    more = [Block("generated_criteria", listed)]
    said = verdicts(case, tools, tools.prompt or PROMPT, n=tools.settings["samples"], more=more)
    found = in_both_orders(case, [sample for sample, _ in said], tools.settings["inconsistent"], criteria=criteria)
    return Judgement(found.answer, found.probs, (first, *found.samples), found.notes)


def _schema(most: int) -> dict[str, Any]:
    weight = {"type": "integer", "minimum": 1, "maximum": 5, "description": "5: decides; 1: nice to have"}
    criterion = closed({"text": {"type": "string", "description": "What is checked"}, "weight": weight})
    return closed({"criteria": {"type": "array", "minItems": 1, "maxItems": most, "items": criterion}})
