"""A whole campaign on real debates: what it leaves, that it waits for people, and that it survives a kill."""

import numpy as np
import pyarrow.compute as pc
import pytest

from curation import applying, hashes, versions
from curation.campaign import CampaignError
from curation.campaign.rounds import Waiting
from curation.campaign.running import run
from tests.curation.campaign.conftest import PLAN, Everybody, Fits

pytestmark = pytest.mark.real_data


def right(table, debates):
    """Share of a table's labels that are what the crowd said."""
    pool, truth = debates
    side = dict(zip(pool["row_id"].to_pylist(), truth.tolist(), strict=True))
    got = np.sign(table["p_a"].to_numpy() - table["p_b"].to_numpy())
    return float(np.mean([got[row] == side[id_] for row, id_ in enumerate(table["row_id"].to_pylist())]))


def test_two_rounds_and_the_second_stage(make_desk, debates):
    rounds = {}
    desk = make_desk()
    ended = run(desk, lambda number, figures: rounds.__setitem__(number, figures))
    pool, _ = debates
    figures = ended.figures

    assert sum(figures["fates"].values()) == figures["rows"] == 300
    kept = sum(figures["fates"][fate] for fate in ("kept", "kept_sure", "relabelled", "recycled"))
    assert ended.result.table.num_rows == kept
    assert right(ended.result.table, debates) > right(pool, debates) + 0.1
    assert sorted(rounds) == [0, 1, 2, 3]
    assert rounds[0]["gold"] == 40
    assert rounds[2]["gold"] <= 60  # the budget of people
    assert rounds[1]["accuracy"]["n"] == rounds[3]["accuracy"]["n"] == 40  # the same pairs for every model

    stages = ended.result.summary
    assert [stage["filter"] for stage in stages] == ["hygiene", "people", "models", "stage_two", "split"]
    assert [stage["rows_in"] for stage in stages[1:]] == [stage["rows_out"] for stage in stages[:-1]]
    gone = pc.sum(pc.equal(ended.result.trace["action"], "drop")).as_py()
    assert gone == 300 - kept  # whatever left has a line that says why
    assert ended.result.trace.schema == applying.TRACE


def test_what_people_said_is_gold_and_is_never_overruled(make_desk, debates):
    desk = make_desk()
    table = run(desk).result.table
    asked = desk.tools.people.asked
    rows = {row["row_id"]: row for row in table.to_pylist()}
    assert len(asked) == 60
    for id_ in asked:
        assert rows[id_]["gold"] == ("a" if desk.tools.people.truth[id_] > 0 else "b")
        assert rows[id_]["p_a"] == float(desk.tools.people.truth[id_] > 0)
        assert [vote["kind"] for vote in rows[id_]["votes"]] == ["person"]


def test_it_waits_for_people_and_goes_on_when_they_have_answered(make_desk, debates):
    everyone = make_desk(folder="other")
    expected = hashes.root(hashes.row_hashes(run(everyone).result.table))
    people = Everybody(everyone.tools.people.truth)
    people.absent = set(list(people.truth)[:150])
    with pytest.raises(Waiting) as waits:
        run(make_desk(people=people))
    assert (waits.value.round_, waits.value.asked) == (0, 40)
    assert 0 < waits.value.missing < 40
    already = dict(people.asked)
    people.absent = set()
    assert hashes.root(hashes.row_hashes(run(make_desk(people=people)).result.table)) == expected
    assert {id_: people.asked[id_] for id_ in already} == already


def test_what_people_cannot_decide_is_dropped(make_desk):
    desk = make_desk()
    people = Everybody({**desk.tools.people.truth, **dict.fromkeys(list(desk.tools.people.truth)[:100], 0)})
    ended = run(make_desk(people=people, folder="undecided"))
    undecided = [id_ for id_ in people.asked if people.truth[id_] == 0]
    assert ended.figures["reasons"]["undecided"] == len(undecided) > 0
    assert not set(undecided) & set(ended.result.table["row_id"].to_pylist())


class Killed(BaseException):
    """What a worker feels when it is stopped."""


def test_killed_at_any_moment_it_ends_with_the_same_result_and_does_nothing_twice(make_desk):
    fit = Fits()
    expected = run(make_desk(folder="whole", fit=fit))
    whole = fit.calls

    seen = set()

    def report(stage, done=0, total=None):
        if (stage, done) not in seen:  # whatever begins is killed the first time
            seen.add((stage, done))
            raise Killed

    fit, deaths = Fits(), 0
    while True:
        try:
            ended = run(make_desk(fit=fit, report=report))
            break
        except Killed:
            deaths += 1
    assert deaths == len(seen) > 12
    assert fit.calls == whole
    for name in ("table", "trace"):
        one, other = (hashes.root(hashes.row_hashes(getattr(e.result, name))) for e in (ended, expected))
        assert one == other
    assert ended.figures == expected.figures


def test_the_result_is_a_version_like_any_other(make_desk, tmp_path):
    ended = run(make_desk())
    version = versions.write(ended.result, ended.pipeline, tmp_path / "versions", {"campaign": "debates"})
    assert versions.verify(version.path)
    assert version.manifest["pipeline"]["stages"][0]["filter"] == "campaign"
    assert version.manifest["gold"] == 60


def test_without_models_that_label_it_learns_from_the_pool(make_desk, debates):
    text = PLAN.replace("{use: votes}", "{use: 'off'}") + "learn_from: silver_and_pool\nrecycle: consistent\n"
    ended = run(make_desk(text))
    assert ended.figures["fates"]["recycled"] > 0
    assert right(ended.result.table, debates) > right(debates[0], debates) + 0.05


def test_duplicates_leave_first(make_desk, debates):
    import pyarrow as pa

    pool, _ = debates
    ended = run(make_desk(pool=pa.concat_tables([pool, pool.slice(0, 7)])))
    assert ended.figures["fates"]["duplicate"] == 7


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("{use: votes}", "{use: votes, kinds: [rule]}"), "labelled nothing"),
        (("people: 40", "people: 2"), None),
    ],
)
def test_what_cannot_go_on_says_why(make_desk, change, message):
    desk = make_desk(PLAN.replace(*change))
    if message is None:
        assert run(desk).figures["rows"] == 300
    else:
        with pytest.raises(CampaignError, match=message):
            run(desk)
