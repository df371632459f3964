"""One linear map without bias: the head that every other tool can load.

A bias would cancel in every comparison. Initialised N(0, 1/(D + 1)) as in Stiennon et al. 2020 (arXiv 2009.01325).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

TITLE = "Linear"
SUMMARY = (
    "One weight a dimension. With last-token pooling on a decoder it loads in transformers, TRL and vLLM as it is."
)
NATIVE = True


def build(width: int, outputs: int = 1) -> "torch.nn.Module":
    """Module from pooled_BD to out_BK."""
    from torch import nn

    linear = nn.Linear(width, outputs, bias=False)
    nn.init.normal_(linear.weight, std=(width + 1) ** -0.5)
    return nn.Sequential(linear)
