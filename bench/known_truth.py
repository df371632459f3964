"""What each loss recovers of a truth that made its labels, and how often it is right beside plain Bradley–Terry.

Everything is generated: vectors stand for responses, a linear or two-layer head for the model, and the labels are
drawn from a known truth. The first figures are errors of what a loss claims to find. Then every method meets plain
Bradley–Terry on the same data twice: where its assumption holds, and where it does not. Accuracy is the share of new
pairs put in their true order, the gain is over Bradley–Terry within the same seed, in percentage points, and intervals
are those of the mean over seeds (95 %, Student). A gain says what an assumption is worth when true, and what it costs
when false; it says nothing of how often it is true of people.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from scipy import stats

from bench import Figure, script
from bench._recovered import RECOVERIES
from bench._worlds import (
    ASPECTS,
    CUTS,
    NEW,
    WIDTH,
    Fitted,
    accuracy,
    aspect_world,
    drawn,
    fit,
    fit_raters,
    levels,
    linear_world,
    normal,
    outcome,
    pairs,
    ratings,
    right,
    seeded,
    tastes,
)
from rewardtrain import settings
from rewardtrain.modeling import heads, penalties
from rewardtrain.modeling.aggregate import aggregate
from rewardtrain.modeling.losses import (
    Facts,
    PairBatch,
    RankingBatch,
    bradley_terry_ties,
)
from rewardtrain.modeling.peer_review import kept, picks


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
