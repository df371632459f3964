"""People: which of the pairs that are to be labelled go to people, and in which order; the others go to models.

    choose(described, margin_T, side_T, count, settings, seed) -> places among the T pairs, first to be asked first
    NEEDS_MODEL : bool                 whether ``margin_T`` is looked at

``described`` are the pairs' attributes, ``margin_T`` the model's reward of a less that of b (zeros where there is no
model yet), ``side_T`` the pool's own labels. Contract beyond this: `curation.campaign`.
"""
