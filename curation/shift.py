"""How the make-up of a dataset changed between two versions: subsets, languages, lengths, who voted, what is verified.

Each property is a distribution; how far two of them lie apart is their total variation distance, half the sum of the
absolute differences of the shares: 0 where they are the same, 1 where they share nothing. Pure: knows no Django.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation import pairs

COLUMNS = ["row_id", "group", "prompt", "response_a", "response_b", "votes", "gold", *pairs.PROBABILITIES]
PROPERTIES = {
    "subset": "Subset",
    "outcome": "Outcome",
    "verified": "Verified by people",
    "length": "Length of the better response against the other",
    "raters": "Votes by kind of rater",
    "language": "Language of prompt and responses",
}
SAMPLE = 1000  # rows whose language is told; row ids are hashes, so the smallest of them are a random sample
_RATIOS = (0, 0.5, 0.8, 1.25, 2, np.inf)
_RATIO_NAMES = ("under half", "shorter", "about as long", "longer", "over twice")


def profile(tables: Iterable[pa.Table]) -> dict[str, Counter[str]]:
    """Counts of every property's values over a version's rows, which come in parts."""
    found: dict[str, Counter[str]] = {name: Counter() for name in PROPERTIES}
    sample: list[tuple[str, ...]] = []
    for table in tables:
        found["subset"].update(group or "none" for group in table["group"].to_pylist())
        winner_N = pairs.winner(table)
        found["outcome"].update(name.replace("_", " ") for name in winner_N.tolist())
        found["verified"].update("silver" if gold is None else "gold" for gold in table["gold"].to_pylist())
        found["length"].update(_ratios(table, winner_N))
        kinds = pc.list_flatten(table["votes"].combine_chunks()).field("kind")
        found["raters"].update((kind or "unknown").replace("_", " ") for kind in kinds.to_pylist())
        names = ("row_id", "prompt", "response_a", "response_b")
        texts = zip(*(table[name].to_pylist() for name in names), strict=True)
        sample = sorted([*sample, *texts])[:SAMPLE]
    found["language"].update(_language(pairs.prompt_text(prompt), *said) for _, prompt, *said in sample)
    return found


def _ratios(table: pa.Table, winner_N: np.ndarray) -> list[str]:
    """In which class of lengths each decided row is."""
    a_N, b_N = (np.maximum(pc.utf8_length(table[f"response_{side}"]).to_numpy(), 1) for side in "ab")
    ratio_N = np.where(winner_N == "a", a_N / b_N, b_N / a_N)[np.isin(winner_N, ["a", "b"])]
    return [_RATIO_NAMES[place] for place in (np.searchsorted(_RATIOS, ratio_N, side="right") - 1).tolist()]


def _language(*texts: str) -> str:
    """Of all texts of a row together: one short text tells little."""
    import py3langid

    return str(py3langid.classify(" ".join(text[:1000] for text in texts))[0])


def shift(old: dict[str, Counter[str]], new: dict[str, Counter[str]]) -> list[dict[str, Any]]:
    """By property, the furthest apart first: its title, distance, and each value's count before and after."""
    found = []
    for name, title in PROPERTIES.items():
        before, after = old[name], new[name]
        values = sorted(before | after, key=lambda value: (-(before[value] + after[value]), value))
        shares = [(before[v] / max(before.total(), 1), after[v] / max(after.total(), 1)) for v in values]
        distance = sum(abs(one - other) for one, other in shares) / 2 if before and after else None
        found.append(
            {
                "property": name,
                "title": title,
                "distance": None if distance is None else round(distance, 4),
                "values": [{"name": value, "before": before[value], "after": after[value]} for value in values],
            }
        )
    return sorted(found, key=lambda row: -(row["distance"] or 0))
