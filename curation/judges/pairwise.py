"""Which is better, asked in both orders: an answer stands only where it does not hang on what was shown first.

A ranking is made of all its pairs: a response's score is the expected number of others that it beats. Position bias
of language models: Zheng et al. 2023 (arXiv 2306.05685).
"""

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

from annotate import feedback
from annotate.feedback import OVERALL, Asked
from curation.judges import Case, Judgement, Sample, Tools
from curation.judges._orders import in_both_orders, verdicts
from curation.judges._settings import INCONSISTENT, MAX_TOKENS, SAMPLES, TEMPERATURE, settings_schema

TITLE = "Pairwise, both orders"
SUMMARY = "Compares responses two at a time, in both orders, and answers only as far as the orders agree."
KIND = "language_model"
NEEDS = frozenset({"ask"})
SETTINGS = settings_schema(samples=SAMPLES, temperature=TEMPERATURE, inconsistent=INCONSISTENT, max_tokens=MAX_TOKENS)
PROMPT = """\
You are a careful and impartial judge of responses to a conversation. Decide which of them serves the person who asked \
better: does it do what was asked, is it right, is it complete, is it clear? Neither the order in which the responses \
are shown nor their length nor a confident tone makes one better."""
MOST_RANKED = 8


def can_answer(kind: str, asked: Asked) -> bool:
    """Pairs, and rankings of a few responses."""
    return kind == "pairwise" or (kind == "ranking" and 2 <= len(asked.responses) <= MOST_RANKED)


def judge(case: Case, tools: Tools) -> Judgement:
    """A ranking without answer where one of its pairs has none."""
    if case.kind == "pairwise":
        return _pair(case, tools)
    asked = case.asked
    wins, decided = dict.fromkeys(asked.responses, 0.0), True
    samples: list[Sample] = []
    probs: dict[str, Mapping[str, float]] = {}
    consistent: dict[str, Mapping[str, bool]] = {}
    for a, b in combinations(asked.responses, 2):
        found = _pair(_of_pair(case, a, b), tools)
        samples += found.samples
        consistent[f"{a}:{b}"] = found.notes["consistent"].get(OVERALL, False)
        if found.answer is None:
            decided = False
            continue
        probs[f"{a}:{b}"] = share = found.probs[OVERALL]
        for key in (a, b):
            wins[key] += share.get(key, 0.0) + share.get("tie", 0.0) / 2
    wins = {key: round(score, 9) for key, score in wins.items()}
    answer = feedback.get(case.kind).from_scores(wins, asked) if decided else None
    return Judgement(answer, probs, tuple(samples), {"consistent": consistent, "scores": wins})


def _pair(case: Case, tools: Tools) -> Judgement:
    said = verdicts(case, tools, tools.prompt or PROMPT, n=tools.settings["samples"])
    return in_both_orders(case, [sample for sample, _ in said], tools.settings["inconsistent"])


def _of_pair(case: Case, a: str, b: str) -> Case:
    """The pairwise question about two of a ranking's responses."""
    settings = feedback.settings_with_defaults("pairwise", {"tie": bool(case.asked.settings["ties"])})
    texts = {key: case.asked.texts.get(key, "") for key in (a, b)}
    asked = Asked(case.asked.question, settings, (a, b), texts, case.asked.criteria, case.asked.stamp)
    return replace(case, kind="pairwise", asked=asked, examples=())
