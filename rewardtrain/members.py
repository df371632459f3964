"""An ensemble: trainings of one recipe from several seeds, whose models stand together in one folder.

    members/0/ …      a run folder each (rewardtrain.training), gone when all are done
    progress.jsonl    the members' lines, one after another, their steps counted on
    model/            reward.json, and a reward model's folder for each member

Killed and started again it goes on with the member that it was in. Coste et al. 2023 (arXiv 2310.02743).
"""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from rewardtrain.recipe import Recipe
from rewardtrain.storage import Progress

FOLDER = "members"
Log = Callable[[str, dict[str, Any]], None]


class Mirror:
    """The ensemble's own progress: what a member logs, with the steps of those before it counted in."""

    def __init__(self, path: Path, members: int) -> None:
        self.path, self.members = path, members
        self.member = self.before = 0
        self._file: Progress | None = None

    def log(self, kind: str, line: dict[str, Any]) -> None:
        step = self.before + line["step"]
        self._file = self._file or Progress(self.path, step)
        total = line["steps_total"] * self.members
        self._file.write(kind, **{**line, "step": step, "steps_total": total, "member": self.member})

    def next(self, steps: int) -> None:
        """A member is done after so many steps."""
        self.member, self.before = self.member + 1, self.before + steps

    def close(self) -> None:
        if self._file:
            self._file.close()


def recipe_of(recipe: Recipe, member: int) -> Recipe:
    """The recipe of one member: its seed decides the first head, the order, dropout and what is held out."""
    return replace(recipe, seed=(recipe.seed + member) % 2**32, ensemble=1)


def gathered(run: Path, target: Path, members: int) -> list[str]:
    """Copy the members' models into ``target``; the names of their folders there."""
    names = [f"member-{member}" for member in range(members)]
    for member, name in enumerate(names):
        shutil.copytree(run / FOLDER / str(member) / "model", target / name)
    return names
