"""Worlds of known truth: what makes vectors and labels, and one way of fitting for every loss."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

from rewardtrain import settings
from rewardtrain.modeling import heads, losses
from rewardtrain.modeling.losses import (
    Facts,
    PairBatch,
    RatingBatch,
)
from rewardtrain.modeling.objective import Objective

WIDTH, NEW = 8, 4000
PLAIN = Facts()
Batch = Callable[[torch.nn.Module], Any]
ASPECTS = Facts(("overall", "clarity", "truth", "style"))
CUTS = [-2.0, -1.5, 0.5, 3.0]


def seeded(seed: int) -> torch.Generator:
    torch.manual_seed(seed)
    return torch.Generator().manual_seed(seed)


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


def best(grid: Sequence[float], loss: Callable[[float], float]) -> float:
    """The least of a parabola through the best point of the grid and its neighbours."""
    values = [loss(x) for x in grid]
    at = min(max(1, values.index(min(values))), len(grid) - 2)
    (x0, x1, x2), (y0, y1, y2) = grid[at - 1 : at + 2], values[at - 1 : at + 2]
    top = (x1 - x0) ** 2 * (y1 - y2) - (x1 - x2) ** 2 * (y1 - y0)
    return x1 - top / (2 * ((x1 - x0) * (y1 - y2) - (x1 - x2) * (y1 - y0)))


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


def fit_raters(name: str, batch: Batch, raters: int, **chosen: Any) -> Fitted:
    """The better of two starts, as the loss of ideal points has hollows."""
    facts = Facts(raters=tuple(map(str, range(raters))))
    if name == "ideal_point":
        chosen = {"size": 2, "prototypes": 3, **chosen}
    models = [fit(name, batch, facts, ridge=1e-4, **chosen) for _ in range(2)]
    return min(models, key=lambda model: float(model.objective.label_losses(batch(model.head)).mean().detach()))


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


def levels(quality: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    cut = torch.tensor(CUTS, dtype=torch.float64)
    return (quality[:, None] + logistic_noise(g, len(quality))[:, None] > cut).sum(dim=1).double()


def logistic_noise(g: torch.Generator, count: int) -> torch.Tensor:
    return torch.rand(count, dtype=torch.float64, generator=g).clamp(1e-9, 1 - 1e-9).logit()
