"""What each loss finds of the truth that made its labels: functions from a seed and a size to errors."""

import itertools
import math
from collections.abc import Callable

import torch

from bench._worlds import (
    ASPECTS,
    CUTS,
    NEW,
    WIDTH,
    aspect_world,
    best,
    drawn,
    fit,
    fit_raters,
    levels,
    linear_world,
    normal,
    outcome,
    pairs,
    ratings,
    tastes,
)
from rewardtrain.modeling.losses import (
    Facts,
    RankingBatch,
    bradley_terry_ties,
    ideal_point,
    noise_aware,
    ordinal,
    plackett_luce,
)


def flip_rates(g: torch.Generator, size: float) -> list[float]:
    """A first model is trained on one half, its anchors are read in the other."""
    count = int(40_000 * size)
    weight, a, b, _ = linear_world(g, count)
    truth = drawn((2 * (a - b) @ weight).sigmoid(), g)
    said = drawn(truth * 0.7 + (1 - truth) * 0.1, g)
    half = len(a) // 2
    first = fit("bradley_terry", pairs(a[:half], b[:half], outcome(said[:half])))
    found = noise_aware.flip_rates(first.reward(a[half:]) - first.reward(b[half:]), said[half:])
    return [abs(found[0] - 0.3), abs(found[1] - 0.1)]


def tie_width(g: torch.Generator, size: float) -> list[float]:
    """Relative error of Rao and Kupper's k, by the likelihood over a grid of its logarithm."""
    _, a, b, delta = linear_world(g, int(8000 * size))
    chances = bradley_terry_ties.probabilities(delta, {"k": 5.0})
    target = torch.nn.functional.one_hot(torch.multinomial(chances, 1, generator=g)[:, 0], 3).double()
    batch = pairs(a, b, target)

    def loss(log_k: float) -> float:
        model = fit("bradley_terry_ties", batch, ridge=0, k=math.exp(log_k))
        return float(model.objective.label_losses(batch(model.head)).mean().detach())

    return [abs(math.exp(best([1.0, 1.3, 1.6, 1.9, 2.2], loss)) / 5 - 1)]


def tie_weight(g: torch.Generator, size: float) -> list[float]:
    """Relative error of Davidson and Luce's nu, from rankings of four."""
    count = int(2000 * size)
    weight, vectors = linear_world(g, 0)[0], normal(g, count, 4, WIDTH)
    rankings = [r for r in itertools.product(range(4), repeat=4) if set(r) == set(range(max(r) + 1))]
    rank_RM = torch.tensor(rankings)
    reward_LRM = (vectors @ weight)[:, None, :].expand(count, len(rankings), 4)
    everything = RankingBatch(reward_LRM.reshape(-1, 4, 1), rank_RM.repeat(count, 1))
    log_p = -plackett_luce.label_losses(everything, {"nu": 0.8}).reshape(count, -1)
    seen = rank_RM[torch.multinomial(log_p.exp(), 1, generator=g)[:, 0]]

    def batch(head: torch.nn.Module) -> RankingBatch:
        return RankingBatch(head(vectors), seen)

    def loss(log_nu: float) -> float:
        model = fit("plackett_luce", batch, ridge=0, nu=math.exp(log_nu))
        return float(model.objective.label_losses(batch(model.head)).mean().detach())

    return [abs(math.exp(best([-0.8, -0.5, -0.2, 0.1, 0.4], loss)) / 0.8 - 1)]


def procrustes(g: torch.Generator, size: float) -> list[float]:
    """Root mean square distance of ideal points after the best turn and shift, as a share of their spread."""
    point, rater, a, b, delta = tastes(g, 15, int(250 * max(size, 0.5)))
    model = fit_raters("ideal_point", pairs(a, b, outcome(drawn(delta.sigmoid(), g)), rater=rater), 15)
    found = ideal_point.points(model.objective.learned).detach()
    found, truth = found - found.mean(dim=0), point - point.mean(dim=0)
    u, _, v = torch.linalg.svd(found.T @ truth)
    return [float((found @ u @ v - truth).square().mean().sqrt() / truth.square().mean().sqrt())]


def aspect_weights(g: torch.Generator, size: float) -> list[float]:
    a, b, dimension, _, target, weight_K = aspect_world(g, int(4000 * size), int(8000 * size))
    model = fit("aspect_pairs", pairs(a, b, target, dimension=dimension), ASPECTS, ridge=0)
    found = torch.nn.functional.softplus(model.objective.learned.raw_K.detach())
    return (found - weight_K).abs().tolist()


def cut_points(g: torch.Generator, size: float) -> list[float]:
    weight, a, _, _ = linear_world(g, int(8000 * size))
    batch = ratings(a, levels(a @ weight, g), torch.arange(len(a)))
    model = fit("ordinal", batch, Facts(levels=len(CUTS) + 1), ridge=0)
    found = ordinal.cut_points(model.objective.learned)[0].detach()
    return (found - torch.tensor(CUTS, dtype=torch.float64)).abs().tolist()


def deviations(g: torch.Generator, size: float) -> list[float]:
    """Mean error of log sigma, which is a map of the vectors as the mean is."""
    _, a, b, delta = linear_world(g, int(25_000 * size))
    doubt = 1.2 * torch.nn.functional.normalize(normal(g, WIDTH), dim=0)
    spread = ((2 * a @ doubt).exp() + (2 * b @ doubt).exp()).sqrt()
    win = drawn((delta + spread * normal(g, len(delta))).sigmoid(), g)
    model = fit("gaussian", pairs(a, b, outcome(win)), ridge=0)
    with torch.no_grad():
        found = model.objective.deviation(model.head(a)).log()
    return [float((found - a @ doubt).abs().mean())]


def threshold(g: torch.Generator, size: float) -> list[float]:
    weight, a, _, _ = linear_world(g, int(8000 * size))
    batch = ratings(a, drawn((a @ weight - 0.8).sigmoid(), g), torch.arange(len(a)))
    model = fit("pointwise_binary", batch, ridge=0, pair_weight=0)
    return [abs(float(model.objective.learned.threshold.detach()) - 0.8)]


def step_chances(g: torch.Generator, size: float) -> list[float]:
    a, map_DK = normal(g, int(8000 * size) + NEW, WIDTH), normal(g, WIDTH, 3)
    label = torch.multinomial((a @ map_DK).softmax(dim=1), 1, generator=g)[:, 0].double()
    model = fit("step", ratings(a, label, torch.arange(len(a))), ridge=0)
    with torch.no_grad():
        return [float((model.head(a).softmax(dim=1) - (a @ map_DK).softmax(dim=1)).abs().mean())]


def error_chances(g: torch.Generator, size: float) -> list[float]:
    a, map_DK = normal(g, int(8000 * size) + NEW, WIDTH), normal(g, WIDTH, 2)
    chance = (a @ map_DK - 2.5).sigmoid()
    model = fit("span", ratings(a, drawn(chance, g), torch.arange(len(a))), Facts(("facts", "tone")), ridge=0)
    with torch.no_grad():
        return [float(((1 - model.objective.aspects(model.head(a))) / 2 - chance).abs().mean())]


RECOVERIES: list[tuple[str, float, Callable[[torch.Generator, float], list[float]]]] = [
    ("noise_aware: error of flip rates", 0.03, flip_rates),
    ("bradley_terry_ties: relative error of k", 0.1, tie_width),
    ("plackett_luce: relative error of nu", 0.1, tie_weight),
    ("ideal_point: Procrustes error", 0.15, procrustes),
    ("aspect_pairs: error of weights", 0.05, aspect_weights),
    ("ordinal: error of cut points", 0.1, cut_points),
    ("gaussian: error of log sigma", 0.15, deviations),
    ("pointwise_binary: error of the threshold", 0.1, threshold),
    ("step: error of chances", 0.03, step_chances),
    ("span: error of chances", 0.03, error_chances),
]
