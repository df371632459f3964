"""Labelling: which votes models give on pairs, each model's samples merged into one vote of its own.

    label(cases, table, settings, tools, seed) -> votes a case (`pairs.VOTE` as dicts); an empty list: no label
    COSTS : bool                       whether it asks a server, so that as few pairs as possible should be given

``cases`` and the rows of ``table`` are the same pairs. What is decided of them is the plurality of models; where two
outcomes have as many, the pair gets no label. Contract beyond this: `curation.campaign`.
"""
