"""The text that says best what all say: the one nearest to the others (their medoid).

Texts cannot be averaged, but one of them can stand for them. Distances are those of text embeddings, where an encoder
is given, else of shared words (1 - F1, as agreement on critiques is measured). Kaufman and Rousseeuw 1990 (k-medoids).
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from annotate import feedback
from annotate.feedback import Reading
from curation.aggregation import Agreed, Embed, ValueConsensus

TITLE = "Medoid text"
SUMMARY = "Of all that was written about a response, the text nearest to the others; for critiques."
TAKES = "texts"


def combine(readings: Sequence[Reading], *, seed: int = 0, embed: Embed | None = None) -> ValueConsensus:
    """One of the texts a unit, with its rater; ``seed`` is not used.

    The confidence is 1 less the mean distance to the others (half the cosine distance with ``embed``); 0 where there
    is one text. A rater's reliability is the same of their own texts.
    """
    written: dict[tuple[str, str, str], dict[str, str]] = defaultdict(dict)
    for reading in readings:
        if isinstance(reading.content, str) and reading.content.strip():
            written[reading[:3]][reading.rater] = reading.content
    vectors = _vectors(written, embed)
    agreed: list[Agreed] = []
    near: dict[str, list[float]] = defaultdict(list)
    for unit, by_rater in sorted(written.items()):
        raters = sorted(by_rater, key=lambda rater: (by_rater[rater], rater))
        texts = [by_rater[rater] for rater in raters]
        mean = _mean_distances(texts, vectors)
        best = int(np.argmin(np.round(mean, 9)))
        for rater, distance in zip(raters, mean.tolist(), strict=True):
            near[rater] += [1 - distance] * (len(texts) > 1)
        sure = 1 - float(mean[best]) if len(texts) > 1 else 0.0
        agreed.append(Agreed(unit, {"text": texts[best], "rater": raters[best]}, sure, len(texts)))
    reliability = {rater: float(np.clip(np.mean(own), 0, 1)) for rater, own in sorted(near.items()) if own}
    return ValueConsensus(agreed, reliability, {"distance": "embeddings" if embed else "shared words"})


def _vectors(written: Any, embed: Embed | None) -> dict[str, np.ndarray]:
    if embed is None:
        return {}
    texts = sorted({text for by_rater in written.values() for text in by_rater.values()})
    return dict(zip(texts, np.asarray(embed(texts), dtype=np.float64), strict=True)) if texts else {}


def _mean_distances(texts: Sequence[str], vectors: dict[str, np.ndarray]) -> np.ndarray:
    """Mean distance of each text to the others, in [0, 1]."""
    others = max(len(texts) - 1, 1)
    if vectors:
        unit = np.stack([vectors[text] for text in texts])
        distances = np.clip((1 - unit @ unit.T) / 2, 0, 1)
        np.fill_diagonal(distances, 0)
    else:
        measure: Any = feedback.get("critique").text_distance  # type: ignore[attr-defined]
        distances = np.array([[measure(x, y) if x != y else 0.0 for y in texts] for x in texts])
    return np.asarray(distances.sum(axis=1) / others)
