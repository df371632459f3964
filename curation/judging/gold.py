"""Cases whose answer people know, and how well a judge does on them: what prompts and skills are tried on.

Pure: knows no Django. Shapes: N cases.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import binomtest

from annotate.feedback import OVERALL
from curation import resampling
from curation.clients import Completion, Request
from curation.judges import Case, Judgement
from curation.judges._prompt import END, FENCE, mark_for

LONGEST = 1500  # characters of one text that a meta judge is shown
REAL, WORSE, NO_EVIDENCE, STOPPED = "real", "worse", "no evidence", "stopped"
# the instruction for each case, the cases -> what the judge makes of each; None where it gave nothing
Judging = Callable[[Callable[[Case], str], Sequence[Case]], Sequence[Judgement | None]]
Asking = Callable[[Request], Completion]


class Stopped(Exception):
    """The budget is spent or the server is gone; the message says which."""


@dataclass(frozen=True)
class Gold:
    """A case and the verdict of people: a response key, "tie" or "both_bad"; ``cluster``: its prompt."""

    case: Case
    expected: str
    cluster: str
    dimension: str = ""

    def right(self, judgement: Judgement | None) -> bool:
        """Whether a judgement says what people say; one that says nothing is wrong."""
        return self.chosen(judgement) == self.expected

    def chosen(self, judgement: Judgement | None) -> str:
        """The verdict of a judgement, "" where there is none."""
        answer = judgement.answer if judgement is not None else None
        verdict = answer.get(self.dimension or OVERALL) if isinstance(answer, dict) else None
        return str(verdict.get("chosen", "")) if isinstance(verdict, dict) else ""


def parts(gold: Sequence[Gold], shares: Sequence[float], *, seed: int) -> list[list[Gold]]:
    """The cases parted by prompt, so that no prompt stands in two parts; ``shares`` sum to 1."""
    names = sorted({one.cluster for one in gold})
    order = np.random.default_rng(seed).permutation(len(names))
    ends = np.round(np.cumsum(shares) * len(names)).astype(int)
    part_of = {names[place]: int(np.searchsorted(ends, turn, side="right")) for turn, place in enumerate(order)}
    found: list[list[Gold]] = [[] for _ in shares]
    for one in gold:
        found[part_of[one.cluster]].append(one)
    return found


def tried(judging: Judging, gold: Sequence[Gold], prompt_of: Callable[[Case], str]) -> np.ndarray:
    """Which cases a judge gets right with these instructions, shape (N,)."""
    judgements = judging(prompt_of, [one.case for one in gold])
    return np.array([one.right(found) for one, found in zip(gold, judgements, strict=True)], dtype=bool)


def compared(before_N: np.ndarray, after_N: np.ndarray, gold: Sequence[Gold]) -> dict[str, Any]:
    """Two ways of judging the same held-out cases.

    Returns
    -------
    dict: ``n``; ``before``, ``after``: shares right; ``difference``, ``low``, ``high``: paired, over prompts;
        ``righted``, ``wronged``: cases that changed; ``p``: of the exact sign test over prompts that changed;
        ``verdict``: "real" or "worse" where the interval excludes zero and p is at most .05, for with few changes the
        interval alone is too sure; else "no evidence".
    """
    difference = resampling.mean(after_N.astype(float) - before_N, cluster_N := np.array([one.cluster for one in gold]))
    _, place_N = np.unique(cluster_N, return_inverse=True)
    change_C = np.bincount(place_N, weights=after_N.astype(float) - before_N) if len(gold) else np.zeros(0)
    gains, losses = int((change_C > 0).sum()), int((change_C < 0).sum())
    p = float(binomtest(gains, gains + losses).pvalue) if gains + losses else 1.0
    verdict = NO_EVIDENCE
    if difference["low"] is not None and difference["high"] is not None and p <= 0.05:
        verdict = REAL if difference["low"] > 0 else WORSE if difference["high"] < 0 else NO_EVIDENCE
    return {
        "n": len(gold),
        "before": float(before_N.mean()) if len(gold) else None,
        "after": float(after_N.mean()) if len(gold) else None,
        "difference": difference["value"],
        "low": difference["low"],
        "high": difference["high"],
        "righted": int((after_N & ~before_N).sum()),
        "wronged": int((before_N & ~after_N).sum()),
        "p": p,
        "verdict": verdict,
    }


def failures(judging: Judging, gold: Sequence[Gold], prompt_of: Callable[[Case], str]) -> list[tuple[Gold, str]]:
    """The cases that a judge gets wrong, each with what it said."""
    judgements = judging(prompt_of, [one.case for one in gold])
    pairs = zip(gold, judgements, strict=True)
    return [(one, one.chosen(found) or "no answer") for one, found in pairs if not one.right(found)]


def told(task: str, wrong: Iterable[tuple[Gold, str]], schema: dict[str, Any], **more: str) -> Request:
    """What a meta judge is asked: its task, and cases with what people and the judge said, fenced off as data."""
    blocks = [(name, text) for name, text in more.items() if text]
    for number, (one, said) in enumerate(wrong, 1):
        labels = {key: f"response_{place}" for place, key in enumerate(one.case.asked.responses, 1)}
        blocks += [(f"case_{number}_prompt", "\n\n".join(_text(message) for message in one.case.prompt))]
        blocks += [(f"case_{number}_{label}", one.case.asked.texts.get(key, "")) for key, label in labels.items()]
        verdicts = f"people: {labels.get(one.expected, one.expected)}; the judge: {labels.get(said, said)}"
        blocks += [(f"case_{number}_verdicts", verdicts)]
    shown = [(name, text[:LONGEST]) for name, text in blocks]
    mark = mark_for(text for _, text in shown)
    data = "\n\n".join(f"<{name} {mark}>\n{text}\n</{name} {mark}>" for name, text in shown)
    return Request(
        messages=(
            {"role": "system", "content": f"{task}\n\n{FENCE.format(mark=mark)}"},
            {"role": "user", "content": f"{data}\n\n{END}"},
        ),
        schema=schema,
        max_tokens=2048,
    )


def _text(message: Any) -> str:
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text") or "" for part in content if isinstance(part, dict))
