"""Train, validation and test: whole groups of rows go to one split, as near to the wanted shares as they allow.

What must stay together: by group, the rows of a group (of a prompt, where a row has no group); by prompt, the rows
that share a prompt, or a response of some length, also over several steps. Short responses ("Yes.") and those that
answer many prompts (refusals) tie nothing together, else nearly all rows would hang on one another.

Shapes: N rows, G groups.
"""

from collections.abc import Collection, Mapping
from hashlib import sha256

import numpy as np
import pyarrow as pa

from curation import pairs

SPLITS = ("train", "validation", "test")
REASONS = {
    "held_out": "Its group, or a row that it hangs on, is held out for testing.",
    "by_group": "Drawn with all rows of its group.",
    "by_prompt": "Drawn with all rows that share its prompt or one of its responses.",
    "by_none": "Drawn by itself.",
}
LINKING_LENGTH = 50  # characters of a response that ties its rows together
LINKING_PROMPTS = 10  # prompts that one response may tie together
_ORDERS = 64  # in which the groups may stand, until one lets the splits come near enough to their shares
_NEAR = 0.01  # of all rows in another split than the shares say
_CUT = ("validation", "test", "train")  # where groups are few, train comes first, then test


def assign(
    table: pa.Table, *, by: str, fractions: Mapping[str, float], hold_out: Collection[str] = (), seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Split of each row, and the reason code for it; both of shape (N,).

    Parameters
    ----------
    by : "prompt", "group" or "none".
    fractions : share of all rows by split; those held out count towards test.
    hold_out : groups that go to test.
    seed : which groups go where; the same seed and rows give the same splits, in whatever order the rows stand, and
        rows with the same ``row_id`` and ``group`` are always in the same split.
    """
    group_N = _groups(table, by)
    names, group_N = np.unique(group_N, return_inverse=True)
    held_G = np.zeros(len(names), dtype=bool)
    held_G[group_N[np.isin(table["group"].to_pylist(), list(hold_out))]] = True
    size_G = np.bincount(group_N, minlength=len(names))
    split_G = _dealt(names.tolist(), size_G, held_G, fractions, seed)
    reason_N = np.where(held_G[group_N], "held_out", f"by_{by}")
    return np.array(SPLITS)[split_G[group_N]], reason_N


def _groups(table: pa.Table, by: str) -> np.ndarray:
    """What each row stays together with, named by content, shape (N,)."""
    if by == "none":
        return np.array(table["row_id"].to_pylist(), dtype=object)
    prompts = table["prompt"].to_pylist()
    if by == "group":
        names = [group or prompt for group, prompt in zip(table["group"].to_pylist(), prompts, strict=True)]
        return np.array(names, dtype=object)
    sides = [pairs.responses(table, side) for side in "ab"]
    asked: dict[tuple[str, ...], set[str]] = {}
    for side in sides:
        for response, prompt in zip(side, prompts, strict=True):
            if len(response) > 1 or len(response[0]) >= LINKING_LENGTH:
                asked.setdefault(response, set()).add(prompt)
    leader: dict[str, str] = {}
    for tied in asked.values():
        if len(tied) <= LINKING_PROMPTS:
            first, *others = {_leader(leader, prompt) for prompt in tied}
            for other in others:
                leader[max(first, other)] = first = min(first, other)
    return np.array([_leader(leader, prompt) for prompt in prompts], dtype=object)


def _leader(leader: dict[str, str], name: str) -> str:
    """The name that stands for all that hang together with ``name``: the first of them in the alphabet."""
    while name in leader:
        leader[name] = leader.get(leader[name], leader[name])
        name = leader[name]
    return name


def _dealt(
    names: list[str], size_G: np.ndarray, held_G: np.ndarray, fractions: Mapping[str, float], seed: int
) -> np.ndarray:
    """Index into `SPLITS` of each group.

    The groups stand in an order drawn by hash and are cut into one stretch a split, as near to the shares as they
    allow; every split gets a group where there are enough. So a few groups more or less move those at the cuts only.
    """
    wanted = {split: fractions.get(split, 0.0) * size_G.sum() for split in _CUT}
    wanted["test"] -= size_G[held_G].sum()
    best, least = np.full(len(names), SPLITS.index("train")), np.inf
    for order in range(_ORDERS):
        keys = [sha256(f"{seed} {order} {name}".encode("utf-8", "surrogatepass")).digest() for name in names]
        sequence = sorted(np.flatnonzero(~held_G).tolist(), key=keys.__getitem__)
        split_G = np.full(len(names), SPLITS.index("test"))
        for split, (start, end) in _cuts(size_G[sequence], wanted).items():
            split_G[sequence[start:end]] = SPLITS.index(split)
        filled = {split: size_G[~held_G & (split_G == SPLITS.index(split))].sum() for split in _CUT}
        if (off := sum(abs(filled[split] - wanted[split]) for split in _CUT)) < least:
            best, least = split_G, off
        if least <= _NEAR * size_G.sum():
            break
    return best


def _cuts(sizes: np.ndarray, wanted: Mapping[str, float]) -> dict[str, tuple[int, int]]:
    """Where each split begins and ends among groups of these sizes."""
    before = np.concatenate([[0], np.cumsum(sizes)])
    open_to = [split for split in _CUT if wanted[split] > 0] or ["train"]
    cuts, start = {}, 0
    for place, split in enumerate(open_to, 1):
        last = len(sizes) - (len(open_to) - place)  # leave a group to each of those that follow
        first = min(start + 1, max(last, start))
        goal = before[start] + wanted[split]
        end = min(range(first, max(last, first) + 1), key=lambda cut: abs(before[cut] - goal))
        cuts[split] = start, len(sizes) if place == len(open_to) else end
        start = end
    return cuts
