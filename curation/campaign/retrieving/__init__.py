"""Retrieving: which pairs of the pool are labelled next.

    retrieve(gold, p_G, index, free_N, most, settings, seed) -> places, those wanted most first, at most ``most``

``gold`` are places of the pairs that people labelled and ``p_G`` the model's probability of their choice; only places
where ``free_N`` holds may be given. Contract beyond this: `curation.campaign`.
"""
