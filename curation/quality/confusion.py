"""The consensus against the verified outcome, by subset: where are the labels wrong, and how?"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from curation import charts, pairs
from curation.quality import Evidence, Link, NothingToShow, Plot, share

TITLE = "Consensus against verified outcomes"
SUMMARY = "Share of pairs on which the consensus names each outcome, by subset and verified outcome."
ORDER = 10
_MOST, _LEAST = 4, 30  # subsets shown, and the rows that one needs


def measure(evidence: Evidence) -> Plot:
    """All rows with gold together, then the largest groups that are large enough."""
    gold_N = np.array([gold or "" for gold in evidence.table["gold"].to_pylist()], dtype=object)
    group_N = np.array(evidence.table["group"].to_pylist(), dtype=object)
    known_N = gold_N != ""
    if not known_N.any():
        raise NothingToShow("No pair has a verified outcome yet.")
    winner_N, item_N = pairs.winner(evidence.table), evidence.item_N
    names, counts = np.unique(group_N[known_N].astype(str), return_counts=True)
    large = [names[place] for place in np.argsort(-counts, kind="stable") if counts[place] >= _LEAST]
    subsets = ["all", *(str(name) for name in large[:_MOST] if name and len(names) > 1)]
    cells, rows, right = [], {}, []
    for subset in subsets:
        own_N = known_N if subset == "all" else known_N & (group_N == subset)
        right.append({"subset": subset, **share((winner_N[own_N] == gold_N[own_N]).astype(float), item_N[own_N])})
        for gold in ("a", "tie", "b", "both_bad"):
            here_N = own_N & (gold_N == gold)
            if not here_N.any():
                continue
            for said in ("a", "tie", "b", "both_bad"):
                hit_N = (winner_N == said)[here_N]
                if hit_N.any():
                    cell = {"row": f"{subset}: {gold}", "column": said}
                    cells.append({**cell, **share(hit_N.astype(float), item_N[here_N])})
                    rows[f"{subset}|{gold}|{said}"] = np.flatnonzero(here_N & (winner_N == said))
    return Plot({"cells": cells, "right": right}, rows)


def chart(figures: Mapping[str, Any], link: Link | None, id: str) -> charts.Chart:
    cells = [
        {**cell, **({"url": link("|".join([*cell["row"].rsplit(": ", 1), cell["column"]]))} if link else {})}
        for cell in figures["cells"]
    ]
    overall = figures["right"][0]
    note = (
        f"{SUMMARY} Right in all: {charts.text(overall['value'], 3)} {charts.interval(overall, 3)} of {overall['n']:,}."
    )
    cells = [
        {**cell, **{name: cell[name].replace("both_bad", "both bad") for name in ("row", "column")}} for cell in cells
    ]
    rows = list(dict.fromkeys(cell["row"] for cell in cells))
    said = [name for name in ("a", "tie", "b", "both bad") if any(cell["column"] == name for cell in cells)]
    return charts.heat(rows, said, cells, id=id, title=TITLE, note=note, what="share")


def words(figures: Mapping[str, Any], cell: str) -> str:
    subset, *outcomes = cell.rsplit("|", 2)
    gold, said = (outcome.replace("_", " ") for outcome in outcomes)
    return f"{subset}: verified {gold}, consensus {said}"
