"""The demo's rows fit the format they are imported in and the forms they answer."""

import json
from collections import Counter

import pytest

from annotate import feedback
from annotate.demo import edits, generated, items, projects, prompts
from curation import formats


@pytest.fixture(scope="module")
def text():
    return list(items.rows([*prompts.samples(), *generated.samples()], **projects.TEXT_ROWS))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return list(items.rows(edits.samples(tmp_path_factory.mktemp("edits")), **projects.EDIT_ROWS))


@pytest.fixture(scope="module")
def every(text, pictures):
    return [*text, *pictures]


def test_rows_are_json_and_parse(every):
    votes = formats.importer("votes")
    for row in every:
        assert json.loads(json.dumps(row)) == row
        parsed = votes.parse(row)
        assert len(parsed.votes) == len(row["votes"])
        assert 2 <= len(parsed.responses) <= 4


def test_truth_is_in_the_metadata(every):
    for row in every:
        truth = row["metadata"]
        assert truth["made_up"] is True
        for name in ("quality", "grades", "kinds", "flaws"):
            assert len(truth[name]) == len(row["responses"])
        assert truth["quality"][items.best(row)] == max(truth["quality"])
        first, second = truth["quality"][:2]
        assert row["gold"] == ("a" if first > second else "b" if second > first else "tie")


def test_place_tells_nothing(every):
    """The better one stands first about as often as second."""
    gold = Counter(row["gold"] for row in every)
    assert 0.42 < gold["a"] / (gold["a"] + gold["b"]) < 0.58


def test_most_pairs_are_judged_and_some_are_left(text, pictures):
    for rows, least in ((text, 0.6), (pictures, 0.45)):
        full = [row for row in rows if row["votes"] and voters(row) >= items.VOTERS]
        assert least < len(full) / len(rows) < 0.95


def voters(row):
    pairs = {tuple(vote["between"]) for vote in row["votes"]}
    whole = [vote for vote in row["votes"] if "dimension" not in vote]
    return len(whole) / max(1, len(pairs))


@pytest.mark.parametrize(("project", "fixture"), [(projects.TEXT, "text"), (projects.EDITS, "pictures")])
def test_votes_fit_the_form(project, fixture, request):
    """Each vote is an answer that the project's own form allows."""
    rows = request.getfixturevalue(fixture)
    question = next(one for one in project["questions"] if one["kind"] == "pairwise")
    settings = feedback.settings_with_defaults("pairwise", question["settings"])
    names = {row["name"] for row in settings["dimensions"]}
    for row in rows:
        sittings = {}
        for vote in row["votes"]:
            keys = [f"r{index}" for index in vote["between"]]
            chosen = dict(zip("ab", keys, strict=True)).get(vote["choice"], vote["choice"])
            verdict = {"chosen": chosen, "strength": vote.get("strength", 0)}
            sittings.setdefault((vote["rater"], *keys), {})[vote.get("dimension", "overall")] = verdict
        for (_, *keys), answer in sittings.items():
            assert answer.keys() == names
            feedback.validate("pairwise", answer, feedback.Asked("preference", settings, tuple(keys)))


def test_forms_are_valid_and_content_is_called_made_up():
    for project in (projects.TEXT, projects.EDITS, projects.RUBRIC):
        assert "ade-up" in project["notice"]
        assert len(project["notice"]) <= 300
        assert project["guidelines"].strip()
        for question in project["questions"]:
            feedback.settings_with_defaults(question["kind"], question.get("settings", {}))


def test_stronger_models_wrote_better_answers(every):
    grades = {model: [] for model in items.MODELS}
    for row in every:
        for response, quality in zip(row["responses"], row["metadata"]["quality"], strict=True):
            grades[response["model"]].append(quality)
    means = [sum(values) / len(values) for values in grades.values()]
    assert means == sorted(means, reverse=True)
    assert all(len(values) > 100 for values in grades.values())


def test_majority_finds_most_of_the_truth_but_not_all(text):
    """There is something left for consensus and curation to do."""
    hits = []
    for row in text:
        cast: dict[tuple[int, int], Counter[str]] = {}
        for vote in row["votes"]:
            if "dimension" not in vote:
                cast.setdefault(tuple(vote["between"]), Counter())[vote["choice"]] += 1
        quality = row["metadata"]["quality"]
        for (a, b), counted in cast.items():
            if quality[a] != quality[b] and counted.total() == items.VOTERS:
                hits.append(counted.most_common(1)[0][0] == ("a" if quality[a] > quality[b] else "b"))
    assert 0.8 < sum(hits) / len(hits) < 0.95
