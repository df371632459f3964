"""How much of what wrong labels cost each noise filter wins back, on debates that nobody trained on.

The labels of `bench._convarg` with 20, 30 and 40 % flipped at random, and with 30 % flipped in correlation with
length, in two ways. A filter sees texts and flipped labels: no votes, no reasons, no gold, no rate. Then the product's
own head is trained on what it made of them, and tested against the released gold of the debates left out: five folds
that leave whole debates out, five seeds. *Closed* is the share of the gap between training on the flipped and on the
clean labels. Intervals are paired: the same debates, drawn whole, and the same seeds for all arms.

Every filter runs with its defaults, the same at every noise level. Estimated within the training debates of each
fold, from flipped labels alone, are the flip rate, the weights of the kernels and the share that confident learning
and peer review drop. Not nested: the four kernels and the start of the search, which were chosen by how well the
other labels predict a label and flips are found with seeds 100 and 101; that labels become posterior probabilities,
by principle: on held-out flipped labels of training debates, six ways of using them differed by less than their
intervals; and that the flip rate may depend on how much there is to read, which was added after a run in which flips
by effort were found badly.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bench import Figure, script
from bench._convarg import Debates, auroc, flips, folds, interval, load

SEEDS = 5
OURS = "posterior_labels"
ARMS: dict[str, tuple[str, dict[str, Any]]] = {
    OURS: (OURS, {}),
    "posterior_labels, drop": (OURS, {"action": "drop"}),
    "label_issues (cleanlab)": ("label_issues", {}),
    "ensemble_strength, flip": ("ensemble_strength", {}),
    "ensemble_strength, drop": ("ensemble_strength", {"action": "drop"}),
    "ensemble_strength, margin": ("ensemble_strength", {"action": "margin"}),
    "training_dynamics": ("training_dynamics", {}),
    "peer_review (CRM)": ("peer_review", {}),
    "peer_review, told the rate": ("peer_review", {}),
    "two models, no review": ("peer_review", {"rounds": 0}),
}
KINDS = {
    "20 %": (0.2, ""),
    "30 %": (0.3, ""),
    "40 %": (0.4, ""),
    "30 %, effort": (0.3, "effort"),
    "30 %, lure": (0.3, "lure"),
}
TO_BEAT = [arm for arm in ARMS if not arm.startswith((OURS, "training_dynamics"))]
CLOSED_BAR = {"30 %": 0.6, "40 %": 0.6}
AUROC_BAR = {"20 %": 0.88, "30 %": 0.86, "40 %": 0.82}


@dataclass
class Found:
    """What the arms gave for one kind of noise: by arm, a row a seed."""

    right: dict[str, list[np.ndarray]] = field(default_factory=dict)  # (T, 2), see `Debates.right`
    auroc: dict[str, list[float]] = field(default_factory=dict)  # a fold and seed
    rate: list[float] = field(default_factory=list)  # of flips, as ours estimates it; a fold and seed


def measure(*, seed: int, quick: bool) -> list[Figure]:
    """Of every arm and noise: accuracy, share of the gap closed, AUROC of the flips; ours held against each other."""
    debates = load(0, 4 if quick else None)
    kinds = {name: KINDS[name] for name in ("30 %",)} if quick else KINDS
    figures = []
    for name, (rate, by) in kinds.items():
        found = Found()
        for one in range(seed, seed + (1 if quick else SEEDS)):
            flipped_P = flips(debates, rate, one, by=by)
            _add(found, debates, flipped_P, one, 2 if quick else 5)
            print(f"{name}: seed {one} done", flush=True)
        figures += report(name, found, seed, bars=not quick)
    return figures


def _add(found: Found, debates: Debates, flipped_P: np.ndarray, seed: int, count: int) -> None:
    """One seed of one kind of noise."""
    arms = ["noisy", "clean", *ARMS]
    right = {arm: np.zeros((debates.topics, 2)) for arm in arms}
    for train_P, test_P in folds(debates, seed, count):
        noisy = debates.table(train_P, debates.clean_P != flipped_P)
        for arm in arms:
            table = noisy
            if arm == "clean":
                table = debates.table(train_P, debates.clean_P)
            elif arm in ARMS:
                name, settings = ARMS[arm]
                told = {"rate": float(flipped_P.mean())} if arm.endswith("told the rate") else {}
                table, score_N = debates.curated(noisy, name, settings | told, seed)
                doubt_N = score_N if arm.startswith(OURS) else -score_N
                if arm == OURS:
                    found.rate.append(float(np.nanmean(score_N)))
                found.auroc.setdefault(arm, []).append(auroc(doubt_N, flipped_P[train_P]))
            right[arm] += debates.right(debates.trained(table, seed), test_P)
    for arm in arms:
        found.right.setdefault(arm, []).append(right[arm])


def report(name: str, found: Found, seed: int, *, bars: bool) -> list[Figure]:
    """The figures of one kind of noise."""
    arms = list(found.right)
    right_KTA2 = np.stack([np.stack(found.right[arm]) for arm in arms], axis=2)
    place = {arm: number for number, arm in enumerate(arms)}
    pairs = int(right_KTA2[0, :, 0, 1].sum())

    def figure(title: str, of: Any, **more: Any) -> Figure:
        value, low, high = interval(right_KTA2, of, seed)
        return Figure(f"{name}: {title}", value, low, high, n=pairs, **more)

    def bar(value: float | None) -> dict[str, float]:
        return {"bar": value} if bars and value is not None else {}

    noisy, clean, ours = (place[arm] for arm in ("noisy", "clean", OURS))
    figures = [figure(f"accuracy, {arm}", lambda a, arm=arm: a[place[arm]]) for arm in arms]
    for arm in ARMS:
        closed = CLOSED_BAR.get(name) if arm == OURS else None
        figures.append(
            figure(
                f"closed, {arm}",
                lambda a, arm=arm: (a[place[arm]] - a[noisy]) / (a[clean] - a[noisy] or np.nan),
                **bar(closed),
            )
        )
    gain = figure("gain over noisy, posterior_labels", lambda a: a[ours] - a[noisy])
    figures += [
        figure("gain over noisy, clean", lambda a: a[clean] - a[noisy]),
        gain,
        Figure(f"{gain.name}, low end", gain.low or 0.0, n=pairs, **bar(0.0 if name in AUROC_BAR else None)),
    ]
    for arm in ARMS:
        if not arm.startswith(OURS):
            lead = bar(0.0 if name in AUROC_BAR and arm in TO_BEAT else None)
            figures.append(figure(f"posterior_labels less {arm}", lambda a, arm=arm: a[ours] - a[place[arm]], **lead))
    low, high = np.quantile(found.rate, [0.025, 0.975])
    rate = float(np.mean(found.rate))
    figures.append(Figure(f"{name}: flips as estimated", rate, float(low), float(high), n=len(found.rate)))
    for arm, values in found.auroc.items():
        if arm != "posterior_labels, drop":
            low, high = np.quantile(values, [0.025, 0.975])
            found_bar = bar(AUROC_BAR.get(name) if arm == OURS else None)
            figures.append(
                Figure(
                    f"{name}: AUROC of flips, {arm}",
                    float(np.mean(values)),
                    float(low),
                    float(high),
                    n=len(values),
                    **found_bar,
                )
            )
    return figures


if __name__ == "__main__":
    script(measure)
