"""What changed between two versions, and why."""

import pytest

from curation import differences, pipeline, versions


@pytest.fixture
def written(tmp_path, pair_table):
    def write(rows, text):
        plan = pipeline.parse(text)
        return versions.write(pipeline.run(pair_table(*rows), plan), plan, tmp_path).path

    return write


def by_item(found):
    return {row["item"]: row for row in found.rows.to_pylist()}


ROWS = [{"votes": "aaaa"}, {"votes": "aaab"}, {"votes": "aabb"}, {"votes": "b"}, {"votes": "ab"}]


def test_nothing_changed(written):
    path = written(ROWS, "{}")
    found = differences.diff(path, path)
    assert found.rows.num_rows == 0
    assert found.counts == dict.fromkeys(differences.CHANGES, 0)


def test_a_stage_that_is_new_or_gone_explains_rows(written):
    old = written(ROWS, "consensus: {method: majority}")
    new = written(ROWS, "{consensus: {method: majority}, stages: [{filter: minimum_votes, least: 2, action: review}]}")
    found = differences.diff(old, new)
    assert found.counts["removed"] == found.rows.num_rows == 1
    row = by_item(found)["item 3"]
    assert [row[name] for name in ("change", "trace", "filter", "reason")] == [
        "removed",
        "new",
        "minimum_votes",
        "too_few_votes",
    ]
    assert (row["outcome_before"], row["outcome_after"], row["split_after"]) == ("b", None, None)
    back = by_item(differences.diff(new, old))["item 3"]
    assert [back[name] for name in ("change", "trace", "filter", "reason")] == [
        "added",
        "old",
        "minimum_votes",
        "too_few_votes",
    ]


def test_rows_that_came_or_went_with_the_input(written):
    found = differences.diff(written(ROWS[:4], "{}"), written(ROWS, "{}"))
    assert {row["reason"] for row in found.rows.to_pylist() if row["change"] == "added"} == {"new_input"}
    found = differences.diff(written(ROWS, "{}"), written(ROWS[:4], "{}"))
    assert {row["reason"] for row in found.rows.to_pylist() if row["change"] == "removed"} == {"gone_input"}


def test_flips_and_weights(written):
    none = "consensus: {method: none}"
    given = {"p_a": 0.6, "p_b": 0.4}
    old = written([{**given, "votes": "abb"}, given], f"{{{none}}}")
    exclusion = "{filter: rater_exclusion, raters: [r0], method: majority}"
    text = f"{{{none}, stages: [{exclusion}, {{filter: certainty_weight}}]}}"
    new = written([{**given, "votes": "abb"}, given], text)
    rows = by_item(differences.diff(old, new))
    flipped, reweighted = rows["item 0"], rows["item 1"]
    assert [flipped[name] for name in ("change", "filter", "reason")] == [
        "flipped",
        "rater_exclusion",
        "votes_excluded",
    ]
    assert (flipped["outcome_before"], flipped["outcome_after"]) == ("a", "b")
    assert "votes" in flipped["what"]
    assert [reweighted[name] for name in ("change", "filter", "reason")] == [
        "reweighted",
        "certainty_weight",
        "uncertain",
    ]
    assert reweighted["weight_before"] == 1 > reweighted["weight_after"]
    assert differences.diff(new, old).counts["flipped"] == 1


def test_another_seed_only_moves_splits(written):
    rows = [{"votes": "aa"} for _ in range(30)]
    found = differences.diff(written(rows, "{seed: 1}"), written(rows, "{seed: 2}"))
    assert found.counts["changed"] == found.rows.num_rows > 0
    assert set(found.rows["what"].to_pylist()) == {"split"}
    assert {(entry["filter"], entry["reason"]) for entry in found.reasons} == {("split", "by_prompt")}


def test_new_votes_in_the_input(written):
    old = written([{"votes": "aa", "gold": None}, {"votes": "ab"}], "consensus: {method: none}")
    new = written([{"votes": "aa", "gold": "a"}, {"votes": "ab"}], "consensus: {method: none}")
    (row,) = differences.diff(old, new).rows.to_pylist()
    assert (row["change"], row["what"], row["reason"]) == ("changed", "gold", "other_input")


def test_equal_rows_are_matched_by_number(written):
    twice = [{"prompt": "q", "item": "i", "response_a": "x", "response_b": "y"}] * 2
    found = differences.diff(
        written(twice, "consensus: {method: none}"), written(twice[:1], "consensus: {method: none}")
    )
    assert found.counts["removed"] == 1


def test_reasons_are_counted(written):
    old = written(ROWS, "consensus: {method: majority}")
    new = written(ROWS, "{consensus: {method: majority}, stages: [{filter: minimum_votes, least: 3}]}")
    assert differences.diff(old, new).reasons == [
        {"change": "removed", "filter": "minimum_votes", "reason": "too_few_votes", "rows": 2}
    ]


def test_a_folder_that_is_no_version(written, tmp_path):
    with pytest.raises(versions.VersionError):
        differences.diff(written(ROWS, "{}"), tmp_path / "nowhere")
