"""Generated questions whose answers are right or wrong by construction: enough pairs to train a reward model on.

One file a family (word problems, unit conversions, outputs of programs, definitions), found by discovery; each has
``make(rng) -> Problem``. Every question is answered in two of the manners of `annotate.demo.generated._manners`,
chosen so that length alone tells little. What the wording does not show (a wrong sum) is not learnable by a small
encoder; the manners are. Labelled as generated wherever it is shown.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from annotate import discovery
from annotate.demo import Sample

PAIRS = 400
SEED = "touchstone-generated-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A question with a right and a wrong answer.

    Attributes
    ----------
    bare : the result and nothing else.
    answer : the result as it stands in ``right``.
    flaw : what is wrong about ``wrong``, as the end of a sentence that begins with "It".
    subject : what the question is about, for those who talk around it.
    template : what it was made from; problems of one template are alike.
    """

    prompt: str
    right: str
    wrong: str
    bare: str
    answer: str
    flaw: str
    subject: str
    template: str


def problems() -> Iterator[tuple[str, Problem]]:
    """Families and their problems in turn, without end; no prompt comes twice. The same ones each time."""
    families = discovery.load_all(__name__)
    rng = random.Random(SEED)
    seen: set[str] = set()
    while True:
        for name, family in families.items():
            problem = next(p for p in (family.make(rng) for _ in range(10_000)) if p.prompt not in seen)
            seen.add(problem.prompt)
            yield name, problem


@cache
def samples(count: int = PAIRS) -> tuple[Sample, ...]:
    """``count`` pairs, the better response first; always the same ones."""
    from annotate.demo.generated._manners import candidates  # it needs Problem

    rng = random.Random(f"{SEED}-manners")
    return tuple(
        Sample(
            id=f"generated-{number:03}",
            prompt=problem.prompt,
            candidates=candidates(problem, rng),
            category=family,
            group=f"{family}: {problem.template}",
        )
        for number, (family, problem) in zip(range(1, count + 1), problems(), strict=False)
    )
