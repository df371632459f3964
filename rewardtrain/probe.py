"""The fit of a head to the untouched backbone, before anything else moves: a linear probe, for a linear head.

Fine-tuning from a random head bends the backbone toward noise before the head can read it, and costs accuracy where
prompts are unlike those trained on; from a fitted head it does not (Kumar et al. 2022, arXiv 2202.10054).
"""

from collections.abc import Callable, Sequence

import torch

MOST_ITERATIONS = 500


def fit(
    head: torch.nn.Module, vector_SD: torch.Tensor, loss_of: Callable[[torch.Tensor], torch.Tensor], *, ridge: float,
    also: Sequence[torch.nn.Parameter] = (),
) -> float:  # fmt: skip
    """Fit ``head`` in place by L-BFGS on all data at once; returns the loss without the penalty.

    Parameters
    ----------
    vector_SD : pooled vectors of the S distinct sequences.
    loss_of : the mean loss, a scalar, of the head's outputs, out_SK.
    ridge : the penalty is ``ridge / 2 * v * |weights|^2`` with v the vectors' total variance, so that its strength
        does not depend on the scale of a backbone's vectors.
    also : weights that ``loss_of`` has beside the head's, fitted with them under ``ridge / 2 * |weights|^2``.
    """
    weights = list(head.parameters())
    strength = ridge / 2 * vector_SD.var(dim=0, correction=0).sum()
    optimizer = torch.optim.LBFGS(
        [*weights, *also], max_iter=MOST_ITERATIONS, history_size=20, line_search_fn="strong_wolfe"
    )

    def objective() -> torch.Tensor:
        optimizer.zero_grad()
        value = loss_of(head(vector_SD)) + strength * sum(weight.square().sum() for weight in weights)
        value = value + ridge / 2 * sum(weight.square().sum() for weight in also)
        value.backward()
        return value

    optimizer.step(objective)
    optimizer.zero_grad()  # what comes after must not find the last gradient: a run that starts from here has none
    with torch.no_grad():
        return loss_of(head(vector_SD)).item()
