"""The skills that are on: what a judge is told beside its own instruction."""

from collections.abc import Callable

from curation.judges import Case
from curation.judging import skills
from curation.judging.skills import Skill
from curation.models import Judge, JudgingSkill


def prompts_of(judge: Judge) -> Callable[[Case], str]:
    """The judge's instruction for a case: its own, and the skills that are on and fit."""
    rows = judge.skills.filter(is_on=True)
    own = [Skill(row.name, row.when, row.instruction, row.category, frozenset(row.words)) for row in rows]
    return lambda case: skills.prompt_with(judge.prompt, own, case)


def names_of(judge: Judge) -> list[str]:
    """Names of the skills that are on."""
    return list(judge.skills.filter(is_on=True).values_list("name", flat=True))


def switch(*, skill: JudgingSkill, on: bool) -> None:
    """Whether the judge gets a skill in what it judges from now on."""
    skill.is_on = on
    skill.save(update_fields=["is_on"])
