"""What the raters of an item say together, for training formats that know one label for each thing.

Each rater counts once for each thing; a label is the one that most of them gave. Where two are as frequent there is
none, and the thing is left out as a tie. A rater's ranking counts as the preferences that it implies. Dimensions are
left to the formats that can say them: only judgements as a whole count here.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from annotate.records import Preference, Ranking, Record, StepLabel, Verdict
from annotate.steps import steps_of
from curation.formats import Parsed, ParsedResponse

LEFT_OUT = {
    "unjudged": "Nobody answered what the format asks for.",
    "tie": "As many raters say the one as the other, or most say that neither is better.",
    "both_bad": "Both responses are bad, so nothing is chosen.",
    "media": "The responses are not text alone.",
}


def records_of(parsed: Parsed) -> Iterator[tuple[str, Record]]:
    """Every record of an item with the name of its rater."""
    for answer in parsed.answers:
        for record in answer.records:
            yield answer.rater, record


def choices(parsed: Parsed, left_out: Counter[str]) -> list[tuple[int, int]]:
    """Pairs of responses, by index: the better one first."""
    votes: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for rater, record in records_of(parsed):
        if not record.dimension:
            for a, b, outcome in _compared(record):
                swapped = int(a) > int(b)
                turned = {"a": "b", "b": "a"}.get(outcome, outcome) if swapped else outcome
                votes[(b, a) if swapped else (a, b)][rater] = turned
    found = []
    for (a, b), own in sorted(votes.items()):
        outcome = _most(own.values())
        if outcome in ("a", "b"):
            found.append((int(a), int(b)) if outcome == "a" else (int(b), int(a)))
        else:
            left_out[outcome or "tie"] += 1
    if not votes:
        left_out["unjudged"] += 1
    return found


def verdicts(parsed: Parsed, left_out: Counter[str]) -> list[tuple[int, bool]]:
    """Responses, by index, that most raters call good (true) or bad."""
    votes: dict[str, dict[str, bool]] = defaultdict(dict)
    for rater, record in records_of(parsed):
        if isinstance(record, Verdict):
            votes[record.response][rater] = record.good
    found = []
    for response, own in sorted(votes.items(), key=lambda entry: int(entry[0])):
        if (good := _most(own.values())) is None:
            left_out["tie"] += 1
        else:
            found.append((int(response), good))
    if not votes:
        left_out["unjudged"] += 1
    return found


def steps(parsed: Parsed, left_out: Counter[str]) -> list[tuple[int, list[float]]]:
    """Responses, by index, with the mean label (-1 wrong .. 1 right) of each step from the first.

    A trace ends before the first step that nobody labelled, as those do where only the first error is asked for.
    """
    labels: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for _, record in records_of(parsed):
        if isinstance(record, StepLabel) and record.value is not None and not record.dimension:
            labels[record.response][record.step].append(record.value)
    found = []
    for response, own in sorted(labels.items(), key=lambda entry: int(entry[0])):
        length = next(step for step in range(len(own) + 1) if step not in own)
        if length:
            found.append((int(response), [sum(own[step]) / len(own[step]) for step in range(length)]))
        else:
            left_out["unjudged"] += 1
    if not labels:
        left_out["unjudged"] += 1
    return found


def step_texts(response: ParsedResponse, questions: list[dict[str, Any]]) -> list[str]:
    """The agent's words in the steps that labels count, which are those that the question shows."""
    settings: dict[str, Any] = next((question["settings"] for question in questions if question["kind"] == "step"), {})
    split, marker = settings.get("split", "paragraphs"), settings.get("marker", "")
    return [step.text for step in steps_of(response.text, response.metadata, split=split, marker=marker)]


def _compared(record: Record) -> Iterator[tuple[str, str, str]]:
    if isinstance(record, Preference):
        yield record.a, record.b, record.outcome
    elif isinstance(record, Ranking):
        for (a, first), (b, second) in combinations(record.ranks.items(), 2):
            yield a, b, "a" if first < second else "b" if second < first else "tie"


def _most(values: Any) -> Any:
    """The most frequent value, None where two are."""
    counts = Counter(values).most_common(2)
    return None if len(counts) == 2 and counts[0][1] == counts[1][1] else counts[0][0]
