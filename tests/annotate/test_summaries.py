"""Every kind's answers in words, with letters for responses, and as plain text."""

import pytest

from annotate import feedback, summaries, workbench
from annotate.models import Item, Project, Question, Task


def said(kind, settings, answer, responses, dimensions=()):
    question = Question(name="q", kind=kind, title="Q", settings=settings)
    task = Task(item=Item(external_id="i", project=Project()), responses=list(responses))
    letters = dict(zip(responses, "ABCDEF", strict=False))
    return summaries.of_answer(question, answer, task, letters)


@pytest.mark.parametrize("kind", feedback.names())
def test_every_kind_has_words_for_its_example(kind):
    asked, answer = feedback.get(kind).example()
    question = Question(name=asked.question, kind=kind, title="Q", settings=dict(asked.settings))
    item = Item(external_id="i", criteria=list(asked.criteria))
    task = Task(item=item, responses=list(asked.responses))
    lines = summaries.of_answer(question, answer, task, workbench.letters(asked.responses))
    assert lines
    for line in lines:
        assert isinstance(line, str)
        assert not any(f" {key} " in f" {line} " for key in asked.responses), "letters, not keys"


def test_pairwise():
    settings = {"labels": ["slightly better", "much better"], "both_bad": True}
    for chosen, strength, words in (
        ("x", 2, "A much better"),
        ("y", 1, "B slightly better"),
        ("tie", 0, "tie"),
        ("both_bad", 0, "both bad"),
    ):
        answer = {"overall": {"chosen": chosen, "strength": strength}}
        assert said("pairwise", settings, answer, ("x", "y")) == [words]


def test_dimensions_are_called_by_their_titles():
    settings = {"dimensions": [{"name": "truth", "title": "Is it true?"}]}
    answer = {"truth": {"chosen": "x", "strength": 1}}
    assert said("pairwise", settings, answer, ("x", "y")) == ["Is it true?: A better"]


def test_ranking_and_binary():
    assert said("ranking", {}, {"x": 2, "y": 1, "z": 2}, ("x", "y", "z")) == ["B > A = C"]
    assert said("binary", {"good_label": "Safe", "bad_label": "Unsafe"}, feedback.get("binary").example()[1], ("r1",))


def test_spans():
    settings = {"categories": [{"name": "wrong"}], "explanation": True}
    answer = {"x": [{"start": 3, "end": 9, "category": "wrong", "explanation": "No."}], "y": []}
    assert said("span", settings, answer, ("x", "y")) == ["A 3–9 wrong “No.”", "B nothing to mark"]


def test_ratings_have_the_words_of_their_points():
    settings = {"anchors": [{"value": 4, "label": "good"}], "not_applicable": True}
    answer = {"x": {"overall": 4}, "y": {"overall": None}}
    assert said("rating", settings, answer, ("x", "y")) == ["A 4 of 5 (good)", "B does not apply"]
    levels = {"low": 0, "levels": [{"title": "none"}, {"title": "some"}], "dimensions": [{"name": "care"}]}
    assert said("rating", levels, {"x": {"care": 1}}, ("x",)) == ["care: A 1 of 1 (some)"]


def test_corrections():
    answer = {"x": "Better.", "y": ""}
    assert said("revision", {}, answer, ("x", "y")) == ["A rewritten: “Better.”", "B nothing to correct"]


def test_errors_and_scores_of_a_critique():
    settings = {"errors": [{"name": "sum", "title": "Wrong sum"}, {"name": "tone"}], "score": True}
    answer = {"x": {"text": "2 + 2 = 5", "errors": {"sum": "yes", "tone": "no"}, "score": 1}}
    assert said("critique", settings, answer, ("x",)) == [
        "A: “2 + 2 = 5”",
        "A Wrong sum: yes",
        "A tone: no",
        "A 1 of 5",
    ]


def test_notes_on_a_whole_response():
    settings = {"categories": [{"name": "missing", "placed": False}], "explanation": True}
    answer = {"x": [{"start": 0, "end": 0, "category": "missing", "explanation": "The year."}]}
    assert said("span", settings, answer, ("x",)) == ["A missing “The year.”"]


def test_regions_and_time_ranges():
    place = {"image": 1, "shape": "box", "points": [0, 0, 0.5, 0.5], "thickness": 0, "category": "artefact"}
    settings = {"source": True}
    answer = {"x": [place], "y": [], "source": [{**place, "image": 0}]}
    lines = ["A image 2 box artefact", "B nothing to mark", "source box artefact"]
    assert said("region", settings, answer, ("x", "y")) == lines
    heard = {"x": [{"medium": 0, "begin": 1.5, "finish": 2, "category": "fault"}], "y": []}
    assert said("time_range", {}, heard, ("x", "y")) == ["A 1.5–2 s fault", "B nothing to mark"]


def test_steps_that_are_called_the_same_stand_together():
    answer = {"x": ["right", "right", "neutral", "wrong"], "y": ["unsure"]}
    assert said("step", {}, answer, ("x", "y")) == ["A steps 1–2 right, 3 neutral, 4 wrong", "B step 1 unsure"]
    assert said("step", {"mode": "progress"}, {"x": [0, 0, 100]}, ("x",)) == ["A steps 1–2 0 %, 3 100 %"]


def test_a_tournament_and_credit_for_a_part():
    matches = [{"a": "x", "b": "y", "chosen": "y"}, {"a": "z", "b": "y", "chosen": "tie"}]
    assert said("ranking", {"schedule": "tournament"}, {"matches": matches}, ("x", "y", "z")) == ["A < B", "B = C"]
    rubric = {"criteria": [{"name": "short", "text": "Is short."}], "partial": [50]}
    assert said("rubric", rubric, {"x": {"short": "50%"}}, ("x",)) == ["A short: 50% met"]


def test_long_words_are_cut():
    (line,) = said("critique", {"about": "overall"}, {"overall": {"text": "word " * 200}}, ("x", "y"))
    assert len(line) < summaries.QUOTE + 20
    assert line.endswith("…”")


def test_no_answer_has_no_words():
    assert said("pairwise", {}, None, ("x", "y")) == []
