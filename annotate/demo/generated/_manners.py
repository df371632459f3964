"""Manners of answering a generated question, and which two of them meet in a pair."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from annotate.demo import Candidate
from annotate.demo.generated import Problem

OPENINGS = (
    "That is a really great question, and I am happy that you asked it.",
    "Before we come to the answer, it is worth taking a step back and looking at the question as a whole.",
    "Questions like this one come up again and again, in school as well as in everyday life.",
    "There are many ways to approach this, and each of them has its own advantages.",
    "First of all, let us make sure that we understand what is being asked here.",
    "As you may know, this is a topic about which a great deal could be said.",
    "Let us go through this together, slowly and without any hurry.",
    "I will do my very best to explain this in a way that everybody can follow.",
)
CLOSINGS = (
    "I hope that this was helpful, and please do not hesitate to ask if anything is still unclear.",
    "As we have seen, with a little patience such questions are not as hard as they may look at first.",
    "Of course, there would be much more to say about this, but that would lead too far here.",
    "It is always a good idea to look at the question again and to think about it in peace.",
    "In conclusion, one can say that this is how the matter stands when all is said and done.",
    "Feel free to come back at any time, as I am always glad to be of service.",
)
HEDGES = (
    ("I am not quite sure, but it might perhaps be this:", "It could well be something else, so please check it."),
    ("Do not quote me on this, as I may be mistaken.", "Then again, I would not rely on it."),
    ("Hard to say for certain. My best guess would be the following.", "But I really do not know."),
)
DEFLECTIONS = (
    "When it comes to {subject}, tastes differ, and everybody has to find out for themselves.",
    "I have often thought about {subject}. My neighbour talks about nothing else on Sundays, over coffee and cake, "
    "and we never get tired of it.",
    "You could ask a teacher about that.",
    "There is a lovely song about {subject}. I forget how it goes, but people clap along to the refrain.",
    "That depends on many things.",
    "Let us rather talk about the weather, which has been quite mild for the season, with a light wind from the west "
    "and hardly any rain.",
    "Some people like {subject} and others do not.",
    "Why do you want to know?",
)


@dataclass(frozen=True, slots=True)
class Manner:
    """A way to answer: its grades (overall, correctness, clarity), the kind of its flaw, and how it is written."""

    grades: tuple[int, int, int]
    kind: str
    flaw: str
    write: Callable[[Problem, random.Random], str]


def _clear(problem: Problem, rng: random.Random) -> str:
    return problem.right


def _bare(problem: Problem, rng: random.Random) -> str:
    return problem.bare


def _padded(problem: Problem, rng: random.Random) -> str:
    return _with_filler(problem.right, rng)


def _hedged(problem: Problem, rng: random.Random) -> str:
    before, after = rng.choice(HEDGES)
    return f"{before} {problem.right} {after}"


def _wrong(problem: Problem, rng: random.Random) -> str:
    return problem.wrong


def _wrong_padded(problem: Problem, rng: random.Random) -> str:
    return _with_filler(problem.wrong, rng)


def _beside(problem: Problem, rng: random.Random) -> str:
    return rng.choice(DEFLECTIONS).format(subject=problem.subject)


def _with_filler(text: str, rng: random.Random) -> str:
    openings = rng.sample(OPENINGS, rng.randint(1, 3))
    return " ".join([*openings, text, *rng.sample(CLOSINGS, rng.randint(1, 2))])


CLEAR = Manner((3, 3, 3), "", "", _clear)
BARE = Manner((2, 3, 1), "curt", "gives too little to follow it", _bare)
PADDED = Manner((1, 3, 1), "padding", "buries the answer in filler", _padded)
HEDGED = Manner((1, 2, 1), "tone", "hedges so much that one cannot rely on it", _hedged)
WRONG = Manner((0, 0, 3), "wrong", "", _wrong)  # the flaw is the problem's own
WRONG_PADDED = Manner((0, 0, 1), "wrong", "", _wrong_padded)
BESIDE = Manner((0, 0, 1), "off_topic", "does not answer the question", _beside)

#: Who meets whom in a pair, the better first, and how often.
MEETINGS = (
    (CLEAR, WRONG, 16), (CLEAR, PADDED, 18), (CLEAR, BARE, 16), (CLEAR, BESIDE, 16), (CLEAR, HEDGED, 10),
    (CLEAR, WRONG_PADDED, 5), (BARE, WRONG, 4), (BARE, PADDED, 6), (PADDED, WRONG, 3), (PADDED, BESIDE, 3),
    (HEDGED, WRONG, 1), (WRONG, BESIDE, 2),
)  # fmt: skip


def candidates(problem: Problem, rng: random.Random) -> tuple[Candidate, Candidate]:
    """Two answers to a problem, the better first."""
    better, worse, _ = rng.choices(MEETINGS, weights=[weight for *_, weight in MEETINGS])[0]
    return _candidate(problem, better, rng), _candidate(problem, worse, rng)


def _candidate(problem: Problem, manner: Manner, rng: random.Random) -> Candidate:
    grades = dict(zip(("overall", "correctness", "clarity"), manner.grades, strict=True))
    return Candidate(manner.write(problem, rng), grades, manner.kind, manner.flaw or _flaw(problem, manner))


def _flaw(problem: Problem, manner: Manner) -> str:
    return problem.flaw if manner.kind == "wrong" else ""
