"""A whole pass over a pool: phase after phase, by any workers, and the version that comes of it."""

import multiprocessing
import shutil
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from curation import versions
from curation.filters import Context
from curation.manifests import Tally
from curation.pools import parts
from curation.pools import plan as names
from curation.pools.plan import Phase, Plan
from curation.pools.store import Store, read_json, write_json
from curation.versions import Sizes, Version

# (phase, those of its parts that are not done) -> now and then, how many parts are done since the last time
Workers = Callable[[Phase, list[int]], Iterable[int]]
Progress = Callable[[int, int | None, str], None]


def begin(store: Store, plan: Plan) -> Plan:
    """Keep the plan of a pass where its files lie; a pass that goes on keeps the plan that it began with."""
    if not store.exists(names.plan_file()):
        write_json(store, names.plan_file(), plan.to_dict())
    return load(store)


def load(store: Store) -> Plan:
    """The plan of a pass that has begun."""
    return Plan.from_dict(read_json(store, names.plan_file()))


def run(store: Store, plan: Plan, workers: Workers, progress: Progress = lambda done, total, message: None) -> None:
    """Do what is left of a pass; its version is then ready to be published.

    ``progress`` is told how many parts are done, of how many as far as that is known, and in which phase.
    """
    phases = plan.phases
    total = sum(plan.count(store, phase) for phase in phases if phase.kind != "write")
    done = 0
    for phase in phases:
        count = plan.count(store, phase)
        total += count if phase.kind == "write" else 0
        left = [part for part in range(count) if not store.exists(names.report_file(phase.number, part))]
        done += count - len(left)
        progress(done, total, phase.title)
        for finished in workers(phase, left) if left else ():
            done += finished
            progress(done, total, phase.title)


def here(pool: Store, store: Store, plan: Plan, context: Context | None = None) -> Workers:
    """Workers that do one part after another in this process."""
    used = context or Context()

    def work(phase: Phase, left: list[int]) -> Iterable[int]:
        for part in left:
            parts.work(pool, store, plan, phase, part, used)
            yield 1

    return work


def processes(pool: Store, store: Store, plan: Plan, count: int, context: Context | None = None) -> Workers:
    """Workers that are ``count`` processes of this machine, new ones for each phase, so that none keeps its memory.

    ``context`` must be such as can be sent to them.
    """

    def work(phase: Phase, left: list[int]) -> Iterable[int]:
        with ProcessPoolExecutor(min(count, len(left)), multiprocessing.get_context("spawn")) as executor:
            jobs = [executor.submit(parts.work, pool, store, plan, phase, part, context or Context()) for part in left]
            for job in as_completed(jobs):
                job.result()
                yield 1

    return work


def publish(store: Store, plan: Plan, root: Path | str, lineage: Mapping[str, Any] | None = None) -> Version:
    """Put the version of a pass that has run into its place; see `versions.publish`."""
    outline = read_json(store, names.outline_file())
    tally = Tally.from_dict(outline["tally"])
    write = next(phase for phase in plan.phases if phase.kind == "write")

    def fill(folder: Path) -> Sizes:
        sizes = dict.fromkeys(tally.rows, 0)
        for number, file in enumerate(outline["files"]):
            report = read_json(store, names.report_file(write.number, number))
            target = folder / report["name"]
            target.parent.mkdir(exist_ok=True)
            with store.reading(f"version/{report['name']}") as path:
                shutil.copyfile(path, target)
            if file["of"] in sizes:
                sizes[file["of"]] += report["size"]
        return {split: (rows, sizes[split]) for split, rows in tally.rows.items()}

    return versions.publish(
        outline["hash"], root, tally, plan.pipeline, outline["summary"], outline["source"], lineage, fill
    )
