"""Two layers with SiLU between them, as in BaseReward (arXiv 2509.16127)."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

TITLE = "Two-layer"
SUMMARY = "A hidden layer as wide as the backbone, with SiLU. Fits small encoders better than one linear map."
NATIVE = False


def build(width: int, outputs: int = 1) -> "torch.nn.Module":
    """Module from pooled_BD to out_BK."""
    from torch import nn

    last = nn.Linear(width, outputs, bias=False)
    nn.init.normal_(last.weight, std=(width + 1) ** -0.5)
    return nn.Sequential(nn.Linear(width, width), nn.SiLU(), last)
