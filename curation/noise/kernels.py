"""Which texts are alike: the kernels over which `curation.noise.rewards` spreads what labels say.

Shapes: S texts, D features, C kernels.
"""

import numpy as np


def of_texts(vector_SD: np.ndarray, prompt_S: np.ndarray) -> np.ndarray:
    """Four kernels with a mean diagonal of 1, (C, S, S).

    Parameters
    ----------
    vector_SD : what a reward model's head sees of each text.
    prompt_S : number of the prompt that each text answers.

    Linear in the features: what a linear head can learn, over all prompts. Radial in them (its width is the median
    distance): what it cannot. Linear within a prompt: what counts in this one alone. The identity: each text's own.
    """
    texts = len(vector_SD)
    if not texts:
        return np.zeros((4, 0, 0))
    centred_SD = np.asarray(vector_SD, dtype=np.float64) - vector_SD.mean(axis=0)
    linear_SS = centred_SD @ centred_SD.T
    linear_SS /= max(np.trace(linear_SS) / texts, 1e-12)
    own_S = np.diag(linear_SS)
    distance_SS = np.maximum(own_S[:, None] + own_S - 2 * linear_SS, 0.0)
    width = np.median(distance_SS[~np.eye(texts, dtype=bool)]) if texts > 1 else 1.0
    radial_SS = np.exp(-distance_SS / max(width, 1e-12))
    within_SS = linear_SS * (prompt_S[:, None] == prompt_S)
    return np.stack([linear_SS, radial_SS, within_SS, np.eye(texts)])
