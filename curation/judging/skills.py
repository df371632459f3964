"""A library of judging skills, grown from demonstrations: short instructions, each for cases of some kind.

Source: RewardHarness, in which skills and tools are refined from failures on about a hundred demonstrations; no
training. A skill is born where the judge with the library so far fails on demonstrations of one kind, and is kept only
if it rights more than it wrongs on cases set apart to check. A last part, that neither births nor checks, says what the
whole library is worth. Skills are found for a case by its category, else by the words of its prompt. Pure.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from annotate.feedback import closed
from curation.clients import ServerError
from curation.judges import Case
from curation.judging.gold import STOPPED, Asking, Gold, Judging, Stopped, compared, failures, parts, told, tried

SHARES = (0.5, 0.25, 0.25)  # demonstrations, check, last part
TRIES, SHOWN = 8, 5
MOST_SKILLS = 3  # in one prompt
LEAST = 2  # cases that a skill must right beyond those that it wrongs
SIMILAR = 0.1  # cosine below which words have nothing to do with each other
LONGEST = {"name": 60, "when": 200, "instruction": 600}
META = """\
You teach an AI judge. The case blocks hold cases of one kind on which people and the judge differ; the block \
"skills" names what it has been taught already. Write ONE short skill that would have helped on most of these cases \
and on others of their kind: a name, when to use it, and the instruction itself, in plain imperative sentences. Name \
no case and quote no response."""
SCHEMA = closed({name: {"type": "string", "maxLength": most} for name, most in LONGEST.items()})


@dataclass(frozen=True)
class Skill:
    """A named instruction.

    ``category``: of the cases that it is for, "" for any; ``words``: of the prompts that it was born from and of when
    to use it; ``evidence``: on the check part, {"n", "righted", "wronged"}.
    """

    name: str
    when: str
    instruction: str
    category: str = ""
    words: frozenset[str] = frozenset()
    evidence: dict[str, int] = field(default_factory=dict, compare=False)


@dataclass
class Library:
    """What was grown.

    ``tries``: [{"name", "when", "instruction", "category", "righted", "wronged", "kept", "error"}] in order;
    ``last``: the library against none on the last part, as `curation.judging.gold.compared`.
    """

    skills: list[Skill] = field(default_factory=list)
    tries: list[dict[str, Any]] = field(default_factory=list)
    sizes: tuple[int, ...] = ()
    last: dict[str, Any] | None = None
    verdict: str = "no evidence"
    reason: str = ""


def grow(
    gold: Sequence[Gold],
    prompt: str,
    judging: Judging,
    asking: Asking,
    *,
    tries: int = TRIES,
    seed: int = 0,
    tick: Callable[[str], None] = lambda message: None,
) -> Library:
    """Skills for one judge's prompt; `Stopped` by the budget ends it with what there is.

    Raises
    ------
    ValueError
        If a part would have no case.
    """
    demonstrations, check, last = parts(gold, SHARES, seed=seed)
    if not (demonstrations and check and last):
        raise ValueError("There are too few cases that people decided; about 100 are a good number.")
    library = Library(sizes=(len(demonstrations), len(check), len(last)))
    passed: Counter[str] = Counter()
    try:
        for number in range(1, tries + 1):
            tick(f"try {number}: judging the demonstrations")
            wrong = failures(judging, demonstrations, _prompts(prompt, library.skills))
            kinds = Counter(category_of(one.case) for one, _ in wrong)
            kind = max(kinds, key=lambda name: (kinds[name] / (1 + passed[name]), name), default=None)
            if kind is None:
                break
            passed[kind] += 1
            own = [(one, said) for one, said in wrong if category_of(one.case) == kind]
            order = np.random.default_rng([seed, number]).permutation(len(own))
            row, skill = _born(asking, [own[place] for place in order[:SHOWN]], library, kind)
            library.tries.append(row)
            if skill is None:
                continue
            tick(f"try {number}: checking “{skill.name}”")
            before_N = tried(judging, check, _prompts(prompt, library.skills))
            after_N = tried(judging, check, _prompts(prompt, [*library.skills, skill]))
            row["righted"], row["wronged"] = int((after_N & ~before_N).sum()), int((before_N & ~after_N).sum())
            if row["righted"] - row["wronged"] >= LEAST:
                row["kept"] = True
                evidence = {"n": len(check), "righted": row["righted"], "wronged": row["wronged"]}
                library.skills.append(Skill(skill.name, skill.when, skill.instruction, kind, skill.words, evidence))
        if library.skills:
            tick("judging the last part")
            without_N = tried(judging, last, lambda case: prompt)
            library.last = compared(without_N, tried(judging, last, _prompts(prompt, library.skills)), last)
            library.verdict = library.last["verdict"]
    except Stopped as stopped:
        library.verdict, library.reason = STOPPED, str(stopped)
    return library


def prompt_with(prompt: str, skills: Sequence[Skill], case: Case) -> str:
    """The judge's instruction with the skills that fit a case."""
    fitting = relevant(skills, case)
    if not fitting:
        return prompt
    lines = "\n".join(f"- {skill.name} ({skill.when}): {skill.instruction}" for skill in fitting)
    return f"{prompt.rstrip()}\n\nWhat has helped in cases like this one:\n{lines}"


def relevant(skills: Sequence[Skill], case: Case, most: int = MOST_SKILLS) -> list[Skill]:
    """The skills for a case, the nearest first: those of its category or of none, and alike in words."""
    category, words = category_of(case), words_of(_prompt(case))
    near = [
        (
            1.0 + alike(skill.words, words) if category and skill.category == category else alike(skill.words, words),
            skill,
        )
        for skill in skills
        if skill.category in ("", category)
    ]
    fitting = sorted((pair for pair in near if pair[0] >= SIMILAR), key=lambda pair: (-pair[0], pair[1].name))
    return [skill for _, skill in fitting[:most]]


def category_of(case: Case) -> str:
    """What the item's own metadata calls its kind; "" where they do not."""
    value = case.metadata.get("category") or case.metadata.get("task_category") or ""
    return value[:100] if isinstance(value, str) else ""


def words_of(text: str) -> frozenset[str]:
    """The distinct words of a text, lower case, without the shortest."""
    return frozenset(re.findall(r"\w{4,}", text.lower()[:20_000]))


def alike(first: frozenset[str], second: frozenset[str]) -> float:
    """Cosine of two sets of words, in [0, 1]."""
    return len(first & second) / (len(first) * len(second)) ** 0.5 if first and second else 0.0


def _prompts(prompt: str, skills: Sequence[Skill]) -> Callable[[Case], str]:
    own = tuple(skills)
    return lambda case: prompt_with(prompt, own, case)


def _prompt(case: Case) -> str:
    return "\n".join(str(message.get("content") or "") for message in case.prompt)


def _born(
    asking: Asking, wrong: list[tuple[Gold, str]], library: Library, kind: str
) -> tuple[dict[str, Any], Skill | None]:
    """What a meta judge makes of some failures: the row of the try, and the skill if there is one."""
    row: dict[str, Any] = {
        "name": "", "when": "", "instruction": "", "category": kind, "righted": 0, "wronged": 0, "kept": False,
        "error": "",
    }  # fmt: skip
    known = "\n".join(
        f"{one['name']}: {one['when']}{'' if one['kept'] else ' (did not help)'}" for one in library.tries
    )
    try:
        value = json.loads(asking(told(META, wrong, SCHEMA, skills=known)).texts[0])
        row |= {name: str(value[name]).strip()[:most] for name, most in LONGEST.items()}
    except (ServerError, ValueError, LookupError, TypeError) as error:
        row["error"] = f"The meta judge gave no skill: {error}"[:300]
        return row, None
    if not row["name"] or not row["instruction"]:
        row["error"] = "The meta judge gave a skill without a name or an instruction."
        return row, None
    words = words_of(row["when"]).union(*(words_of(_prompt(one.case)) for one, _ in wrong))
    return row, Skill(row["name"], row["when"], row["instruction"], kind, words)
