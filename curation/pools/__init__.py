"""Pools: pairs that nobody has verified yet, in Parquet shards, and pipelines over them a part at a time.

    store.py      where files lie: a folder here, any storage of Django's in `storage.py`
    writing.py    tables of any length in, shards out, sorted by row id
    plan.py       a pass: which shards, which pipeline, in which phases and parts
    parts.py      the work on one part: its rows through some steps; written once, at the end, and whole
    whole.py      what needs all parts: steps that compare rows, the split, the outline of the version
    passing.py    a whole pass, with any workers, and the version that comes of it

A pass cuts the ids of the rows into ranges. A part is the rows of one range in canonical order, so parts one after
another are the whole table in canonical order, and what a pass makes has the same hash as `pipeline.run` on one table
followed by `versions.write`. Each part of a phase ends by writing its report; a pass that was killed goes on with the
parts that have none. All but `storage.py`, `services.py` and `selectors.py` is pure: knows no Django.
"""
