"""What each loss recovers of a truth that made its labels, and how often it is right beside plain Bradley–Terry.

Everything is generated: vectors stand for responses, a linear or two-layer head for the model, and the labels are
drawn from a known truth. The first figures are errors of what a loss claims to find. Then every method meets plain
Bradley–Terry on the same data twice: where its assumption holds, and where it does not. Accuracy is the share of new
pairs put in their true order, the gain is over Bradley–Terry within the same seed, in percentage points, and intervals
are those of the mean over seeds (95 %, Student). A gain says what an assumption is worth when true, and what it costs
when false; it says nothing of how often it is true of people.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from scipy import stats

from bench import Figure, script
from rewardtrain import settings
from rewardtrain.modeling import heads, losses, penalties
from rewardtrain.modeling.aggregate import aggregate
from rewardtrain.modeling.losses import (
    Facts,
    PairBatch,
    RankingBatch,
    RatingBatch,
    bradley_terry_ties,
    ideal_point,
    noise_aware,
    ordinal,
    plackett_luce,
)
from rewardtrain.modeling.objective import Objective
from rewardtrain.modeling.peer_review import kept, picks

WIDTH, NEW = 8, 4000
PLAIN = Facts()
Batch = Callable[[torch.nn.Module], Any]


def measure(*, seed: int, quick: bool) -> list[Figure]:
    """Errors of recovery, then accuracy and gain of each method in both worlds."""
    torch.set_num_threads(1)  # tensors are small: with more threads most of the time is spent waiting
    seeds = range(seed, seed + (2 if quick else 5))
    figures = []
    for name, bar, recover in RECOVERIES:
        errors = [value for one in seeds for value in recover(seeded(one), 0.2 if quick else 1.0)]
        figures.append(over(name, errors, bar=None if quick else bar, smaller_is_better=True))
    for name, contest in CONTESTS.items():
        for holds in (True, False):
            results = [contest(seeded(one), holds) for one in seeds]
            label = f"{name}, {'true' if holds else 'false'}"
            figures.append(over(f"{label}: accuracy", [100 * own for own, _ in results], unit="%"))
            figures.append(over(f"{label}: gain", [100 * (own - plain) for own, plain in results], unit="points"))
    for name, effect in EFFECTS:
        figures.append(over(name, [effect(seeded(one)) for one in seeds]))
    return figures


def over(name: str, values: Sequence[float], **more: Any) -> Figure:
    """The mean over seeds with its interval."""
    tensor = torch.tensor(values, dtype=torch.float64)
    reach = float(stats.t.ppf(0.975, len(values) - 1) * tensor.std() / math.sqrt(len(values)))
    mean = float(tensor.mean())
    return Figure(name, mean, mean - reach, mean + reach, n=len(values), **more)


def seeded(seed: int) -> torch.Generator:
    torch.manual_seed(seed)
    return torch.Generator().manual_seed(seed)


# Data, and one way of fitting for everything


def normal(g: torch.Generator, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=g)


def drawn(chance: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    return torch.bernoulli(chance, generator=g)


def outcome(win_P: torch.Tensor) -> torch.Tensor:
    """target_P3 where a won or lost."""
    return torch.stack([win_P, torch.zeros_like(win_P), 1 - win_P], dim=1)


def pairs(a: torch.Tensor, b: torch.Tensor, target: torch.Tensor, margin: Any = 0.0, **columns: Any) -> Batch:
    margin_P = torch.as_tensor(margin, dtype=torch.float64).expand(len(a))
    return lambda head: PairBatch(head(a), head(b), target, margin_P, a, b, columns)


def ratings(vectors: torch.Tensor, value: torch.Tensor, item: torch.Tensor) -> Batch:
    return lambda head: RatingBatch(head(vectors), value.reshape(len(vectors), -1), item, vectors)


class Fitted:
    """A head and its loss after training, as `rewardtrain` would put them together."""

    def __init__(self, name: str, width: int, facts: Facts, head: str, chosen: dict[str, Any]) -> None:
        complete = settings.complete(losses.get(name).SETTINGS, chosen, name)
        self.objective = Objective(name, complete, facts, width).double()
        self.head = heads.get(head).build(width, self.objective.outputs).double()

    def reward(self, vectors: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            return self.objective.reward(self.head(vectors))


def fit(
    name: str,
    batch: Batch,
    facts: Facts = PLAIN,
    *,
    width: int = WIDTH,
    head: str = "linear",
    ridge: float = 1e-3,
    extra: Callable[[Any, torch.Tensor, torch.Tensor], torch.Tensor] | None = None,
    **chosen: Any,
) -> Fitted:
    """Trained to the least loss (L-BFGS; Adam for networks) with a small ridge on the head, the same for all."""
    model = Fitted(name, width, facts, head, chosen)
    parameters = [*model.head.parameters(), *model.objective.parameters()]
    small_steps = name == "variational" or head == "mlp"
    optimizer: torch.optim.Optimizer = torch.optim.Adam(parameters, lr=0.01)
    if not small_steps:
        optimizer = torch.optim.LBFGS(parameters, max_iter=150, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        found = batch(model.head)
        loss = model.objective.label_losses(found)
        if extra is not None:
            loss = loss + extra(found, *(model.objective.reward(out) for out in (found.out_a_PK, found.out_b_PK)))
        value = loss.mean() + ridge * sum(weight.square().sum() for weight in model.head.parameters())
        value.backward()
        return value

    for _ in range(400 if small_steps else 1):
        optimizer.step(closure)
    model.objective.eval()
    return model


def right(delta: torch.Tensor, truth: torch.Tensor) -> float:
    return float(((delta > 0) == (truth > 0)).double().mean())


def accuracy(model: Fitted, a: torch.Tensor, b: torch.Tensor, truth: torch.Tensor) -> float:
    return right(model.reward(a) - model.reward(b), truth)


def linear_world(g: torch.Generator, count: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """(weight, a, b, delta): rewards that are a map of the vectors."""
    weight = 2 * torch.nn.functional.normalize(normal(g, WIDTH), dim=0)
    a, b = normal(g, 2, count + NEW, WIDTH)
    return weight, a, b, (a - b) @ weight


# What a loss finds: errors


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


def best(grid: Sequence[float], loss: Callable[[float], float]) -> float:
    """The least of a parabola through the best point of the grid and its neighbours."""
    values = [loss(x) for x in grid]
    at = min(max(1, values.index(min(values))), len(grid) - 2)
    (x0, x1, x2), (y0, y1, y2) = grid[at - 1 : at + 2], values[at - 1 : at + 2]
    top = (x1 - x0) ** 2 * (y1 - y2) - (x1 - x2) ** 2 * (y1 - y0)
    return x1 - top / (2 * ((x1 - x0) * (y1 - y2) - (x1 - x2) * (y1 - y0)))


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


def tastes(
    g: torch.Generator, raters: int, each: int, sharpness: float = 3.0
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """(points, rater, a, b, delta): points near three corners, and distances in two hidden dimensions."""
    corners = torch.tensor([[1.5, 0.0], [-0.75, 1.3], [-0.75, -1.3]], dtype=torch.float64)
    point_R2 = torch.eye(3, dtype=torch.float64)[torch.arange(raters) % 3]
    share = torch.rand(raters, 3, dtype=torch.float64, generator=g)
    point_R2 = (0.7 * point_R2 + 0.3 * share / share.sum(dim=1, keepdim=True)) @ corners
    hidden = torch.linalg.qr(normal(g, WIDTH, 2)).Q
    rater = torch.arange(raters).repeat_interleave(each)
    a, b = normal(g, 2, raters * each, WIDTH)
    own = point_R2[rater]
    delta = sharpness * ((b @ hidden - own).norm(dim=1) - (a @ hidden - own).norm(dim=1))
    return sharpness * point_R2, rater, a, b, delta


def procrustes(g: torch.Generator, size: float) -> list[float]:
    """Root mean square distance of ideal points after the best turn and shift, as a share of their spread."""
    point, rater, a, b, delta = tastes(g, 15, int(250 * max(size, 0.5)))
    model = fit_raters("ideal_point", pairs(a, b, outcome(drawn(delta.sigmoid(), g)), rater=rater), 15)
    found = ideal_point.points(model.objective.learned).detach()
    found, truth = found - found.mean(dim=0), point - point.mean(dim=0)
    u, _, v = torch.linalg.svd(found.T @ truth)
    return [float((found @ u @ v - truth).square().mean().sqrt() / truth.square().mean().sqrt())]


def fit_raters(name: str, batch: Batch, raters: int, **chosen: Any) -> Fitted:
    """The better of two starts, as the loss of ideal points has hollows."""
    facts = Facts(raters=tuple(map(str, range(raters))))
    if name == "ideal_point":
        chosen = {"size": 2, "prototypes": 3, **chosen}
    models = [fit(name, batch, facts, ridge=1e-4, **chosen) for _ in range(2)]
    return min(models, key=lambda model: float(model.objective.label_losses(batch(model.head)).mean().detach()))


def aspect_weights(g: torch.Generator, size: float) -> list[float]:
    a, b, dimension, _, target, weight_K = aspect_world(g, int(4000 * size), int(8000 * size))
    model = fit("aspect_pairs", pairs(a, b, target, dimension=dimension), ASPECTS, ridge=0)
    found = torch.nn.functional.softplus(model.objective.learned.raw_K.detach())
    return (found - weight_K).abs().tolist()


ASPECTS = Facts(("overall", "clarity", "truth", "style"))


def aspect_world(
    g: torch.Generator, whole: int, single: int, related: bool = True
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """(a, b, dimension, delta, target, weights): the first ``whole`` pairs are about "overall"."""
    count = whole + single
    a, b = normal(g, 2, count, WIDTH)
    map_DK, weight_K = normal(g, WIDTH, 3), torch.tensor([0.9, 0.5, 0.1], dtype=torch.float64)
    aspect = (a - b) @ map_DK
    overall = aspect @ weight_K if related else (a - b) @ normal(g, WIDTH)
    dimension = torch.cat([torch.zeros(whole), 1 + torch.arange(single) % 3]).long()
    delta = torch.cat([overall[:, None], aspect], dim=1).gather(1, dimension[:, None])[:, 0]
    return a, b, dimension, delta, outcome(drawn(delta.sigmoid(), g)), weight_K


CUTS = [-2.0, -1.5, 0.5, 3.0]


def levels(quality: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    cut = torch.tensor(CUTS, dtype=torch.float64)
    return (quality[:, None] + logistic_noise(g, len(quality))[:, None] > cut).sum(dim=1).double()


def logistic_noise(g: torch.Generator, count: int) -> torch.Tensor:
    return torch.rand(count, dtype=torch.float64, generator=g).clamp(1e-9, 1 - 1e-9).logit()


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


# Beside Bradley-Terry: (own accuracy, its accuracy) where the assumption holds, and where it does not


def split(*tensors: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Each cut into what is trained on and the NEW last."""
    return [(tensor[:-NEW], tensor[-NEW:]) for tensor in tensors]


def contest(
    name: str,
    a: torch.Tensor,
    b: torch.Tensor,
    delta: torch.Tensor,
    target: torch.Tensor,
    margin: Any = 0.0,
    **chosen: Any,
) -> tuple[float, float]:
    """Two fits on the same pairs, judged on the same new ones."""
    (a, new_a), (b, new_b), (_, new_delta) = split(a, b, delta)
    batch = pairs(a, b, target[: len(a)], margin)
    plain = fit("bradley_terry", batch, margin_scale=0)
    return tuple(accuracy(model, new_a, new_b, new_delta) for model in (fit(name, batch, **chosen), plain))  # type: ignore[return-value]


def noisy(method: str, g: torch.Generator, holds: bool) -> tuple[float, float]:
    """a comes from a better model than b, which is where unequal flips mislead; false: nothing is flipped."""
    weight, a, b, _ = linear_world(g, 2000)
    a[:-NEW] += weight / 2
    delta = (a - b) @ weight
    truth = drawn(delta.sigmoid(), g)
    said = drawn(truth * 0.6 + (1 - truth) * 0.05, g) if holds else truth
    return contest("noise_aware", a, b, delta, outcome(said), rho01=0.4, rho10=0.05, method=method)


def ties(g: torch.Generator, holds: bool) -> tuple[float, float]:
    """False: a third of the pairs are ties by chance, however far apart."""
    _, a, b, delta = linear_world(g, 300)
    chances = bradley_terry_ties.probabilities(delta, {"k": 5.0})
    if not holds:
        win = delta.sigmoid() * 2 / 3
        chances = torch.stack([win, torch.full_like(win, 1 / 3), 2 / 3 - win], dim=1)
    target = torch.nn.functional.one_hot(torch.multinomial(chances, 1, generator=g)[:, 0], 3).double()
    return contest("bradley_terry_ties", a, b, delta, target)


def lists(g: torch.Generator, holds: bool) -> tuple[float, float]:
    """Rankings of six beside all their pairs; false: people err more about some responses than others."""
    weight, a, b, delta = linear_world(g, 0)
    vectors = normal(g, 60, 6, WIDTH)
    noise = -(-torch.rand(60, 6, dtype=torch.float64, generator=g).log()).log()
    if not holds:
        noise = (vectors @ normal(g, WIDTH)).exp() * normal(g, 60, 6)
    rank = (vectors @ weight + noise).argsort(dim=1, descending=True).argsort(dim=1)
    model = fit("plackett_luce", lambda head: RankingBatch(head(vectors), rank), nu=1e-6)
    first, second = torch.combinations(torch.arange(6)).T
    won = (rank[:, first] < rank[:, second]).double().reshape(-1)
    plain = fit("bradley_terry", pairs(*(vectors[:, i].reshape(-1, WIDTH) for i in (first, second)), outcome(won)))
    return accuracy(model, a, b, delta), accuracy(plain, a, b, delta)


def doubts(g: torch.Generator, holds: bool) -> tuple[float, float]:
    """False: people doubt all responses alike."""
    _, a, b, delta = linear_world(g, 2000)
    doubt = 1.2 * torch.nn.functional.normalize(normal(g, WIDTH), dim=0)
    spread = ((2 * a @ doubt).exp() + (2 * b @ doubt).exp()).sqrt() if holds else torch.full_like(delta, 1.4)
    return contest("gaussian", a, b, delta, outcome(drawn((delta + spread * normal(g, len(delta))).sigmoid(), g)))


def level_pairs(g: torch.Generator, holds: bool) -> tuple[float, float]:
    """Pairs compared by levels of which many are equal; false: labels of Bradley and Terry's own model."""
    weight, a, b, delta = linear_world(g, 600)
    if not holds:
        return contest("ordinal_pairs", a, b, delta, outcome(drawn(delta.sigmoid(), g)), levels=5)
    level_a, level_b = levels(a @ weight, g), levels(b @ weight, g)
    target = torch.stack([level_a > level_b, level_a == level_b, level_a < level_b], dim=1).double()
    return contest("ordinal_pairs", a, b, delta, target, levels=5)


def rated(
    name: str,
    value: Callable[[torch.Tensor, torch.Generator], torch.Tensor],
    facts: Facts,
    g: torch.Generator,
    holds: bool,
) -> tuple[float, float]:
    """Three responses a prompt; Bradley–Terry learns from the pairs within it. False: prompts are judged unlike."""
    weight, a, b, delta = linear_world(g, 0)
    vectors, item = normal(g, 600, WIDTH), torch.arange(600) // 3
    quality = vectors @ weight + (0.0 if holds else 3 * normal(g, 200)[item])
    seen = value(quality, g)
    if not holds:  # vectors know the prompt, as a model does
        vectors = vectors + 1.5 * normal(g, 200, WIDTH)[item]
    model = fit(name, ratings(vectors, seen, item), facts)
    first, second = (torch.cat([torch.arange(0, 600, 3) + i for i in places]) for places in ((0, 0, 1), (1, 2, 2)))
    target = outcome(((seen[first] - seen[second]).sign() + 1) / 2)
    plain = fit("bradley_terry", pairs(vectors[first], vectors[second], target))
    return accuracy(model, a, b, delta), accuracy(plain, a, b, delta)


def verdicts(quality: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    return drawn(quality.sigmoid(), g)


def few_whole_verdicts(g: torch.Generator, holds: bool) -> tuple[float, float]:
    """100 whole verdicts and 1500 on aspects; false: aspects have nothing to do with the whole."""
    a, b, dimension, delta, target, _ = aspect_world(g, 100 + NEW, 1500, related=holds)
    new, rest = slice(0, NEW), slice(NEW, None)
    model = fit("aspect_pairs", pairs(a[rest], b[rest], target[rest], dimension=dimension[rest]), ASPECTS)
    whole = slice(NEW, NEW + 100)
    plain = fit("bradley_terry", pairs(a[whole], b[whole], target[whole]))
    return accuracy(model, a[new], b[new], delta[new]), accuracy(plain, a[new], b[new], delta[new])


def gated(g: torch.Generator, holds: bool) -> tuple[float, float]:
    """How aspects count depends on the prompt; 150 prompts of two responses. False: the whole is something else."""
    vectors = torch.cat([normal(g, 150 + NEW, 2)[:, None].expand(-1, 2, 2), normal(g, 150 + NEW, 2, WIDTH - 2)], dim=2)
    aspect = vectors[:, :, 2:] @ normal(g, WIDTH - 2, 3)
    gate = (3 * vectors[:, :, :2] @ normal(g, 2, 3)).softmax(dim=2)
    whole = 2 * (gate * aspect).sum(dim=2) if holds else vectors[:, :, 2:] @ normal(g, WIDTH - 2)
    seen = torch.cat([whole[:, :, None], aspect], dim=2) + 0.5 * normal(g, 150 + NEW, 2, 4)
    kept_, item = slice(0, 150), torch.arange(150).repeat_interleave(2)
    facts = Facts(("overall", "clarity", "truth", "style"))
    batch = ratings(vectors[kept_].reshape(-1, WIDTH), seen[kept_].reshape(-1, 4), item)
    model = fit("multi_aspect", batch, facts, head="mlp", gate_temperature=1.0)
    won = (seen[kept_, 0, 0] > seen[kept_, 1, 0]).double()
    plain = fit("bradley_terry", pairs(vectors[kept_, 0], vectors[kept_, 1], outcome(won)), head="mlp")
    a, b, delta = vectors[150:, 0], vectors[150:, 1], (whole[:, 0] - whole[:, 1])[150:]
    return accuracy(model, a, b, delta), accuracy(plain, a, b, delta)


def margins(g: torch.Generator, holds: bool) -> tuple[float, float]:
    """People flip close pairs more than the model of pairs allows; false: the margins are made up."""
    _, a, b, delta = linear_world(g, 400)
    close = drawn((1 - delta.abs()).clamp(0, 1) / 2, g)
    win = (delta.sign() + 1) / 2
    win = (win - close).abs()
    margin = delta.abs() if holds else delta.abs()[torch.randperm(len(delta), generator=g)]
    signed = margin[:-NEW] * (2 * win[:-NEW] - 1)
    return contest("margin_weighted", a, b, delta, outcome(win), signed, w=4.0)


def personal(name: str, g: torch.Generator, holds: bool) -> tuple[float, float]:
    """Newcomers placed by 15 pairs, judged on 200 more each; false: everyone wants the same."""
    raters, each, new = 30, 60, 6
    _, rater, a, b, delta = tastes(g, raters + new, 215)
    if not holds:
        weight = 2 * torch.nn.functional.normalize(normal(g, WIDTH), dim=0)
        delta = (a - b) @ weight
    target = outcome(drawn(delta.sigmoid(), g))
    known = (rater < raters) & (torch.arange(len(rater)) % 215 < each)
    batch = pairs(a[known], b[known], target[known], rater=rater[known])
    if name == "ideal_point":
        model = fit_raters(name, batch, raters)
    else:

        def some(head: torch.nn.Module) -> PairBatch:
            at = torch.isin(rater, torch.randperm(raters, generator=g)[:6]) & known
            return pairs(a[at], b[at], target[at], rater=rater[at])(head)

        model = fit(name, some, size=8, latent=2, hidden=16)
    plain = fit("bradley_terry", batch)
    loss, own = model.objective.loss, (model.objective.settings, model.objective.learned)
    scores = []
    for newcomer in range(raters, raters + new):
        at = (rater == newcomer).nonzero()[:, 0]
        shown, rest = at[:15], at[15:]
        with torch.no_grad():
            vector = loss.place(pairs(a[shown], b[shown], target[shown])(model.head), *own)
            reward_a, reward_b = (loss.reward_for(model.head(side[rest]), vector, *own) for side in (a, b))
        scores.append((right(reward_a - reward_b, delta[rest]), accuracy(plain, a[rest], b[rest], delta[rest])))
    means = torch.tensor(scores, dtype=torch.float64).mean(dim=0)
    return float(means[0]), float(means[1])


def chains(g: torch.Generator, holds: bool) -> tuple[float, float]:
    """Step labels and the least step, beside whole verdicts on the mean vector; false: the mean step counts."""
    weight = 2 * torch.nn.functional.normalize(normal(g, WIDTH), dim=0)
    steps = normal(g, 2, 150 + NEW, 5, WIDTH)
    quality = (steps @ weight).sigmoid()
    truth = quality.amin(dim=2) if holds else (steps @ weight).mean(dim=2)
    delta = truth[0] - truth[1]
    won = (delta[:150] > 0).double()
    plain = fit("bradley_terry", pairs(steps[0, :150].mean(dim=1), steps[1, :150].mean(dim=1), outcome(won)))
    seen = steps[:, :150].reshape(-1, WIDTH)
    batch = ratings(seen, drawn(quality[:, :150].reshape(-1), g), torch.arange(len(seen)))
    model = fit("step", batch, Facts(levels=2))
    scored = [model.reward(side[150:].reshape(-1, WIDTH)).reshape(-1, 5).tolist() for side in steps]
    least = [torch.tensor([aggregate(row, "min") for row in rows]) for rows in scored]
    own = right(least[0] - least[1], delta[150:])
    return own, accuracy(plain, steps[0, 150:].mean(dim=1), steps[1, 150:].mean(dim=1), delta[150:])


def reviewed(g: torch.Generator, holds: bool) -> tuple[float, float]:
    """Two small networks that pick for each other, beside the same two without; false: no label is wrong."""
    _, a, b, delta = linear_world(g, 600)
    (a, new_a), (b, new_b), (delta, new_delta) = split(a, b, 2 * delta)
    won = drawn(delta.sigmoid(), g)
    if holds:
        won = (won - drawn(torch.full_like(won, 0.3), g)).abs()
    answers = []
    for review in (True, False):
        models = [Fitted("bradley_terry", WIDTH, Facts(), "mlp", {}) for _ in range(2)]
        optimizers = [torch.optim.Adam(model.head.parameters(), lr=5e-3) for model in models]
        for epoch in range(40):
            batches = [pairs(a, b, outcome(won))(model.head) for model in models]
            found = [model.objective.label_losses(batch) for model, batch in zip(models, batches, strict=True)]
            masks = (
                picks(*found, kept(epoch, 40, 0.3, warmup=15))
                if review
                else [torch.ones_like(won, dtype=torch.bool)] * 2
            )
            for optimizer, loss, mask in zip(optimizers, found, masks, strict=True):
                optimizer.zero_grad()
                loss[mask].mean().backward()
                optimizer.step()
        new = sum(model.reward(new_a) - model.reward(new_b) for model in models)
        answers.append(right(new, new_delta))
    return answers[0], answers[1]


def added(name: str, chosen: dict[str, Any]) -> Callable[[Any, torch.Tensor, torch.Tensor], torch.Tensor]:
    own = settings.complete(penalties.get(name).SETTINGS, chosen, name)
    return lambda batch, a, b: penalties.get(name).penalty(batch, own, a, b)


def invariant(g: torch.Generator, holds: bool) -> tuple[float, float]:
    """Labels follow length (the first number) although quality does not; false: length is half of quality."""
    weight, a, b, _ = linear_world(g, 600)
    weight[0] = 0.0 if holds else 1.5
    delta = (a - b) @ weight
    seen = delta + (1.5 * (a - b)[:, 0] if holds else 0.0)
    (a, new_a), (b, new_b), (_, new_delta) = split(a, b, delta)
    batch = pairs(a, b, outcome(drawn(seen[: len(a)].sigmoid(), g)), length_a=a[:, 0], length_b=b[:, 0])
    extra = added("counterfactual_invariance", {"weight": 10.0, "conditional": False})
    model, plain = fit("bradley_terry", batch, extra=extra), fit("bradley_terry", batch)
    return accuracy(model, new_a, new_b, new_delta), accuracy(plain, new_a, new_b, new_delta)


def paraphrased(g: torch.Generator, holds: bool) -> tuple[float, float]:
    """300 paraphrases move four numbers that do not count; false: they move four that do."""
    weight, a, b, _ = linear_world(g, 60)
    weight[4:] = 0.0
    delta = (a - b) @ weight
    (a, new_a), (b, new_b), (delta, new_delta) = split(a, b, delta)
    twin, other = (normal(g, 300, WIDTH) for _ in range(2))
    fixed = slice(0, 4) if holds else slice(4, WIDTH)
    other[:, fixed] = twin[:, fixed]
    win = outcome(torch.cat([drawn(delta.sigmoid(), g), torch.full((300,), 0.5, dtype=torch.float64)]))
    same = torch.cat([torch.zeros(60), torch.ones(300)])
    batch = pairs(torch.cat([a, twin]), torch.cat([b, other]), win, same=same)
    consistent = added("consistency", {"weight": 1.0})

    def extra(found: PairBatch, reward_a: torch.Tensor, reward_b: torch.Tensor) -> torch.Tensor:
        """The penalty, without the loss of pairs that are there for it alone."""
        delta_P = reward_a - reward_b
        no_loss = (torch.nn.functional.softplus(delta_P) + torch.nn.functional.softplus(-delta_P)) / 2 * same
        return consistent(found, reward_a, reward_b) - no_loss

    model = fit("bradley_terry", batch, extra=extra)
    plain = fit("bradley_terry", pairs(a, b, win[:60]))
    return accuracy(model, new_a, new_b, new_delta), accuracy(plain, new_a, new_b, new_delta)


FIVE = Facts(levels=len(CUTS) + 1)
CONTESTS: dict[str, Callable[[torch.Generator, bool], tuple[float, float]]] = {
    "noise_aware (unbiased)": partial(noisy, "unbiased"),
    "noise_aware (forward)": partial(noisy, "forward"),
    "bradley_terry_ties": ties,
    "plackett_luce": lists,
    "gaussian": doubts,
    "ordinal_pairs": level_pairs,
    "ordinal": partial(rated, "ordinal", levels, FIVE),
    "pointwise_binary": partial(rated, "pointwise_binary", verdicts, Facts()),
    "aspect_pairs": few_whole_verdicts,
    "multi_aspect": gated,
    "margin_weighted": margins,
    "ideal_point": partial(personal, "ideal_point"),
    "variational": partial(personal, "variational"),
    "step (min)": chains,
    "peer_review": reviewed,
    "counterfactual_invariance": invariant,
    "consistency": paraphrased,
}


# What else is claimed


def largest_margin(g: torch.Generator) -> float:
    """The largest difference of rewards with the prior constraint, as a share of that without, on separable pairs."""
    _, a, b, delta = linear_world(g, 0)
    length = torch.rand(2, NEW, dtype=torch.float64, generator=g) * 900 + 100
    batch = pairs(a, b, outcome((delta > 0).double()), length_a=length[0], length_b=length[1])
    models = [fit("bradley_terry", batch, ridge=1e-5, extra=extra) for extra in (added("prior_constraint", {}), None)]
    bound, free = (float((model.reward(a) - model.reward(b)).abs().max()) for model in models)
    return bound / free


def dictionary(g: torch.Generator) -> float:
    """Mean cosine of 24 true sparse features with the nearest one that the sparse head found, in 16 dimensions."""
    truth = torch.nn.functional.normalize(normal(g, 24, 16), dim=1)
    truth = torch.nn.functional.normalize(truth - truth.mean(dim=1, keepdim=True), dim=1)
    code = torch.rand(4000, 24, dtype=torch.float64, generator=g)
    code = code * (torch.rand(4000, 24, generator=g) < 0.1)
    vectors = (code @ truth)[code.sum(dim=1) > 0]
    head: Any = heads.get("sparse").build(16).double()
    head.active = 4
    optimizer = torch.optim.Adam(head.parameters(), lr=2e-3)
    for _ in range(400):
        optimizer.zero_grad()
        head.own_loss(vectors[torch.randint(len(vectors), (512,), generator=g)]).mean().backward()
        optimizer.step()
    found = torch.nn.functional.normalize(head.decoder.weight.detach(), dim=0)
    return float((truth @ found).amax(dim=1).mean())


EFFECTS: list[tuple[str, Callable[[torch.Generator], float]]] = [
    ("prior_constraint: largest margin, share of that without", largest_margin),
    ("sparse: cosine of true features with those found", dictionary),
]


if __name__ == "__main__":
    script(measure)
