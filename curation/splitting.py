"""Train, validation and test: whole groups of rows go to one split, as near to the wanted shares as they allow.

What must stay together: by group, the rows of a group (of a prompt, where a row has no group); by prompt, the rows
that share a prompt, or a response of some length, also over several steps. Short responses ("Yes.") and those that
answer many prompts (refusals) tie nothing together, else nearly all rows would hang on one another.

Shapes: N rows, G groups. Groups are known by 64-bit numbers, so that the rows of a whole pool fit into memory.
"""

from collections.abc import Collection, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from curation import hashes

SPLITS = ("train", "validation", "test")
REASONS = {
    "held_out": "Its group, or a row that it hangs on, is held out for testing.",
    "by_group": "Drawn with all rows of its group.",
    "by_prompt": "Drawn with all rows that share its prompt or one of its responses.",
    "by_none": "Drawn by itself.",
    "by_source": "Constructed; it stands where what it was made from stands.",
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
    return deal(sketch(table, by), by=by, fractions=fractions, hold_out=hold_out, seed=seed)


def sketch(table: pa.Table, by: str) -> pa.Table:
    """What `deal` needs of each row: a number for what it stays together with, and by prompt, for what ties it."""
    columns = {"group": table["group"].combine_chunks().dictionary_encode()}
    if by == "none":
        return pa.table(columns | {"name": hashes.digests(table["row_id"])})
    prompt_N = hashes.digests(table["prompt"])
    if by == "group":
        grouped_N = pc.not_equal(table["group"], "").to_numpy()
        return pa.table(columns | {"name": np.where(grouped_N, hashes.digests(table["group"]), prompt_N)})
    for side in "ab":
        said, media = table[f"response_{side}"], table[f"media_{side}"]
        ties = pc.or_kleene(
            pc.greater_equal(pc.utf8_length(said), LINKING_LENGTH), pc.greater(pc.list_value_length(media), 0)
        )
        columns[f"tie_{side}"] = pa.array(hashes.digests(said, media), mask=~ties.to_numpy())
    return pa.table(columns | {"name": prompt_N})


def deal(
    sketch: pa.Table, *, by: str, fractions: Mapping[str, float], hold_out: Collection[str] = (), seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """`assign`, from the sketches of all rows."""
    name_G, group_N = np.unique(sketch["name"].to_numpy(), return_inverse=True)
    if by == "prompt":
        leader_G = _leaders(sketch, group_N, len(name_G))
        leaders, group_N = np.unique(leader_G[group_N], return_inverse=True)
        name_G = name_G[leaders]
    held_N = pc.is_in(sketch["group"].cast(pa.string()), pa.array(list(hold_out), pa.string())).to_numpy()
    held_G = np.zeros(len(name_G), dtype=bool)
    held_G[group_N[held_N]] = True
    size_G = np.bincount(group_N, minlength=len(name_G))
    split_G = _dealt(name_G, size_G, held_G, fractions, seed)
    reason_N = np.where(held_G[group_N], "held_out", f"by_{by}")
    return np.array(SPLITS)[split_G[group_N]], reason_N


def _leaders(sketch: pa.Table, prompt_N: np.ndarray, prompts: int) -> np.ndarray:
    """Of each prompt, the first of all prompts that hang together with it; prompts by their place."""
    edges = []
    for side in "ab":
        tie = sketch[f"tie_{side}"].combine_chunks()
        tied_N = tie.is_valid().to_numpy(zero_copy_only=False)
        edges.append(np.column_stack([tie.drop_null().to_numpy(), prompt_N[tied_N].astype(np.uint64)]))
    response_E, prompt_E = np.unique(np.concatenate(edges), axis=0).T
    response_E, size_R = np.unique(response_E, return_inverse=True)[1], np.unique(response_E, return_counts=True)[1]
    ties_E = size_R[response_E] <= LINKING_PROMPTS
    nodes = prompts + len(size_R)
    graph = coo_array(
        (np.ones(ties_E.sum(), np.int8), (prompt_E[ties_E].astype(np.int64), prompts + response_E[ties_E])),
        shape=(nodes, nodes),
    )
    _, part_G = connected_components(graph, directed=False)
    part_G = part_G[:prompts]
    first_P = np.full(nodes, prompts, dtype=np.int64)
    np.minimum.at(first_P, part_G, np.arange(prompts))
    return first_P[part_G]


def _dealt(
    name_G: np.ndarray, size_G: np.ndarray, held_G: np.ndarray, fractions: Mapping[str, float], seed: int
) -> np.ndarray:
    """Index into `SPLITS` of each group.

    The groups stand in an order drawn by hash and are cut into one stretch a split, as near to the shares as they
    allow; every split gets a group where there are enough. So a few groups more or less move those at the cuts only.
    """
    wanted = {split: fractions.get(split, 0.0) * size_G.sum() for split in _CUT}
    wanted["test"] -= size_G[held_G].sum()
    best, least = np.full(len(name_G), SPLITS.index("train")), np.inf
    free = np.flatnonzero(~held_G)
    for order in range(_ORDERS):
        drawn = [np.full(len(free), number, dtype=np.uint64) for number in (seed, order)]
        sequence = free[np.argsort(hashes.mixed(*drawn, name_G[free]), kind="stable")]
        split_G = np.full(len(name_G), SPLITS.index("test"))
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
        end = first + int(np.abs(before[first : max(last, first) + 1] - before[start] - wanted[split]).argmin())
        cuts[split] = start, len(sizes) if place == len(open_to) else end
        start = end
    return cuts
