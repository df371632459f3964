"""Consensus of ratings, rankings, passages and texts: by hand, against peers, on real answers."""

import csv
import json

import numpy as np
import pytest

from annotate.feedback import Reading
from annotate.feedback.critique import text_distance
from annotate.feedback.span import mark_distance
from curation.aggregation import medoid, plackett_luce, rater_effects, token_votes


def rated(rows):
    return [Reading(unit, "r", "", rater, level=float(level)) for unit, rater, level in rows]


# ---- ratings ----


def simulated(U=150, R=12, n=3, bias=0.8, seed=1):
    rng = np.random.default_rng(seed)
    truth_U, bias_R = rng.normal(3, 0.8, U), rng.normal(0, bias, R)
    rows = [
        (f"u{u:03}", f"w{r}", truth_U[u] + bias_R[r] + rng.normal(0, 0.4))
        for u in range(U)
        for r in rng.choice(R, n, replace=False)
    ]
    return truth_U, bias_R, rows


def errors(truth_U, found):
    values = np.array([agreed.value for agreed in found.agreed])
    return np.sqrt(np.mean((values - values.mean() - truth_U + truth_U.mean()) ** 2))


def test_strict_and_lenient_raters_are_seen_through():
    truth_U, bias_R, rows = simulated()
    found = rater_effects.combine(rated(rows))
    plain_U = [np.mean([level for unit, _, level in rows if unit == agreed.unit[0]]) for agreed in found.agreed]
    plain = np.sqrt(np.mean((plain_U - np.mean(plain_U) - truth_U + truth_U.mean()) ** 2))
    assert errors(truth_U, found) < 0.6 * plain
    assert found.notes["strictest"][0][1] == f"w{bias_R.argmin()}"
    assert found.notes["rater_variance"] == pytest.approx(bias_R.var(), rel=0.4)
    shift = np.mean([agreed.value for agreed in found.agreed]) - truth_U.mean()
    inside = [agreed.low - shift <= t <= agreed.high - shift for agreed, t in zip(found.agreed, truth_U, strict=True)]
    assert 0.88 < np.mean(inside) <= 1, "95 % intervals hold what they promise, about"


def test_where_raters_are_alike_it_is_about_the_mean():
    *_, rows = simulated(bias=0.0, n=6)
    found = rater_effects.combine(rated(rows))
    assert found.notes["rater_variance"] < 0.02
    plain_U = [np.mean([level for unit, _, level in rows if unit == agreed.unit[0]]) for agreed in found.agreed]
    assert np.corrcoef(plain_U, [agreed.value for agreed in found.agreed])[0, 1] > 0.99


@pytest.mark.real_data
def test_real_ratings_left_out_are_foretold_better_than_by_the_mean(real_data):
    """Toloka's ratings of stories: a fifth is left out, and foretold from the others with and without effects."""
    gains = []
    for aspect in ("naturalness", "coherence", "interestingness"):
        with (real_data / "toloka_scratchplot" / aspect / "full-annotation-result.tsv").open(encoding="utf-8") as file:
            lines = list(csv.DictReader(file, delimiter="\t"))
        rows = [
            (line["INPUT:story"], line["ASSIGNMENT:worker_id"], float(line["OUTPUT:category"]))
            for line in lines
            if line["OUTPUT:category"] and not line["GOLDEN:category"]
        ]
        units, raters = ({name: n for n, name in enumerate(sorted({row[k] for row in rows}))} for k in (0, 1))
        unit_V, rater_V = np.array([(units[u], raters[r]) for u, r, _ in rows]).T
        y_V = np.array([y for *_, y in rows])
        held_V = np.random.default_rng(0).random(len(rows)) < 0.2
        seen_V = ~held_V & np.isin(unit_V, unit_V)
        left = np.unique(unit_V[seen_V])
        held_V &= np.isin(unit_V, left) & np.isin(rater_V, np.unique(rater_V[seen_V]))
        place = {unit: n for n, unit in enumerate(left.tolist())}
        who = {rater: n for n, rater in enumerate(np.unique(rater_V[seen_V]).tolist())}
        code_U = np.array([place[u] for u in unit_V[seen_V]])
        mean_U, _, bias_R, _, _ = rater_effects.fit(code_U, np.array([who[r] for r in rater_V[seen_V]]), y_V[seen_V])
        plain_U = np.bincount(code_U, y_V[seen_V]) / np.bincount(code_U)
        own, by = [place[u] for u in unit_V[held_V]], [who[r] for r in rater_V[held_V]]
        plain, ours = (y_V[held_V] - plain_U[own]) ** 2, (y_V[held_V] - mean_U[own] - bias_R[by]) ** 2
        gains += (plain - ours).tolist()
    gains = np.array(gains)
    assert gains.mean() - 1.96 * gains.std() / len(gains) ** 0.5 > 0


# ---- rankings ----


def ranked(*rankings, item="i"):
    """Readings as the ranking kind gives them, of one ranking a rater."""
    readings = []
    for number, ranks in enumerate(rankings):
        keys = list(ranks)
        for n, a in enumerate(keys):
            for b in keys[n + 1 :]:
                outcome = "tie" if ranks[a] == ranks[b] else "a" if ranks[a] < ranks[b] else "b"
                readings.append(Reading(item, f"{a}:{b}", "", f"w{number}", outcome))
    return readings


def test_rankings_are_read_back_from_their_pairs():
    given = [{"x": 1, "y": 2, "z": 2, "v": 3}, {"x": 2, "z": 1}]
    (found,) = plackett_luce.rankings(ranked(*given)).values()
    assert found == {"w0": given[0], "w1": given[1]}


def test_without_ties_it_is_choix_s():
    choix = pytest.importorskip("choix")
    rng = np.random.default_rng(2)
    data = [rng.permutation(5)[: rng.integers(2, 6)].tolist() for _ in range(30)]
    theirs = choix.opt_rankings(5, data, alpha=plackett_luce.PRECISION / 2, tol=1e-9)
    ours, _ = plackett_luce.fit(
        [{str(key): rank for rank, key in enumerate(order, 1)} for order in data], list("01234")
    )
    np.testing.assert_allclose(ours - ours.mean(), theirs - theirs.mean(), atol=1e-4)


def test_equal_ranks_have_equal_worth_and_stand_between():
    found = plackett_luce.combine(ranked({"x": 1, "y": 2, "z": 2, "v": 3}))
    worth = {agreed.unit[1]: agreed.value for agreed in found.agreed}
    assert worth["x"] > worth["y"] == pytest.approx(worth["z"], abs=1e-6)
    assert worth["z"] > worth["v"]
    even = plackett_luce.combine(ranked({"x": 1, "y": 1, "z": 1}))
    assert [agreed.value for agreed in even.agreed] == pytest.approx([0, 0, 0], abs=1e-9)


def test_a_tie_counts_like_both_orders_together():
    """Two raters in opposite orders, and two who call it a tie, say the same."""
    rest = {"v": 3}
    opposite = plackett_luce.combine(ranked({"x": 1, "y": 2, **rest}, {"x": 2, "y": 1, **rest}))
    tied = plackett_luce.combine(ranked({"x": 1, "y": 1, **rest}, {"x": 1, "y": 1, **rest}))
    for one, other in zip(opposite.agreed, tied.agreed, strict=True):
        assert one.value == pytest.approx(other.value, abs=0.05)


def test_more_raters_make_it_surer_and_contradiction_less_sure():
    ranks, turned = {"x": 1, "y": 2, "z": 3}, {"x": 3, "y": 2, "z": 1}
    one, five, split = (
        np.mean([a.confidence for a in plackett_luce.combine(ranked(*given)).agreed])
        for given in ([ranks], [ranks] * 5, [ranks] * 3 + [turned] * 2)
    )
    assert five > one > 0.6
    assert split < one


@pytest.mark.real_data
def test_real_rankings_with_ties_come_back_in_their_order(real_data):
    rows = json.loads((real_data / "imagereward_test_rankings" / "test.json").read_text())
    readings = []
    for row in rows:
        readings += ranked({f"k{n}": rank for n, rank in enumerate(row["ranking"])}, item=row["id"])
    found = plackett_luce.combine(readings)
    worth = {agreed.unit[:2]: agreed.value for agreed in found.agreed}
    ties = 0
    for row in rows:
        for n, one in enumerate(row["ranking"]):
            for m, other in enumerate(row["ranking"]):
                apart = worth[row["id"], f"k{n}"] - worth[row["id"], f"k{m}"]
                if one == other:
                    ties += n < m
                    assert abs(apart) < 1e-6
                else:
                    assert (apart > 0) == (one < other)
    assert ties > 100


# ---- passages ----


def marked(*marks):
    return [Reading("i", "r", "", f"w{n}", content=own) for n, own in enumerate(marks)]


def test_what_more_than_half_marked_is_marked():
    (agreed,) = token_votes.combine(marked(
        (("fact", 0, 10),), (("fact", 5, 12), ("style", 0, 3)), (("fact", 6, 20), ("style", 2, 3)), ()
    )).agreed  # fmt: skip
    assert agreed.value == [{"category": "fact", "start": 6, "end": 10, "share": 0.75}]
    (three,) = token_votes.combine(marked((("fact", 0, 10),), (("fact", 5, 12),), (("style", 0, 3),))).agreed
    assert three.value == [{"category": "fact", "start": 5, "end": 10, "share": pytest.approx(0.6667)}]
    (nothing,) = token_votes.combine(marked((), ())).agreed
    assert (nothing.value, nothing.confidence) == ([], 1)


def test_notes_on_a_whole_text_are_voted_on_by_their_category():
    marks = [[("a", 0, 10), ("missing", 0, 0)], [("missing", 0, 0)], [("a", 0, 10)]]
    assert token_votes.voted(marks) == [
        {"category": "missing", "start": 0, "end": 0, "share": 0.6667},
        {"category": "a", "start": 0, "end": 10, "share": 0.6667},
    ]
    assert token_votes.voted([[("missing", 0, 0)], []]) == []


@pytest.mark.real_data
def test_real_passages_are_found_again_among_sloppy_raters(real_data):
    """Fine-grained RLHF's marks are the truth; five raters each move borders and miss some."""
    rows = json.loads((real_data / "finegrained_rlhf" / "dev_feedback.json").read_text())
    rng = np.random.default_rng(3)
    single, together = [], []
    for row in rows[:200]:
        errors = row["feedback"]["errors"]
        places = [(error["error type"], error["start"], error["end"]) for error in errors]
        truth = tuple(sorted(place for place in places if place[2] > place[1]))
        sloppy = [
            tuple(
                (kind, max(0, start + int(rng.integers(-6, 7))), end + int(rng.integers(-6, 7)) + 12)
                for kind, start, end in truth
                if rng.random() < 0.8
            )
            for _ in range(5)
        ]
        passages = token_votes.voted(sloppy)
        single += [mark_distance(truth, own) for own in sloppy]
        together.append(mark_distance(truth, [(p["category"], p["start"], p["end"]) for p in passages]))
    assert np.mean(together) < 0.8 * np.mean(single)


# ---- texts ----


def written(*texts):
    return [Reading("i", "r", "", f"w{n}", content=text) for n, text in enumerate(texts)]


def test_the_medoid_is_the_text_nearest_to_the_others():
    texts = ("The answer is wrong by a factor of ten.", "It is wrong, by a factor of ten.", "Nice tone!")
    found = medoid.combine(written(*texts))
    assert found.agreed[0].value["text"] in texts[:2]
    assert found.reliability["w2"] == min(found.reliability.values())
    (alone,) = medoid.combine(written(texts[0])).agreed
    assert (alone.value["rater"], alone.confidence) == ("w0", 0)
    vectors = dict(zip(texts, np.eye(3), strict=True)) | {texts[2]: np.array([0.6, 0.8, 0.0])}
    embedded = medoid.combine(written(*texts), embed=lambda given: np.stack([vectors[text] for text in given]))
    assert embedded.agreed[0].value["text"] == texts[2], "by these vectors it lies between the others"
    assert embedded.notes == {"distance": "embeddings"}


@pytest.mark.real_data
def test_a_critique_of_something_else_is_never_the_medoid(real_data):
    """Shepherd's critiques: of two halves of one and a critique of another answer, the halves are nearer."""
    with (real_data / "shepherd" / "human_data_for_model.jsonl").open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    found = {(key, value) for row in rows for key, value in row.items() if isinstance(value, str)}
    texts = sorted({value for key, value in found if "feedback" in key.lower()})
    long = [text for text in texts if len(text.split()) > 40][:60]
    assert len(long) >= 40
    right = 0
    for one, other in zip(long[::2], long[1::2], strict=False):
        words = one.split()
        cut = [" ".join(words[: 2 * len(words) // 3]), " ".join(words[len(words) // 3 :]), other]
        (agreed,) = medoid.combine(written(*cut)).agreed
        right += agreed.value["text"] != other
    assert right / len(long[::2]) > 0.9
    assert text_distance(long[0], long[0]) == 0
