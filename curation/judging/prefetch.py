"""Scores and likelihoods of many cases in one batch: a model that is loaded once a case would be loaded for hours.

Judges that need no language-model server do not look at what a score is before they ask for the next one, so a first
pass with zeros tells all that they will ask. Pure: knows no Django.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from curation.judges import Case, Judge, Tools

Asked = dict[tuple[str, str], int]  # (prompt, text) -> place


def prefetched(judge: Judge, cases: Iterable[Case], tools: Tools) -> Tools:
    """Tools whose ``score`` and ``likelihood`` know what the judge asks about the cases; each model is called once."""
    scored: dict[str, Asked] = {}
    measured: dict[str, Asked] = {}

    def note(asked: dict[str, Asked]) -> Callable[[str, Sequence[str], Sequence[str]], np.ndarray]:
        def noted(model: str, prompts: Sequence[str], texts: Sequence[str]) -> np.ndarray:
            places = asked.setdefault(model, {})
            for pair in zip(prompts, texts, strict=True):
                places.setdefault(pair, len(places))
            return np.zeros(len(texts))

        return noted

    score, likelihood = note(scored), note(measured)
    dry = replace(tools, score=score, likelihood=lambda *given: (likelihood(*given), np.ones(len(given[1]))))
    for case in cases:
        judge.judge(case, dry)
    rewards = {model: tools.score(model, *zip(*places, strict=True)) for model, places in scored.items()}
    nats = {model: tools.likelihood(model, *zip(*places, strict=True)) for model, places in measured.items()}

    def places_of(asked: Asked, prompts: Sequence[str], texts: Sequence[str]) -> list[int]:
        return [asked[pair] for pair in zip(prompts, texts, strict=True)]

    def known_score(model: str, prompts: Sequence[str], texts: Sequence[str]) -> np.ndarray:
        return np.asarray(rewards[model])[places_of(scored[model], prompts, texts)]

    def known_likelihood(model: str, prompts: Sequence[str], texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        at = places_of(measured[model], prompts, texts)
        return np.asarray(nats[model][0])[at], np.asarray(nats[model][1])[at]

    return replace(tools, score=known_score, likelihood=known_likelihood)
