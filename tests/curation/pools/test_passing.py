"""A pass over a pool makes what the same pipeline makes of one table, wherever the shards are cut."""

import itertools
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation import pairs, pipeline, versions
from curation.pipeline import PipelineError
from curation.pools import passing
from curation.pools.plan import Plan
from curation.pools.store import Folder, Within
from curation.pools.writing import write_shards

PLANS = {
    "no stages": "consensus: {method: none}",
    "labels of all votes": "{consensus: {method: majority, question: preference}, split: {by: group}}",
    "by row": "{consensus: {method: none}, stages: [{filter: length_gap, max_ratio: 1.5}, {filter: certainty_weight}]}",
    "all kinds": """
consensus: {method: none}
stages:
  - filter: ties
  - filter: exact_duplicates
    conflicts: review
  - filter: certainty_weight
  - filter: near_duplicates
    threshold: 0.5
  - filter: rater_exclusion
    raters: [r1]
    method: majority
  - filter: consensus_threshold
split: {by: none, seed: 3}
""",
}
WORDS = ["gold", "silver", "stone", "river", "seven", "eight"]


def run_pass(folder, shards, plan, part_rows, workers=passing.here):
    """The version that a pass over shards (tables) of a pool makes."""
    pool, store = Folder(folder / "pool"), Within(Folder(folder), "pass")
    written = []
    for number, table in enumerate(shards):
        written += write_shards([table], pool, lambda place, number=number: f"{number}-{place}.parquet", rows=5)
    made = passing.begin(store, Plan.of(plan, written, part_rows))
    passing.run(store, made, workers(pool, store, made))
    return passing.publish(store, made, folder / "versions")


def text(draw):
    return " ".join(draw.choices(WORDS, k=draw.randint(1, 12)))


def random_rows(seed, count):
    """Rows of which many are alike, or nearly, on whichever side, with and without votes and labels."""
    draw = random.Random(seed)
    rows = []
    for number in range(count):
        row = dict(draw.choice(rows)) if rows and draw.random() < 0.4 else {
            "prompt": text(draw), "response_a": text(draw), "response_b": text(draw), "group": f"g{draw.randint(0, 3)}",
        }  # fmt: skip
        if draw.random() < 0.3:
            row["response_a"], row["response_b"] = row["response_b"], row["response_a"]
        if draw.random() < 0.3:
            row["response_a"] += " more"
        votes = "".join(draw.choices("abt", k=draw.randint(0, 4)))
        known = {} if draw.random() < 0.7 else dict.fromkeys((*pairs.PROBABILITIES, "strength"))
        question = "preference" if draw.random() < 0.9 else "style"
        rows.append(row | {"votes": votes, "outcome": draw.choice(["a", "b", "tie"]), "question": question, **known})
        rows[-1]["item"] = f"item {draw.choice([number, 0])}"
    return rows


@pytest.mark.parametrize("name", PLANS)
@given(st.integers(0, 10**6), st.integers(1, 40), st.integers(1, 12), st.integers(1, 4))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_pass_makes_the_version_that_one_table_makes(
    tmp_path_factory, pair_table, name, seed, count, part_rows, cuts
):
    folder = tmp_path_factory.mktemp("pass")
    table = pair_table(*random_rows(seed, count))
    plan = pipeline.parse(PLANS[name])
    result = pipeline.run(table, plan)
    ends = np.linspace(0, count, cuts + 1).astype(int)
    shards = [table.slice(start, end - start) for start, end in itertools.pairwise(ends)]
    if not result.table.num_rows:
        with pytest.raises(versions.VersionError, match="no rows"):
            run_pass(folder, shards, plan, part_rows)
        return
    alone = versions.write(result, plan, folder / "alone")
    version = run_pass(folder, shards, plan, part_rows)
    assert version.hash == alone.hash
    assert version.manifest == alone.manifest
    assert versions.verify(version.path)
    assert files_of(version.path) == files_of(alone.path)


def files_of(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


KILLED = """
import sys
from pathlib import Path
from curation.pools import passing
from curation.pools.plan import Plan
from curation.pools.store import Folder, Within

folder = Path(sys.argv[1])
pool, store = Folder(folder / "pool"), Within(Folder(folder), "pass")
plan = Plan.from_dict(passing.read_json(store, "plan.json"))
passing.run(store, plan, passing.here(pool, store, plan))
"""


def test_a_pass_that_is_killed_again_and_again_makes_the_same_version(tmp_path, pair_table):
    table, plan = pair_table(*random_rows(7, 300)), pipeline.parse(PLANS["all kinds"])
    expected = versions.write(pipeline.run(table, plan), plan, tmp_path / "alone").hash
    pool, store = Folder(tmp_path / "pool"), Within(Folder(tmp_path), "pass")
    made = passing.begin(store, Plan.of(plan, list(write_shards([table], pool, "{}.parquet".format)), part_rows=20))
    draw, kills = random.Random(1), 0
    done = len(list((tmp_path / "pass").rglob("*.json")))
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)])
        enough = done + draw.randint(5, 25)
        while done < enough and process.poll() is None:  # killed within the work of some part, or between two
            time.sleep(0.002)
            done = len(list((tmp_path / "pass").rglob("*.json")))
        process.kill()
        kills += process.wait() == -signal.SIGKILL
    assert kills == 3
    passing.run(store, made, passing.here(pool, store, made))
    version = passing.publish(store, made, tmp_path / "versions")
    assert version.hash == expected
    assert versions.verify(version.path)


def test_a_pass_keeps_the_plan_that_it_began_with(tmp_path):
    store = Folder(tmp_path)
    first = passing.begin(store, Plan.of(pipeline.parse("seed: 1"), []))
    assert passing.begin(store, Plan.of(pipeline.parse("seed: 2"), [])) == first


def test_many_processes_make_what_one_makes(tmp_path, pair_table):
    table, plan = pair_table(*random_rows(3, 60)), pipeline.parse(PLANS["by row"])
    pool, store = Folder(tmp_path / "pool"), Within(Folder(tmp_path), "pass")
    made = passing.begin(store, Plan.of(plan, list(write_shards([table], pool, "{}.parquet".format)), part_rows=20))
    told = []
    workers = passing.processes(pool, store, made, 2)
    passing.run(store, made, workers, lambda *progress: told.append(progress))
    version = passing.publish(store, made, tmp_path / "versions")
    assert version.hash == versions.write(pipeline.run(table, plan), plan, tmp_path / "alone").hash
    assert told[-1][0] == told[-1][1] == max(done for done, *_ in told)


def test_what_a_filter_cannot_do_is_said_with_its_place(tmp_path, pair_table):
    plan = pipeline.parse("{consensus: {method: none}, stages: [{filter: reward_model_disagreement, model: m}]}")
    with pytest.raises(pipeline.PipelineError, match="stages/0"):
        run_pass(tmp_path, [pair_table({})], plan, 10)
    held = pipeline.parse("{consensus: {method: none}, split: {hold_out: [nowhere]}}")
    with pytest.raises(pipeline.PipelineError, match="Groups: g"):
        run_pass(tmp_path / "held", [pair_table({"group": "g"})], held, 10)


def test_pairs_are_not_constructed_from_pools():
    with pytest.raises(PipelineError, match="construct them from a project's"):
        Plan.of(pipeline.parse("construct: [{by: mirrored}]"), [])
