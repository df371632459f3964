"""How much a few answers of people help, by how the pairs that they are asked about were chosen.

Data: convarg with 40 % of the labels turned round (`bench/_convarg.py`); the label before stands for a person's answer.
Every strategy of `curation.selection` chooses among the training pairs from texts and doubtful labels alone, the
answers take the place of the labels, and the same head is trained on all of them. An answer weighs as much as 1, 5 and
15 other labels: the bars are of all three. Beside them, without a bar, the other labels are mended by the same ensemble
that suspects them; then little is left to gain, and no strategy beats random asking.

Tested against the released gold of debates left out, five folds, five seeds. Random asking is the mean of three lots.
Intervals are of paired differences: debates and seeds are drawn whole, the same for both arms.

The influence strategy stands for error-driven asking in the bars: it asks where the labels drive the model into error.
Skywork's retrieval of neighbours of verified errors (``error_driven``) gains nothing over random asking here. That
choice, the limit of two pairs a text and asking in one round were made on seeds 100 to 102, whose flips and folds are
in no figure here; the debates are the same.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from bench import Figure, script
from bench import _convarg as convarg
from bench._convarg import Debates
from curation import pairs, selection
from curation.selection import Evidence
from curation.selection._measures import chance_wrong

RATE = 0.4
SEEDS = 5
BUDGETS = (0.0125, 0.025, 0.05, 0.1)
FULL, HALF = 0.05, 0.025
WEIGHTS = (1, 5, 15)
MEMBERS, PARTS = 4, 4  # of the ensemble, and of the data that its members leave out by turns
DRAWS = 3
ROUNDS = 4  # of error-driven asking: each asks the neighbours of errors among the answers before
OURS = "influence"
MENDED = ("random", "margin", "suspicion", OURS)


@dataclass(frozen=True)
class Trial:
    """One fold of one seed: N pairs to train on."""

    debates: Debates
    place_N: np.ndarray
    test_P: np.ndarray
    table: pa.Table
    label_N: np.ndarray
    truth_N: np.ndarray
    seed: int

    def trained(self, label_N: np.ndarray, weight_N: np.ndarray, use_N: np.ndarray | None = None) -> np.ndarray:
        """Rewards of all texts by a head that learned these labels."""
        columns = {"p_a": label_N, "p_b": 1 - label_N, "weight": weight_N}
        table = pairs.with_columns(self.table, columns)
        return self.debates.trained(table if use_N is None else table.take(pa.array(use_N)), self.seed)

    def margins(self, reward_S: np.ndarray) -> np.ndarray:
        first_N, second_N = self.debates.first_P[self.place_N], self.debates.second_P[self.place_N]
        return np.asarray(reward_S[first_N] - reward_S[second_N])

    def apart(self, label_N: np.ndarray, weight_N: np.ndarray, members: int = 1) -> np.ndarray:
        """(M, 2, N) rewards of both sides by members that did not learn from the row; all but the first drew rows."""
        rng = np.random.default_rng(self.seed)
        part_N = rng.integers(0, PARTS, len(label_N))
        found_M2N = np.empty((members, 2, len(label_N)))
        for member in range(members):
            for part in range(PARTS):
                use_N, own_N = np.flatnonzero(part_N != part), part_N == part
                drawn_N = rng.choice(use_N, len(use_N)) if member else use_N
                reward_S = self.trained(label_N, weight_N, drawn_N)
                for side, text_P in enumerate((self.debates.first_P, self.debates.second_P)):
                    found_M2N[member, side, own_N] = reward_S[text_P[self.place_N]][own_N]
        return found_M2N


def trial(debates: Debates, train_P: np.ndarray, test_P: np.ndarray, seed: int) -> Trial:
    flipped_P = convarg.flips(debates, RATE, seed)
    label_P = debates.clean_P != flipped_P
    place_N = np.flatnonzero(train_P)
    truth_N = debates.clean_P[place_N].astype(float)
    return Trial(
        debates, place_N, test_P, debates.table(train_P, label_P), label_P[place_N].astype(float), truth_N, seed
    )


def mended(of: Trial, label_N: np.ndarray, asked_N: np.ndarray, weight: float) -> tuple[np.ndarray, np.ndarray]:
    """Labels less what is suspicious of them, in two rounds, and how suspicious each is; answers stand."""
    weight_N, soft_N, wrong_N = np.where(asked_N, weight, 1.0), label_N, np.zeros(len(label_N))
    for _ in range(2):
        sides = of.apart(soft_N, weight_N)
        found_N, _ = chance_wrong(sides[:, 0] - sides[:, 1], np.where(asked_N, np.nan, label_N))
        wrong_N = np.nan_to_num(found_N)
        soft_N = np.abs(label_N - wrong_N)
    return soft_N, wrong_N


def evidence(of: Trial) -> Evidence:
    """All that the strategies go by, from texts and doubtful labels."""
    count, one_N = len(of.label_N), np.ones(len(of.label_N))
    nobody_N = np.zeros(count, dtype=bool)
    reward_M2N = of.apart(of.label_N, one_N, MEMBERS)
    soft_N, wrong_N = mended(of, of.label_N, nobody_N, 1.0)
    first_N, second_N = of.debates.first_P[of.place_N], of.debates.second_P[of.place_N]
    feature_N2D = np.stack([of.debates.vector_SD[first_N], of.debates.vector_SD[second_N]], axis=1).astype(np.float64)
    _, prompt_N = np.unique(of.table["prompt"].to_pylist(), return_inverse=True)
    mean_ND = feature_N2D.mean(axis=1)
    prompt_D = np.stack([mean_ND[prompt_N == prompt].mean(axis=0) for prompt in range(prompt_N.max() + 1)])
    return Evidence(
        asked_N=nobody_N,
        margin_MN=reward_M2N[:, 0] - reward_M2N[:, 1],
        reward_MN2=reward_M2N.transpose(0, 2, 1),
        feature_N2D=feature_N2D,
        prompt_ND=prompt_D[prompt_N],
        suspicion_N=wrong_N,
        label_N=of.label_N,
        present_N=of.margins(of.trained(of.label_N, one_N)),
        mended_N=of.margins(of.trained(soft_N, one_N)),
    )


def order(name: str, of: Trial, known: Evidence, size: int, seed: int) -> np.ndarray:
    """The rows that a strategy asks, the first first."""
    settings = {"near": "responses"} if name == "error_driven" else {}
    settings = selection.settings_with_defaults(name, settings)
    if name != "error_driven":
        return selection.get(name).choose(of.table, known, settings, size, seed).place_K
    # What is verified grows from round to round, the first of them drawn by lot.
    asked = selection.get("random").choose(of.table, known, {}, size // ROUNDS, seed).place_K
    for turn in range(1, ROUNDS):
        asked_N = np.isin(np.arange(len(of.label_N)), asked)
        label_N = np.where(asked_N, of.truth_N, of.label_N)
        sides = of.apart(label_N, np.where(asked_N, WEIGHTS[1], 1.0))
        now = replace(
            known,
            asked_N=asked_N,
            verified_N=np.where(asked_N, of.truth_N, np.nan),
            margin_MN=sides[:, 0] - sides[:, 1],
        )
        more = size * (turn + 1) // ROUNDS - len(asked)
        asked = np.concatenate([asked, selection.get(name).choose(of.table, now, settings, more, seed).place_K])
    return asked


def arms(of: Trial, budgets: tuple[float, ...], names: tuple[str, ...]) -> Iterator[tuple[Any, np.ndarray]]:
    """(strategy, budget, training) and `Debates.right` of it; random is the sum of its lots."""
    known, count = evidence(of), len(of.label_N)

    def after(name: str, budget: float, asked: np.ndarray) -> Iterator[tuple[Any, np.ndarray]]:
        asked_N = np.isin(np.arange(count), asked[: round(count * budget)])
        label_N = np.where(asked_N, of.truth_N, of.label_N)
        for weight in WEIGHTS if budget in (HALF, FULL) else WEIGHTS[1:2]:
            reward_S = of.trained(label_N, np.where(asked_N, float(weight), 1.0))
            yield (name, budget, f"weight {weight}"), of.debates.right(reward_S, of.test_P)
        if name in MENDED and budget in (HALF, FULL):
            soft_N, _ = mended(of, label_N, asked_N, WEIGHTS[1])
            reward_S = of.trained(soft_N, np.where(asked_N, float(WEIGHTS[1]), 1.0))
            yield (name, budget, "mended"), of.debates.right(reward_S, of.test_P)

    size = round(count * max(budgets))
    for name in names:
        for draw in range(DRAWS if name == "random" else 1):
            # Rounds are as many whatever the budget, so error-driven asking is done anew for each.
            whole = order(name, of, known, size, of.seed * 100 + draw) if name != "error_driven" else None
            for budget in budgets:
                asked = whole if whole is not None else order(name, of, known, round(count * budget), of.seed)
                yield from after(name, budget, asked)
    one_N, (soft_N, _) = np.ones(count), mended(of, of.label_N, np.zeros(count, dtype=bool), 1.0)
    for name, label_N in (("nobody", of.label_N), ("nobody, mended", soft_N), ("all", of.truth_N)):
        yield (name, 0.0, ""), of.debates.right(of.trained(label_N, one_N), of.test_P)


def measure(*, seed: int, quick: bool) -> list[Figure]:
    """The two bars, at each weight of an answer; then every strategy at every budget against random asking."""
    debates = convarg.load(0, topics=4 if quick else None)
    names = ("random", OURS) if quick else tuple(sorted(selection.names(), key=lambda name: name != "random"))
    budgets = (HALF, FULL) if quick else BUDGETS
    seeds = range(seed, seed + (1 if quick else SEEDS))
    found: dict[Any, np.ndarray] = {}  # seed, debate, (right, of how many)
    for number, own in enumerate(seeds):
        for fold, (train_P, test_P) in enumerate(convarg.folds(debates, own, 2 if quick else convarg.FOLDS)):
            for key, right_T2 in arms(trial(debates, train_P, test_P, own), budgets, names):
                found.setdefault(key, np.zeros((len(seeds), debates.topics, 2)))[number] += right_T2
            print(f"seed {own}, fold {fold + 1}", file=sys.stderr, flush=True)
    return figures(found, budgets, names, seed, bars=not quick)


def figures(
    found: dict[Any, np.ndarray], budgets: tuple[float, ...], names: tuple[str, ...], seed: int, *, bars: bool
) -> list[Figure]:
    def of(what: str, *keys: Any, figure: Callable[[np.ndarray], Any], **bar: Any) -> Figure:
        arms_KTA2 = np.stack([found[key] for key in keys], axis=2)
        return Figure(what, *convarg.interval(arms_KTA2, figure, seed), **bar)

    gain: Callable[[np.ndarray], float] = lambda accuracy_A: accuracy_A[0] - accuracy_A[1]  # noqa: E731
    trainings = [*(f"weight {weight}" for weight in WEIGHTS), "mended"]
    rows = []
    for training in trainings:
        ours, half, random = (OURS, FULL, training), (OURS, HALF, training), ("random", FULL, training)
        bar = {"bar": 0.0} if bars and training != "mended" else {}
        rows.append(gained := of(f"{OURS} less random, 5 % asked, {training}", ours, random, figure=gain))
        if bar:
            rows.append(Figure("lower end of that interval", gained.low or 0.0, **bar))
        rows.append(of(f"{OURS} at 2.5 % less random at 5 %, {training}", half, random, figure=gain, **bar))
    for name in ("nobody", "nobody, mended", "all"):
        rows.append(of(f"accuracy, answers of {name}", (name, 0.0, ""), figure=lambda accuracy_A: accuracy_A[0]))
    for training in trainings:
        for budget in budgets:
            own = [name for name in names if (name, budget, training) in found]
            if not own:
                continue
            label = f"{budget:.2%} asked, {training}"
            key = ("random", budget, training)
            rows.append(of(f"{label}: random, accuracy", key, figure=lambda accuracy_A: accuracy_A[0]))
            rows += [of(f"{label}: {name} less random", (name, budget, training), key, figure=gain) for name in own[1:]]
    return rows


if __name__ == "__main__":
    script(measure)
