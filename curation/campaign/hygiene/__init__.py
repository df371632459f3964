"""Hygiene: what does not belong into a dataset, before anything is spent on it.

    screen(source, settings, tools) -> (N,) object array of "duplicate", "contaminated" or ""

Contract beyond this: `curation.campaign`.
"""
