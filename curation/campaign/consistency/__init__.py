"""Consistency rules: whether a label may stand, given what models say of the pair.

    agrees(label_N, gold_N, judges_N, best_N) -> bool mask of shape (N,)

Sides (1: a is better, -1: b is, 0: neither or nobody asked) of the label in question, of the model of people's labels
alone, of the judges, and of the best model of the rounds. Contract beyond this: `curation.campaign`.
"""
