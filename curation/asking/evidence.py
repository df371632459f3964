"""What strategies go by, gathered through `curation.ports`: margins and rewards of ensembles, vectors, answers so far.

Shapes as in `curation.selection`.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from annotate.jobs.registry import Progress, silent
from annotate.models import Project
from annotate.records import OUTCOMES
from curation import pairs
from curation.asking import answers
from curation.asking.sources import Source
from curation.models import SelectionEntry
from curation.noise import folds
from curation.pairs import seen_from
from curation.ports import Models
from curation.selection import Evidence
from curation.selection._measures import chance_wrong

FOLDS = 5
MEMBERS = 4  # of an ensemble that is fitted to the labels
_FROM_MARGINS = {"margin_MN", "reward_MN2", "suspicion_N"}  # `Evidence` that comes of an ensemble


def gather(
    project: Project,
    source: Source,
    needs: Collection[str],
    models: Models,
    *,
    reward_models: Sequence[str] = (),
    seed: int = 0,
    progress: Progress = silent,
) -> Evidence:
    """The evidence that a strategy needs, and no more.

    ``reward_models``: those whose scores are the ensemble; none: an ensemble is fitted to the labels, and judges each
    row out of fold.

    Raises
    ------
    curation.ports.PortNotRegistered
        If a model is needed that is not there.
    """
    found: dict[str, Any] = {"label_N": source.label_N, "suspicion_N": source.suspicion_N}
    is_influence = "mended_N" in needs
    if source.suspicion_N is not None and not is_influence:
        needs = set(needs) - {"suspicion_N"}
    if _FROM_MARGINS & set(needs):
        if reward_models:
            reward_MN2 = _rewards(source.table, reward_models, models, progress)
            found |= {"reward_MN2": reward_MN2, "margin_MN": reward_MN2[..., 0] - reward_MN2[..., 1]}
        else:
            margin_MN = fitted(source, models, seed=seed, progress=progress)
            # Of a pair alone only the difference is known: half of it is on either side.
            found |= {"margin_MN": margin_MN, "reward_MN2": np.stack([margin_MN, -margin_MN], axis=-1) / 2}
        if "suspicion_N" in needs:
            found["suspicion_N"] = chance_wrong(found["margin_MN"], source.label_N)[0]
    if is_influence:
        found |= _before_and_after(source, found["suspicion_N"], models, seed=seed, progress=progress)
    if "feature_N2D" in needs:
        progress(0, None, "reading responses")
        prompts = source.table["prompt"].to_pylist()
        sides = [models.features(prompts, source.table[f"response_{side}"].to_pylist()) for side in "ab"]
        found["feature_N2D"] = np.stack(sides, axis=1).astype(np.float64)
    if "prompt_ND" in needs:
        progress(0, None, "embedding prompts")
        found["prompt_ND"] = _embedded([pairs.prompt_text(text) for text in source.table["prompt"].to_pylist()], models)
    return Evidence(asked_N=_asked(project, source.table), verified_N=_verified(project, source.table), **found)


def fitted(source: Source, models: Models, *, seed: int, progress: Progress = silent) -> np.ndarray:
    """Margins of an ensemble fitted to the labels, by members that did not learn from the row, shape (M, N)."""
    fold_N, fold_L = _folds(source, seed)
    margin_MN = np.full((MEMBERS, source.table.num_rows), np.nan)
    used = sorted(set(fold_N.tolist()))
    for number, fold in enumerate(used):
        progress(number, len(used), "fitting an ensemble")
        mine = np.flatnonzero(fold_N == fold)
        train = source.learn.filter(pa.array(fold_L != fold))
        margin_MN[:, mine] = _fit(models, train, source.table.take(pa.array(mine)), seed=seed, members=MEMBERS)
    return margin_MN


def _fit(models: Models, train: pa.Table, others: pa.Table, *, seed: int, members: int) -> np.ndarray:
    """(M, N) margins at the end of the training."""
    return np.asarray(models.fit(train, others, {"seed": seed, "members": members}))[-1]


def _folds(source: Source, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Folds of the source's rows and of those to learn from: copies of a pair are in one, in either order of sides."""
    both = pa.concat_tables([source.table, source.learn])
    texts = (both[name].to_pylist() for name in ("prompt", "response_a", "response_b"))
    fold = folds.deal(*texts, FOLDS, seed)
    fold_N, fold_L = np.split(fold, [source.table.num_rows])
    if not set(_keys(source.table)) & set(_keys(source.learn)):
        fold_N, fold_L = np.zeros_like(fold_N), np.ones_like(fold_L)  # nothing to keep apart
    return fold_N, fold_L


def _keys(table: pa.Table) -> list[tuple[str, ...]]:
    """What is compared, whichever item it stands in."""
    return list(zip(table["row_id"].to_pylist(), table["dimension"].to_pylist(), strict=True))


def _before_and_after(
    source: Source, suspicion_N: np.ndarray, models: Models, *, seed: int, progress: Progress
) -> dict[str, np.ndarray]:
    """Margins of the source's rows after learning from the labels as they are, and less what is suspicious of them."""
    wrong = dict(zip(_keys(source.table), np.nan_to_num(suspicion_N).tolist(), strict=True))
    wrong_L = np.array([wrong.get(key, 0.0) for key in _keys(source.learn)])
    before_L4 = pairs.outcome_probs(source.learn)
    turned_L4 = before_L4[:, [OUTCOMES.index(seen_from(outcome, True)) for outcome in OUTCOMES]]
    after_L4 = (1 - wrong_L)[:, None] * before_L4 + wrong_L[:, None] * turned_L4
    mended = pairs.with_columns(source.learn, dict(zip(pairs.PROBABILITIES, after_L4.T, strict=True)))
    found = {}
    for number, (name, train) in enumerate((("present_N", source.learn), ("mended_N", mended))):
        progress(number, 2, "fitting to the labels, as they are and mended")
        found[name] = _fit(models, train, source.table, seed=seed, members=1)[0]
    return found


def _rewards(table: pa.Table, reward_models: Sequence[str], models: Models, progress: Progress) -> np.ndarray:
    """(M, N, 2) rewards of both sides, with mean 0 and deviation 1 by each model: models have no scale in common."""
    prompts = table["prompt"].to_pylist()
    sides = [table[f"response_{side}"].to_pylist() for side in "ab"]
    each = sorted({(prompt, text) for texts in sides for prompt, text in zip(prompts, texts, strict=True)})
    place = {key: number for number, key in enumerate(each)}
    rewards = []
    for number, model in enumerate(reward_models):
        progress(number, len(reward_models), f"scoring by reward model {model}")
        scored = np.asarray(models.score(model, [prompt for prompt, _ in each], [text for _, text in each]))
        scored = (scored - scored.mean()) / (scored.std() or 1.0)
        rewards.append([[scored[place[key]] for key in zip(prompts, texts, strict=True)] for texts in sides])
    return np.array(rewards, dtype=np.float64).transpose(0, 2, 1)


def _embedded(texts: Sequence[str], models: Models) -> np.ndarray:
    each, place_N = np.unique(np.array(texts, dtype=object), return_inverse=True)
    return np.asarray(models.embed(each.tolist()), dtype=np.float64)[place_N]


def _asked(project: Project, table: pa.Table) -> np.ndarray:
    """Rows of earlier selections on the same question and dimension."""
    names = set(zip(table["question"].to_pylist(), table["dimension"].to_pylist(), strict=True))
    earlier: set[tuple[str, str, str]] = set()
    for question, dimension in names:
        own = SelectionEntry.objects.filter(
            selection__project=project, selection__question=question, selection__dimension=dimension
        )
        earlier |= {(row, question, dimension) for row in own.values_list("row_id", flat=True)}
    rows = zip(*(table[name].to_pylist() for name in ("row_id", "question", "dimension")), strict=True)
    return np.array([row in earlier for row in rows], dtype=bool)


def _verified(project: Project, table: pa.Table) -> np.ndarray:
    """What people said in earlier selections, else the released or verified outcome; NaN where there is neither."""
    half: Callable[[str | None], float] = lambda outcome: {"a": 1.0, "b": 0.0, None: np.nan}.get(outcome, 0.5)  # noqa: E731
    verified_N = np.array([half(outcome) for outcome in table["gold"].to_pylist()], dtype=np.float64)
    said = answers.of_rows(project, table)
    for place, row in enumerate(table["row_id"].to_pylist()):
        verified_N[place] = said.get(row, verified_N[place])
    return verified_N
