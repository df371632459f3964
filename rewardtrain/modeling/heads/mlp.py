"""Two layers with SiLU between them, as in BaseReward (arXiv 2509.16127)."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

TITLE = "Two-layer"
SUMMARY = "A hidden layer as wide as the backbone, with SiLU. Fits small encoders better than one linear map."
NATIVE = False


def build(width: int) -> "torch.nn.Module":
    """Module from pooled_BD to reward_B."""
    from torch import nn

    last = nn.Linear(width, 1, bias=False)
    nn.init.normal_(last.weight, std=(width + 1) ** -0.5)
    return nn.Sequential(nn.Linear(width, width), nn.SiLU(), last, nn.Flatten(0))
