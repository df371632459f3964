"""The probability of "yes" as the first token of the reply: a judgement and its certainty for the price of one token.

Source: RewardDance (Wu et al. 2025, arXiv 2509.08826), where the reward is the probability that the model says yes to
"is the first better than the second?". Pairs are asked so in both orders; else each response, or each of its criteria,
is asked about alone. Needs a server that tells the probabilities of tokens.
"""

from collections.abc import Mapping
from typing import Any

from annotate.feedback import Asked
from curation.judges import Case, JudgeError, Judgement, Sample, Tools
from curation.judges._prompt import Block, Shown, messages
from curation.judges._reply import Reply, ask
from curation.judges._scores import answer_from, dimensions, is_comparison, logit
from curation.judges._settings import has_form, settings_schema

TITLE = "Probability of yes"
SUMMARY = "Asks a yes-or-no question and reads how likely the first token is yes; needs token probabilities."
KIND = "language_model"
NEEDS = frozenset({"ask"})
SETTINGS = settings_schema(
    tie_within={
        "type": "number",
        "minimum": 0,
        "exclusiveMaximum": 0.5,
        "default": 0.05,
        "title": "Tie within",
        "description": "A probability this near to one half is a tie.",
    },
    least_mass={
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 1,
        "default": 0.5,
        "title": "Least probability of yes and no together",
        "description": "Below this the model has not answered the question.",
    },
)
PROMPT = "You are a careful and impartial judge of responses to a conversation."
TASK = "Answer this: {question}\nReply with one word, yes or no, and nothing else."
TOP = 20  # the most that OpenAI-compatible servers give


def can_answer(kind: str, asked: Asked) -> bool:
    """Comparisons, good or bad, and rubrics."""
    return has_form(kind, asked) and (kind in ("binary", "rubric") or is_comparison(kind, asked))


def judge(case: Case, tools: Tools) -> Judgement:
    """No answer where a probability could not be read.

    Raises
    ------
    JudgeError
        If the server gives no token probabilities.
    """
    if case.kind == "rubric":
        return _rubric(case, tools)
    if case.kind == "binary":
        return _binary(case, tools)
    return _pair(case, tools) if len(case.asked.responses) == 2 else _each(case, tools)


def _pair(case: Case, tools: Tools) -> Judgement:
    a, b = case.asked.responses
    samples = []
    probs: dict[str, dict[str, float]] = {}
    scores: dict[str, dict[str, float]] = {}
    for dimension in dimensions(case.asked):
        found = []
        for order in ((a, b), (b, a)):
            shown = Shown(case, order)
            first, second = (shown.labels[key] for key in order)
            p, reply = _yes(shown, f"Is {first} better than {second}{_regarding(dimension)}?", tools)
            samples.append(_sample(shown, reply, p, *order))
            found.append(p)
        if found[0] is None or found[1] is None:
            return Judgement(None, {}, tuple(samples))
        p = (found[0] + 1 - found[1]) / 2
        near = abs(p - 0.5) <= tools.settings["tie_within"]
        probs[dimension["name"]] = {a: p, b: 1 - p}
        scores[dimension["name"]] = {a: 0.0 if near else logit(p), b: 0.0}
    return Judgement(answer_from(case.kind, case.asked, scores), probs, tuple(samples))


def _each(case: Case, tools: Tools) -> Judgement:
    samples: list[Sample] = []
    probs: dict[str, dict[str, float]] = {}
    scores: dict[str, dict[str, float]] = {dimension["name"]: {} for dimension in dimensions(case.asked)}
    for key in case.asked.responses:
        shown = Shown(case, (key,))
        for dimension in dimensions(case.asked):
            p, reply = _yes(shown, f"Is {shown.labels[key]} a good response{_regarding(dimension)}?", tools)
            samples.append(_sample(shown, reply, p, "good", "bad"))
            if p is None:
                return Judgement(None, probs, tuple(samples))
            scores[dimension["name"]][key] = round(logit(p), 9)
            probs[key] = {"good": p, "bad": 1 - p}
    return Judgement(answer_from(case.kind, case.asked, scores), probs, tuple(samples))


def _binary(case: Case, tools: Tools) -> Judgement:
    answer, samples, probs = {}, [], {}
    good, bad = case.asked.settings["good_label"], case.asked.settings["bad_label"]
    for key in case.asked.responses:
        shown = Shown(case, (key,))
        p, reply = _yes(shown, f"Is {shown.labels[key]} “{good}” (yes) rather than “{bad}” (no)?", tools)
        samples.append(_sample(shown, reply, p, "good", "bad"))
        if p is not None and p != 0.5:
            answer[key] = "good" if p > 0.5 else "bad"
            probs[key] = {"good": p, "bad": 1 - p}
    return Judgement(answer if len(answer) == len(case.asked.responses) else None, probs, tuple(samples))


def _rubric(case: Case, tools: Tools) -> Judgement:
    answer: dict[str, dict[str, str]] = {}
    samples: list[Sample] = []
    probs: dict[str, dict[str, float]] = {}
    for key in case.asked.responses:
        shown = Shown(case, (key,))
        answer[key] = {}
        for criterion in case.asked.criteria or case.asked.settings["criteria"]:
            question = f'Does the statement in the block "criterion" hold of {shown.labels[key]}?'
            p, reply = _yes(shown, question, tools, Block("criterion", criterion["text"]))
            samples.append(_sample(shown, reply, p, "met", "unmet"))
            if p is None:
                return Judgement(None, probs, tuple(samples))
            answer[key][criterion["name"]] = "met" if p > 0.5 else "unmet"
            probs[f"{key}#{criterion['name']}"] = {"met": p, "unmet": 1 - p}
    return Judgement(answer, probs, tuple(samples))


def _yes(shown: Shown, question: str, tools: Tools, *more: Block) -> tuple[float | None, Reply]:
    """P(yes) over P(yes) + P(no), None where the model says something else."""
    sent = messages(tools.prompt or PROMPT, shown, None, task=TASK.format(question=question), more=more, examples=False)
    reply = ask(tools, sent, None, logprobs=TOP, temperature=0.0, max_tokens=1)[0]
    if reply.error:
        return None, reply
    if reply.first is None:
        raise JudgeError(
            "The model's server gives no token probabilities, which this judge lives on. Choose a model whose server "
            "gives them (an OpenAI-compatible one with logprobs), or the judge pairwise or votes."
        )
    mass = {word: sum(p for token, p in reply.first.items() if _word(token) == word) for word in ("yes", "no")}
    total = mass["yes"] + mass["no"]
    return (mass["yes"] / total if total >= tools.settings["least_mass"] else None), reply


def _word(token: str) -> str:
    """A token as the word that it begins; tokenizers mark a blank before it in their own ways."""
    return token.strip(" \n\t▁Ġ\"'").lower()


def _sample(shown: Shown, reply: Reply, p: float | None, yes: str, no: str) -> Sample:
    error = "" if p is not None else reply.error or "The first token is neither yes nor no."
    probs = None if p is None else {yes: p, no: 1 - p}
    return Sample(shown.order, reply.raw, error=error, probs=probs, call=reply.call)


def _regarding(dimension: Mapping[str, Any]) -> str:
    meaning = ": ".join(part for part in (dimension.get("title"), dimension.get("help")) if part)
    return f", as to “{meaning}”" if meaning else ""
