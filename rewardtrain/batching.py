"""Steps of training: sets of distinct sequences within a token budget, with the pairs among them.

A response compared many times is encoded once for all its pairs of a step. One algorithm serves the whole
range: plain disjoint pairs, stars (one response against many), graphs (everything against everything). Every
pair falls into exactly one step of an epoch, and the plan depends on (seed, epoch) alone.

1. The pairs' graph falls apart into connected components.
2. A component over the budget is cut: from the sequence with most open pairs, always take in the one with most
   open pairs to those already in, until the budget is full; all pairs among them are done; again, until none is open.
3. The parts are packed into steps, those of like length together, so that little is padded.

Pure: NumPy only. Shapes: S sequences, P pairs.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

_WINDOW = 64  # steps whose parts are sorted by length together: enough to pad little, few enough to stay random
_REACH = 512  # neighbours of a hub looked at in one part, so that a hub of a million pairs costs no quadratic time


@dataclass(frozen=True)
class Step:
    """One update: which distinct sequences are encoded, and which pairs among them are compared.

    Attributes
    ----------
    sequences : indices of sequences, sorted.
    labels : indices of the labels (pairs, most often) about them.
    """

    sequences: np.ndarray
    labels: np.ndarray


def plan(
    lengths_S: np.ndarray, first_P: np.ndarray, second_P: np.ndarray, *, budget: int, seed: int, epoch: int
) -> list[Step]:
    """The steps of one epoch.

    Parameters
    ----------
    lengths_S : tokens of each sequence.
    first_P, second_P : the sequences that each pair compares.
    budget : tokens a step; a single pair over it still makes a step.
    """
    random = np.random.default_rng([seed, epoch])
    parts: list[Step] = []
    for members in _components(len(lengths_S), first_P, second_P):
        if len(members) == 1:
            parts.append(Step(np.array([first_P[members[0]], second_P[members[0]]]), members))
            continue
        sequences = np.unique(np.concatenate([first_P[members], second_P[members]]))
        if lengths_S[sequences].sum() <= budget:
            parts.append(Step(sequences, members))
        else:
            parts += _cut(members, lengths_S, first_P, second_P, budget, random)
    return _packed(parts, lengths_S, budget, random)


def plan_groups(
    lengths_S: np.ndarray, sequence_LM: np.ndarray, group_L: np.ndarray, *,
    budget: int, seed: int, epoch: int, whole: bool = False,
) -> list[Step]:  # fmt: skip
    """The steps of one epoch of labels that stand in groups, such as all ratings of the responses to one prompt.

    Parameters
    ----------
    sequence_LM : sequences that each label is about, -1 where there are fewer than M.
    group_L : labels of one group come together; a group over the budget is cut, unless ``whole``.
    """
    random = np.random.default_rng([seed, epoch])
    order = random.permutation(len(group_L))
    order = order[np.argsort(group_L[order], kind="stable")]
    borders = np.flatnonzero(np.diff(group_L[order])) + 1
    parts = []
    for members in np.split(order, borders) if len(order) else []:
        parts += [_about(members, sequence_LM)] if whole else _within(members, sequence_LM, lengths_S, budget)
    return _packed(parts, lengths_S, budget, random) if parts else []


def _about(labels: np.ndarray, sequence_LM: np.ndarray) -> Step:
    sequences = np.unique(sequence_LM[labels])
    return Step(sequences[sequences >= 0], labels)


def _within(labels: np.ndarray, sequence_LM: np.ndarray, lengths_S: np.ndarray, budget: int) -> list[Step]:
    """A group's labels in parts within the budget; a label over it makes a part of its own."""
    parts: list[list[int]] = []
    inside: set[int] = set()
    room = 0
    for label in labels.tolist():
        fresh = {s for s in sequence_LM[label].tolist() if s >= 0}
        need = int(sum(lengths_S[s] for s in fresh - inside))
        if not parts or need > room:
            parts.append([])
            inside, room, need = set(), budget, int(sum(lengths_S[s] for s in fresh))
        parts[-1].append(label)
        inside |= fresh
        room -= need
    return [_about(np.array(part), sequence_LM) for part in parts]


def length_groups(lengths_B: np.ndarray, *, least: int, ratio: float = 1.25) -> list[np.ndarray]:
    """Positions grouped by like length, longest first, for forwards with little padding.

    A group ends where the next is shorter than the longest by ``ratio``, once it holds ``least`` tokens.
    """
    order = np.argsort(-lengths_B, kind="stable")
    groups: list[list[int]] = []
    for position in order:
        group = groups[-1] if groups else []
        longest = lengths_B[group[0]] if group else 0
        if group and (longest * len(group) < least or longest <= ratio * lengths_B[position]):
            group.append(int(position))
        else:
            groups.append([int(position)])
    return [np.array(group) for group in groups]


def token_batches(lengths_S: np.ndarray, tokens: int) -> list[np.ndarray]:
    """All sequences in batches of at most ``tokens`` padded tokens (one sequence at the least), longest first."""
    order = np.argsort(-lengths_S, kind="stable")
    batches, start = [], 0
    while start < len(order):
        size = max(1, tokens // max(1, int(lengths_S[order[start]])))
        batches.append(order[start : start + size])
        start += size
    return batches


def _components(count: int, first_P: np.ndarray, second_P: np.ndarray) -> list[np.ndarray]:
    """Pairs of each connected component, in order of the component's first pair (union-find, halving paths)."""
    parent = list(range(count))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for a, b in zip(first_P.tolist(), second_P.tolist(), strict=True):
        parent[root(a)] = root(b)
    found: dict[int, list[int]] = {}
    for pair, a in enumerate(first_P.tolist()):
        found.setdefault(root(a), []).append(pair)
    return [np.array(pairs) for pairs in found.values()]


def _cut(
    members: np.ndarray,
    lengths_S: np.ndarray,
    first_P: np.ndarray,
    second_P: np.ndarray,
    budget: int,
    random: np.random.Generator,
) -> list[Step]:
    """Parts of one component, each within the budget; every pair is in one part."""
    open_pairs: dict[int, dict[int, list[int]]] = {}
    for pair in random.permutation(members).tolist():
        a, b = int(first_P[pair]), int(second_P[pair])
        open_pairs.setdefault(a, {}).setdefault(b, []).append(pair)
        open_pairs.setdefault(b, {}).setdefault(a, []).append(pair)
    luck = dict(zip(open_pairs, random.random(len(open_pairs)).tolist(), strict=True))
    starts = [(-len(others), luck[node], node) for node, others in open_pairs.items()]
    heapq.heapify(starts)
    parts = []
    while starts:
        degree, _, start = heapq.heappop(starts)
        now = len(open_pairs.get(start, ()))
        if now == 0:
            continue
        if now != -degree:  # it has lost pairs since it was put here
            heapq.heappush(starts, (-now, luck[start], start))
            continue
        parts.append(_grown(start, open_pairs, luck, lengths_S, budget))
        heapq.heappush(starts, (-len(open_pairs.get(start, ())), luck[start], start))
    return parts


def _grown(
    start: int,
    open_pairs: dict[int, dict[int, list[int]]],
    luck: dict[int, float],
    lengths_S: np.ndarray,
    budget: int,
) -> Step:
    """One part grown from ``start``; its pairs are taken out of ``open_pairs``."""
    inside: list[int] = []
    taken: set[int] = set()
    pairs: list[int] = []
    gains: dict[int, int] = {}
    frontier: list[tuple[int, float, int]] = []
    room = budget
    node = start
    while True:
        room -= int(lengths_S[node])
        neighbours = open_pairs[node]
        for other in inside:
            pairs += neighbours.get(other, ())
        inside.append(node)
        taken.add(node)
        for other in islice(neighbours, _REACH):
            if other not in taken:
                gains[other] = gains.get(other, 0) + 1
                heapq.heappush(frontier, (-gains[other], luck[other], other))
        found = None
        while frontier:
            gain, _, other = heapq.heappop(frontier)
            fits = lengths_S[other] <= room or len(inside) == 1
            if other not in taken and gains[other] == -gain and fits:
                found = other
                break
        if found is None:
            break
        node = found
    for a in inside:
        for b in [b for b in inside if b in open_pairs[a]]:
            del open_pairs[a][b]
    return Step(np.array(sorted(inside)), np.array(sorted(pairs)))


def _packed(parts: Sequence[Step], lengths_S: np.ndarray, budget: int, random: np.random.Generator) -> list[Step]:
    """Parts put together into steps within the budget, those of like length together, in random order."""
    starts = np.cumsum([0, *(len(part.sequences) for part in parts[:-1])])
    lengths = lengths_S[np.concatenate([part.sequences for part in parts])]
    longest, tokens = np.maximum.reduceat(lengths, starts), np.add.reduceat(lengths, starts)
    order = random.permutation(len(parts))
    window = np.cumsum(tokens[order]) // (budget * _WINDOW)
    order = order[np.lexsort((longest[order], window))]
    steps: list[list[int]] = []
    room = 0
    for index in order.tolist():
        if not steps or tokens[index] > room:
            steps.append([])
            room = budget
        steps[-1].append(index)
        room -= tokens[index]
    return [_joined([parts[index] for index in steps[which]]) for which in random.permutation(len(steps)).tolist()]


def _joined(parts: Sequence[Step]) -> Step:
    return Step(
        np.unique(np.concatenate([part.sequences for part in parts])), np.concatenate([part.labels for part in parts])
    )
