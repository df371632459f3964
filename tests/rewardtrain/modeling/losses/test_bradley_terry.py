"""Bradley-Terry against its formula in float64."""

import math

import pytest

from rewardtrain import settings
from rewardtrain.modeling.losses import bradley_terry
from tests.rewardtrain.modeling.losses.made import pairs


def loss_of(a: float, b: float, target: tuple[float, float, float], margin: float = 0.0, **chosen: float) -> float:
    own = settings.complete(bradley_terry.SETTINGS, chosen, "bradley_terry")
    return bradley_terry.label_losses(pairs([a], [b], target, margin), own).item()


def log_sigmoid(x: float) -> float:
    return -math.log1p(math.exp(-x))


@pytest.mark.parametrize("delta", [-3.0, -0.1, 0.0, 2.5])
def test_hard_label_is_the_logistic_loss(delta: float) -> None:
    assert loss_of(delta, 0.0, (1, 0, 0)) == pytest.approx(-log_sigmoid(delta), abs=1e-12)


def test_soft_label_is_a_cross_entropy_and_a_tie_counts_half() -> None:
    expected = -0.7 * log_sigmoid(1.5) - 0.3 * log_sigmoid(-1.5)
    assert loss_of(2.0, 0.5, (0.7, 0.0, 0.3)) == pytest.approx(expected, abs=1e-12)
    assert loss_of(2.0, 0.5, (0.6, 0.2, 0.2)) == pytest.approx(expected, abs=1e-12)


def test_label_smoothing_moves_the_label() -> None:
    expected = -0.9 * log_sigmoid(1.0) - 0.1 * log_sigmoid(-1.0)
    assert loss_of(1.0, 0.0, (1, 0, 0), label_smoothing=0.1) == pytest.approx(expected, abs=1e-12)


def test_margin_is_asked_of_the_difference() -> None:
    assert loss_of(1.0, 0.0, (1, 0, 0), margin=0.4) == pytest.approx(-log_sigmoid(0.6), abs=1e-12)
    assert loss_of(1.0, 0.0, (0, 0, 1), margin=-0.4) == pytest.approx(-log_sigmoid(-1.4), abs=1e-12)
    assert loss_of(1.0, 0.0, (1, 0, 0), margin=0.4, margin_scale=0.0) == pytest.approx(-log_sigmoid(1.0), abs=1e-12)


def test_centring_adds_the_squared_sum() -> None:
    plain = loss_of(3.0, 1.0, (1, 0, 0))
    assert loss_of(3.0, 1.0, (1, 0, 0), center=0.01) == pytest.approx(plain + 0.16, abs=1e-12)


def test_soft_label_is_lowest_where_the_model_says_the_same() -> None:
    best = math.log(0.7 / 0.3)
    here = loss_of(best, 0.0, (0.7, 0.0, 0.3))
    assert here < loss_of(best + 0.01, 0.0, (0.7, 0.0, 0.3))
    assert here < loss_of(best - 0.01, 0.0, (0.7, 0.0, 0.3))
