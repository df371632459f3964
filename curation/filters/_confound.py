"""How much something superficial alone predicts which response is better, and weights that take that away.

A logistic regression without intercept on the difference of what both responses show: so swapping the sides swaps the
prediction. Its probability of the label that stands is the score; weights in inverse proportion to it (Horvitz and
Thompson 1952, doi:10.1080/01621459.1952.10483446) leave a sample in which the superficial predicts nothing.
Shapes: N rows, F features.
"""

from typing import Any

import numpy as np
import pyarrow as pa
from scipy.optimize import minimize
from scipy.special import expit, log_expit

from curation.filters import Context, Decisions, _suspects, action_setting

RIDGE = 1.0  # pull towards "predicts nothing", as of one row
SETTINGS: dict[str, Any] = {
    "action": action_setting("reweight", "drop", "review", default="reweight")
    | {"description": "reweight balances all pairs; the others take those that are predicted too surely."},
    "above": {
        "type": "number",
        "minimum": 0.5,
        "maximum": 1,
        "default": 0.9,
        "title": "Predicted too surely",
        "description": "The probability above which pairs are dropped or reviewed.",
    },
    "max_factor": {"type": "number", "minimum": 1, "default": 5, "title": "Largest factor of a weight"},
}


def fit(difference_NF: np.ndarray, lean_N: np.ndarray) -> np.ndarray:
    """Coefficients (F,) of P(a is better) = sigma(x w); ``lean_N`` is the probability of a less that of b."""
    scale_F = np.maximum(np.sqrt(np.mean(difference_NF**2, axis=0)), 1e-9) if len(difference_NF) else 1.0
    x_NF = difference_NF / scale_F

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        z_N = x_NF @ w
        gain_N = (1 + lean_N) / 2 * log_expit(z_N) + (1 - lean_N) / 2 * log_expit(-z_N)
        gradient = x_NF.T @ (expit(z_N) - (1 + lean_N) / 2) + RIDGE * w
        return float(RIDGE * w @ w / 2 - gain_N.sum()), gradient

    width = difference_NF.shape[1]
    return np.asarray(minimize(loss, np.zeros(width), jac=True, method="L-BFGS-B").x / scale_F)


def decide(
    table: pa.Table, difference_NF: np.ndarray, names: tuple[str, ...], reason: str, settings: Any, context: Context
) -> Decisions:
    """Scores are the probability that the superficial alone gives to the winner; rows without a winner have none."""
    sign_N = _suspects.decided(table)
    decided_N = np.isfinite(sign_N)
    weight_F = fit(difference_NF[decided_N], _suspects.lean(table)[decided_N])
    logit_N = np.where(decided_N, sign_N, np.nan) * (difference_NF @ weight_F)
    score_N = np.round(expit(logit_N), 6)
    notes = {
        "predicts": round(float(np.mean(np.where(logit_N[decided_N] == 0, 0.5, logit_N[decided_N] > 0))), 4)
        if decided_N.any()
        else None,
        "explained": round(1 + float(np.mean(log_expit(logit_N[decided_N]))) / np.log(2), 4)
        if decided_N.any()
        else None,
        "coefficients": dict(zip(names, np.round(weight_F, 4).tolist(), strict=True)),
    }
    if settings["action"] != "reweight":
        with np.errstate(invalid="ignore"):
            sure_N = score_N > settings["above"]
        action_N, reason_N = np.where(sure_N, settings["action"], "keep"), np.where(sure_N, reason, "")
        return Decisions(action_N, reason_N, score_N=score_N, notes=notes)
    factor_N = np.minimum(0.5 / np.maximum(score_N, 1e-9), settings["max_factor"])
    old_N = table["weight"].to_numpy()
    mean = (old_N * factor_N)[decided_N].sum() / max(old_N[decided_N].sum(), 1e-12) if decided_N.any() else 1.0
    weight_N = np.round(np.where(decided_N, old_N * factor_N / mean, old_N), 6)
    changed_N = decided_N & (weight_N != old_N)
    return Decisions(
        np.where(changed_N, "reweight", "keep"), np.where(changed_N, reason, ""),
        weight_N=weight_N, score_N=score_N, notes=notes,
    )  # fmt: skip
