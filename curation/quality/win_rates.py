"""Which model's responses beat which, with intervals, and how often the verdicts go in a circle.

A win is the people's consensus; a tie is half a win for both. The cycle rate is the share of triples of models, all
compared with one another under one prompt, in which A beats B, B beats C and C beats A.
"""

from collections import defaultdict
from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np

from curation import charts, pairs
from curation.quality import Evidence, Link, NothingToShow, Plot, share

TITLE = "Who beats whom"
SUMMARY = "Share of comparisons that the model on the left wins; ties count half."
ORDER = 20
_MOST = 14


def measure(evidence: Evidence) -> Plot:
    table = evidence.table
    model_N2 = np.column_stack([np.array(table[f"model_{side}"].to_pylist(), dtype=object) for side in "ab"])
    known_N = (model_N2 != "").all(axis=1) & (model_N2[:, 0] != model_N2[:, 1])
    if not known_N.any():
        raise NothingToShow("It is not known which models wrote the responses, or only one did.")
    winner_N = pairs.winner(table)
    win_N = np.select([winner_N == "a", winner_N == "b"], [1.0, 0.0], 0.5)
    names, counts = np.unique(model_N2[known_N].astype(str), return_counts=True)
    shown = set(names[np.argsort(-counts, kind="stable")[:_MOST]].tolist())
    behind: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
    for row in np.flatnonzero(known_N).tolist():
        a, b = model_N2[row]
        behind[a, b].append((row, win_N[row]))
        behind[b, a].append((row, 1 - win_N[row]))
    item_N = evidence.item_N
    cells, rows = [], {}
    for (one, other), found in sorted(behind.items()):
        if one in shown and other in shown:
            at, win = np.array([row for row, _ in found]), np.array([hit for _, hit in found])
            cells.append({"row": one, "column": other, **share(win, item_N[at])})
            rows["|".join(sorted((one, other)))] = np.unique(at)
    mean = {
        name: np.mean([hit for pair, found in behind.items() if pair[0] == name for _, hit in found]) for name in shown
    }
    order = sorted(shown, key=lambda name: (-mean[name], name))
    circles, triples = cycles(table, model_N2, winner_N, known_N)
    figures = {
        "models": order,
        "cells": cells,
        "others": len(names) - len(order),
        "cycles": circles,
        "triples": triples,
    }
    return Plot(figures, rows)


def cycles(table: Any, model_N2: np.ndarray, winner_N: np.ndarray, known_N: np.ndarray) -> tuple[int, int]:
    """How many triples of models under one prompt go in a circle, of how many that are compared and decided."""
    beats: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in np.flatnonzero(known_N & np.isin(winner_N, ["a", "b"])).tolist():
        a, b = model_N2[row]
        beats[table["prompt"][row].as_py()].add((a, b) if winner_N[row] == "a" else (b, a))
    circles = triples = 0
    for won in beats.values():
        for a, b, c in combinations(sorted({name for pair in won for name in pair}), 3):
            sides = [sum(pair in won for pair in ((x, y), (y, x))) for x, y in ((a, b), (b, c), (a, c))]
            if sides == [1, 1, 1]:
                triples += 1
                circles += {(a, b), (b, c), (c, a)} <= won or {(b, a), (c, b), (a, c)} <= won
    return circles, triples


def chart(figures: Mapping[str, Any], link: Link | None, id: str) -> charts.Chart:
    cells = [
        {**cell, **({"url": link("|".join(sorted((cell["row"], cell["column"]))))} if link else {})}
        for cell in figures["cells"]
    ]
    circle = (
        f" Of {figures['triples']:,} triples under one prompt {figures['cycles']:,} go in a circle."
        if figures["triples"]
        else ""
    )
    others = f" {figures['others']:,} models with fewer comparisons are left out." if figures["others"] else ""
    models = figures["models"]
    return charts.heat(models, models, cells, id=id, title=TITLE, note=SUMMARY + circle + others, what="wins")


def words(figures: Mapping[str, Any], cell: str) -> str:
    return cell.replace("|", " against ")
