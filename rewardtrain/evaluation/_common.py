"""What suites share: checked rows in, rewards that are finite, and figures with intervals out. Pure.

Shapes: N rows, P pairs of responses to one prompt, G groups.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from curation import pairs
from rewardtrain import data
from rewardtrain.data import read_file
from rewardtrain.errors import DataError, RewardModelError
from rewardtrain.evaluation import Model
from rewardtrain.statistics import bootstrap_mean, wilson

CHOSEN = ("prompt", "chosen", "rejected")  # what most benchmarks hand out
BINS = 10


def read_rows(path: Path, texts: Sequence[str] = (), lists: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The rows of a file, with ``texts`` as text (a conversation becomes JSON) and ``lists`` as lists of texts.

    Raises
    ------
    DataError
        If a row lacks one of them; the message names the row and what belongs there.
    """
    rows = read_file(Path(path)).to_pylist()
    for number, row in enumerate(rows, 1):
        lacking = [name for name in (*texts, *lists) if row.get(name) in (None, "", [])]
        if lacking:
            wanted = ", ".join((*texts, *lists))
            raise DataError(
                f"Row {number} of {path} lacks {', '.join(lacking)}. Every row needs {wanted}: fill them in or "
                "leave the row out."
            )
        for name in texts:
            row[name] = as_text(row[name])
        for name in lists:
            row[name] = [as_text(value) for value in (row[name] if isinstance(row[name], list) else [row[name]])]
            if not all(row[name]):
                raise DataError(f"Row {number} of {path} holds an empty text in {name}. Fill it in or take it out.")
    return rows


def as_text(value: Any) -> str:
    """Text as it is; a conversation, or whatever else, as JSON."""
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)


def as_number(value: Any, path: Path, number: int, name: str) -> float:
    """A finite number of a row, or a DataError that names the row."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = float("nan")
    if not np.isfinite(found):
        raise DataError(f"Row {number} of {path} has no finite number in {name}: {value!r}. Give one.")
    return found


def not_empty(table: pa.Table) -> None:
    """Refuse a table without rows."""
    if not len(table):
        raise DataError("The file holds no row. Give one with at least one row.")


def rewards(model: Model, prompts: Sequence[str], responses: Sequence[str]) -> np.ndarray:
    """Rewards of N responses; RewardModelError where one is not a finite number."""
    return finite(model.score(list(prompts), list(responses)), len(prompts))


def rewards_by_row(model: Model, prompts: Sequence[str], texts: Sequence[Sequence[str]]) -> list[np.ndarray]:
    """Rewards of several texts to each prompt, all asked for at once."""
    asked = [prompt for prompt, some in zip(prompts, texts, strict=True) for _ in some]
    reward_N = rewards(model, asked, [text for some in texts for text in some])
    return np.split(reward_N, np.cumsum([len(some) for some in texts])[:-1])


def finite(value: np.ndarray, n: int) -> np.ndarray:
    """What a model gave for ``n`` texts (on the last axis, or the only one), checked."""
    value = np.asarray(value, float)
    bad = ~np.isfinite(value)
    if bad.any():
        where = int(np.argwhere(bad)[0][-1])
        raise RewardModelError(
            f"The model gives text {where + 1} of {n} a value that is not a finite number, so nothing can be measured. "
            "Look for a training that diverged, or score in fp32."
        )
    return value


def members(model: Model, prompts: Sequence[str], responses: Sequence[str]) -> np.ndarray | None:
    """Rewards by each member of an ensemble, (M, N); None where the model has no members."""
    if not hasattr(model, "members"):
        return None
    return finite(model.members(list(prompts), list(responses)), len(prompts))


def lengths(texts: Iterable[str]) -> np.ndarray:
    """Characters of each text, float64."""
    return np.array([len(text) for text in texts], float)


def half(delta_N: np.ndarray) -> np.ndarray:
    """1 where above 0, one half where equal, 0 where below."""
    return (1 + np.sign(delta_N)) / 2


def strict(delta_N: np.ndarray) -> np.ndarray:
    """1 where above 0, else 0: a tie is lost."""
    return (delta_N > 0).astype(float)


def pairs_within(group_N: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The places of all unordered pairs of rows that stand in one group, two arrays of shape (P,)."""
    order = np.argsort(group_N, kind="stable")
    starts = np.flatnonzero(np.r_[True, group_N[order][1:] != group_N[order][:-1]])
    first, second = [], []
    for rows in np.split(order, starts[1:]):
        i, j = np.triu_indices(len(rows), 1)
        first.append(rows[i])
        second.append(rows[j])
    return np.concatenate(first), np.concatenate(second)


def headline(suite: str, win_N: np.ndarray, longer_N: np.ndarray, cluster_N: np.ndarray, seed: int) -> dict[str, Any]:
    """The keys that every result holds: Wilson's interval, the clustered one, and *longer wins* on the same rows."""
    return {
        "suite": suite,
        "n": len(win_N),
        "accuracy": wilson(win_N.sum(), len(win_N)),
        "clustered": bootstrap_mean(win_N, cluster_N, seed=seed),
        "baselines": {"longer": baseline(win_N, longer_N, cluster_N, seed)},
    }


def baseline(win_N: np.ndarray, other_N: np.ndarray, cluster_N: np.ndarray, seed: int) -> dict[str, Any]:
    """A baseline's accuracy, and the model's minus it, paired and resampled by cluster."""
    difference = bootstrap_mean(win_N - other_N, cluster_N, seed=seed)
    return {**wilson(other_N.sum(), len(other_N)), "difference": difference}


def chance(value: float) -> dict[str, float]:
    """What guessing gets: known, so the interval is the value."""
    return {"value": value, "low": value, "high": value}


def by_subset(win_N: np.ndarray, longer_N: np.ndarray, subset_N: np.ndarray) -> list[dict[str, Any]]:
    """Accuracy of each named subset, by name; rows without a name are left out."""
    return [
        subset(str(name), win_N[subset_N == name], longer_N[subset_N == name]) for name in np.unique(subset_N) if name
    ]


def subset(name: str, win_R: np.ndarray, longer_R: np.ndarray) -> dict[str, Any]:
    """One entry of ``subsets``."""
    return {
        "name": name, "n": len(win_R), **wilson(win_R.sum(), len(win_R)), "longer": float(longer_R.mean()),
    }  # fmt: skip


def preferences(path: Path, *extra: str) -> pa.Table:
    """A file of chosen and rejected responses as text columns, with ``subset`` and the ``extra`` texts."""
    table = [
        {name: row[name] for name in (*CHOSEN, *extra)} | {"subset": str(row.get("subset") or "")}
        for row in read_rows(path, (*CHOSEN, *extra))
    ]
    return pa.Table.from_pylist(table, schema=preference_schema(*extra))


def preference_schema(*extra: str) -> pa.Schema:
    """Columns of `preferences`."""
    return pa.schema([*((name, pa.large_string()) for name in (*CHOSEN, *extra)), ("subset", pa.string())])


def won(table: pa.Table, model: Model) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """delta_N, chosen strictly above rejected, and *longer* of a table of `preferences`."""
    not_empty(table)
    prompts, chosen, rejected = (table[name].to_pylist() for name in CHOSEN)
    reward_2N = rewards(model, prompts + prompts, chosen + rejected)
    delta_N = reward_2N[: len(table)] - reward_2N[len(table) :]
    return delta_N, strict(delta_N), half(lengths(chosen) - lengths(rejected))


def measure(suite: str, table: pa.Table, model: Model, seed: int) -> dict[str, Any]:
    """The whole result of a suite that only asks for chosen above rejected, by subset."""
    delta_N, win_N, longer_N = won(table, model)
    return {
        **headline(suite, win_N, longer_N, np.array(table["prompt"].to_pylist()), seed),
        "subsets": by_subset(win_N, longer_N, np.array(table["subset"].to_pylist())),
        "equal": int((delta_N == 0).sum()),
    }


def calibration(p_R: np.ndarray, target_R: np.ndarray) -> dict[str, Any]:
    """Reliability bins of equal width, expected calibration error (Naeini et al. 2015), Brier score, log-loss."""
    bin_R = np.minimum((p_R * BINS).astype(int), BINS - 1)
    bins = [
        {
            "from": which / BINS, "to": (which + 1) / BINS, "n": int(rows.sum()),
            "predicted": float(p_R[rows].mean()), "observed": float(target_R[rows].mean()),
        }
        for which in range(BINS)
        for rows in [bin_R == which]
        if rows.any()
    ]  # fmt: skip
    safe_R = np.clip(p_R, 1e-12, 1 - 1e-12)
    return {
        "n": len(p_R),
        "bins": bins,
        "ece": sum(b["n"] * abs(b["predicted"] - b["observed"]) for b in bins) / len(p_R),
        "brier": float(np.mean((p_R - target_R) ** 2)),
        "log_loss": float(-np.mean(target_R * np.log(safe_R) + (1 - target_R) * np.log1p(-safe_R))),
    }


def p_first(model: Model, delta_N: np.ndarray) -> np.ndarray:
    """P(the first wins | no tie) by the model's own loss."""
    prob_N3 = model.probabilities(delta_N)
    return np.asarray(prob_N3[:, 0] / (prob_N3[:, 0] + prob_N3[:, 2]))


def read_pairs(path: Path, split: str) -> pa.Table:
    """The rows of a split in `curation.pairs.SCHEMA`; a single file, or a table without splits, is taken whole."""
    table = data.read_split(path, split)
    if table is None and Path(path).is_file():
        table = data.read_split(path, "train")
    if table is None:
        raise DataError(f"{path} has no {split} split.")
    for name in ("prompt", "response_a", "response_b"):
        if table[name].null_count:
            number = table[name].is_null().index(True).as_py() + 1
            raise DataError(f"Row {number} of {path} has no text in {name}. Fill it in or leave the row out.")
    return table


def read_labels(path: Path, split: str, normalised: Callable[[pa.Table], pa.Table]) -> pa.Table:
    """The rows of a split as a kind of `rewardtrain.labels` has them; a single file is taken whole."""
    found = data.read_split(path, "train" if Path(path).is_file() else split, normalised)
    if found is None:
        raise DataError(f"{path} has no {split} split.")
    return found


def consensus(table: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """Winner of each row (1: a, -1: b, 0: neither is the likeliest outcome) and share of a among wins."""
    p_a, p_b = table["p_a"].to_numpy(), table["p_b"].to_numpy()
    rest = np.maximum(table["p_tie"].to_numpy(), table["p_both_bad"].to_numpy())
    winner_N = np.where((p_a > p_b) & (p_a > rest), 1.0, np.where((p_b > p_a) & (p_b > rest), -1.0, 0.0))
    decided = p_a + p_b
    return winner_N, np.divide(p_a, decided, out=np.full(len(table), 0.5), where=decided > 0)


def gold(table: pa.Table) -> np.ndarray:
    """Winner of each row by its gold label: 1, -1, or 0 where there is none or a tie."""
    return np.array([{"a": 1.0, "b": -1.0}.get(label or "", 0.0) for label in table["gold"].to_pylist()])


def with_winner(table: pa.Table) -> tuple[pa.Table, np.ndarray]:
    """The rows that have a winner and who it is (1: a, -1: b): by gold where the table holds any, else by consensus.

    Raises
    ------
    DataError
        If no row has a winner.
    """
    winner_N = gold(table)
    if not winner_N.any():
        winner_N = consensus(table)[0]
    if not winner_N.any():
        raise DataError("No row has a winner, so there is no accuracy: every label is a tie or unknown.")
    return table.filter(pa.array(winner_N != 0)), winner_N[winner_N != 0]


def groups(table: pa.Table) -> np.ndarray:
    """Rows of a pair table that hang together: its group, else the prompt."""
    both = zip(table["group"].to_pylist(), table["prompt"].to_pylist(), strict=True)
    return np.array([group or prompt for group, prompt in both])


def metadata(table: pa.Table) -> list[dict[str, Any]]:
    """What the metadata of each row of a pair table hold, {} where that is no JSON object."""
    found = []
    for number, text in enumerate(table["metadata"].to_pylist(), 1):
        try:
            value = json.loads(text or "{}")
        except ValueError:
            raise DataError(
                f"The metadata of row {number} are not JSON: {text[:80]!r}. Correct or empty them."
            ) from None
        found.append(value if isinstance(value, dict) else {})
    return found


def subset_names(table: pa.Table) -> np.ndarray:
    """Name of each row's subset: its group, else the subset in its metadata, else nothing."""
    both = zip(table["group"].to_pylist(), metadata(table), strict=True)
    return np.array([group or str(found.get("subset") or "") for group, found in both])


def example_pairs(*rows: tuple[str, str, str, float, float, str]) -> pa.Table:
    """Made-up rows of (prompt, response_a, response_b, p_a, p_tie, group) as a pair table."""
    return data.as_pairs(
        pa.Table.from_pylist(
            [
                {
                    "prompt": pairs.canonical_json([{"role": "user", "content": prompt}]),
                    "response_a": a, "response_b": b, "group": group,
                    "p_a": p_a, "p_tie": p_tie, "p_b": 1 - p_a - p_tie,
                }
                for prompt, a, b, p_a, p_tie, group in rows
            ]
        )
    )  # fmt: skip


def edited(prompt: str, change: Callable[[str], str]) -> str:
    """A prompt whose last message by the user, or whose plain text, is changed."""
    found = json.loads(prompt) if prompt.startswith("[") and _is_json(prompt) else None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        return change(prompt)
    asked = [
        place for place, one in enumerate(found) if one.get("role") == "user" and isinstance(one.get("content"), str)
    ]
    if not asked:
        return prompt
    found[asked[-1]]["content"] = change(found[asked[-1]]["content"])
    return pairs.canonical_json(found)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


_PICTURES = ("image", "images", "video", "audio", "media", "media_a", "media_b")


def text_only(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Refuse rows with pictures, sound or video: a DataError that names the first."""
    for number, row in enumerate(rows, 1):
        held = next((name for name in _PICTURES if row.get(name)), None)
        if held:
            raise DataError(
                f"Row {number} of {path} holds {held}. Pictures, sound and video are not supported yet: "
                "reward models here read text. Leave such rows out."
            )


def measure_in_context(suite: str, table: pa.Table, model: Model, seed: int) -> dict[str, Any]:
    """`measure`, with ``without``: the same where the prompt is ``bare``, and the difference that the context makes."""
    delta_N, win_N, longer_N = won(table, model)
    bare_N = won(table.set_column(0, "prompt", table["bare"]), model)[1]
    prompt_N = np.array(table["bare"].to_pylist())
    return {
        **headline(suite, win_N, longer_N, prompt_N, seed),
        "without": baseline(win_N, bare_N, prompt_N, seed),
        "subsets": by_subset(win_N, longer_N, np.array(table["subset"].to_pylist())),
        "equal": int((delta_N == 0).sum()),
    }
