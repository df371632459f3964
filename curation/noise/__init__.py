"""Finds wrong labels among preferences: mathematics alone, arrays in, arrays out.

    rewards.py     latent rewards of texts from labels some of which are flipped; how likely each label is wrong
    kernels.py     which texts are alike, for these rewards
    confident.py   confident learning: how many labels of each class are wrong, and which
    folds.py       out-of-fold predictions that never saw the pair itself

`curation.filters` has a filter for each way to use it; `bench/curation.py` measures them side by side. Knows neither
Django nor torch.
"""
