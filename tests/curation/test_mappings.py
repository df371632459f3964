"""The mappings that come with the product read the real annotations of the data folder, whole: counts as its README."""

from collections import Counter
from pathlib import Path

import pytest

from annotate.models import Annotation
from annotate.records import Critique, Preference, Ranking, Rating, Revision, Span, StepLabel
from annotate.services import create_project
from curation import formats, mapping, reading
from curation.importing import import_items, parse_row


def taken(name: str, *files: Path) -> tuple[list[formats.Parsed], list[str]]:
    """What a shipped mapping makes of files: the items, and why rows were rejected."""
    items, faults = [], []
    for file in files:
        mapped = mapping.Mapped(mapping.read(mapping.shipped()[name]), file.parent)
        with reading.open_source(file) as stream:
            for row in mapped.rows(stream):
                try:
                    assert row.error is None, row.error
                    items.append(parse_row(mapped, row.data))
                except formats.RowError as error:
                    faults.append(str(error))
    return items, faults


def said(items, of):
    """Every record of a type, with the item that it is about."""
    return [
        (item, record) for item in items for answer in item.answers for record in answer.records if type(record) is of
    ]


@pytest.mark.parametrize("name", sorted(mapping.shipped()))
def test_every_shipped_mapping_is_right_and_says_what_it_is_for(name):
    found = mapping.read(mapping.shipped()[name])
    assert found["title"]
    assert found["about"]


@pytest.mark.parametrize("aspect", ["naturalness", "coherence", "interestingness"])
def test_toloka_ratings(real_data, aspect):
    folder = real_data / "toloka_scratchplot" / aspect
    for name, rows, tasks in (("full-annotation-result.tsv", 600, 200), ("full-annotation-result-new.tsv", 300, 100)):
        items, faults = taken("toloka_scratchplot", folder / name)
        assert (len(items), faults, len({item.external_id for item in items})) == (rows, [], tasks)
        assert {(r.low, r.high) for _, r in said(items, Rating)} == {(1, 5)}
        assert all(answer.submitted_at for item in items for answer in item.answers)


def test_toloka_endings(real_data):
    folder = real_data / "toloka_scratchplot" / "ending"
    items, faults = taken("toloka_scratchplot_endings", *sorted(folder.glob("full*.tsv")))
    assert (len(items), faults) == (900, [])
    assert Counter(r.outcome for _, r in said(items, Preference)) == {"a": 219 + 249, "b": 231 + 201}


def test_finegrained_rlhf(real_data):
    items, faults = taken("finegrained_rlhf", real_data / "finegrained_rlhf" / "dev_feedback.json")
    assert (len(items), faults) == (500, [])
    spans = said(items, Span)
    placed = [(item, span) for item, span in spans if span.end]
    assert (len(placed), len(spans) - len(placed)) == (1373, 842)
    assert all(0 <= s.start < s.end <= len(item.responses[0].text) for item, s in placed)
    assert Counter(s.category for _, s in placed).most_common(2) == [("Irrelevant", 909), ("Wrong-Grounding", 163)]
    assert Counter(r.outcome for _, r in said(items, Preference)) == {"a": 1577, "b": 1039, "tie": 384}
    assert Counter(r.a + r.b for _, r in said(items, Preference)) == dict.fromkeys(
        ("01", "02", "03", "12", "13", "23"), 500
    )
    assert len(said(items, Revision)) == 487


def test_big_bench_mistake(real_data):
    items, faults = taken("big_bench_mistake", *sorted((real_data / "big_bench_mistake").glob("*.jsonl")))
    assert (len(items), faults) == (2186, [])
    wrong = said(items, StepLabel)
    assert sum(label.value == -1 for _, label in wrong) == 2186 - 478
    last = {}
    for item, label in wrong:
        last[item.external_id] = label.step, label.value, len(item.responses[0].metadata["steps"])
    assert all(value == -1 or step == count - 1 for step, value, count in last.values())


def test_biggen_bench(real_data):
    items, faults = taken("biggen_bench_rubrics", real_data / "biggen_bench_rubrics" / "sample_responses.json")
    assert (len(items), faults) == (765, [])
    assert {tuple(c["category"] for c in item.criteria) for item in items} == {("question", *["level"] * 5)}
    assert len({item.external_id for item in items}) == 765


def test_shepherd(real_data):
    items, faults = taken("shepherd", real_data / "shepherd" / "human_data_for_model.jsonl")
    assert (len(items), faults, len(said(items, Critique))) == (1317, [], 1317)
    items, faults = taken("shepherd_raw", real_data / "shepherd" / "human_data_raw.jsonl")
    assert (len(items), faults) == (1317, [])
    assert len(said(items, Rating)) == 2 * 1317
    kinds = Counter(r.aspect for _, r in said(items, Critique))
    assert kinds.most_common(1) == [("COHERENCE_AND_DEDUCTION", 875)]
    assert kinds.total() == 875 + 226 + 178 + 161 + 143 + 120


def test_metacritique(real_data):
    items, faults = taken("metacritique", real_data / "metacritique" / "annotation_data.json")
    assert (len(items), faults) == (100, [])
    labels = said(items, StepLabel)
    assert len(labels) == 1951
    assert all(r.step < len(item.responses[int(r.response)].metadata["steps"]) for item, r in labels)


def test_llmbar(real_data):
    folder = real_data / "llmbar"
    for part, count in (("LLMBar", 419), ("Processed", 466)):
        items, faults = taken("llmbar", *sorted((folder / part).rglob("dataset.json")))
        assert (len(items), faults, len(said(items, Preference))) == (count, [], count)
        assert {item.gold for item in items} == {"a", "b"}


def test_ai_images(real_data):
    items, faults = taken("ai_images", real_data / "ai_images" / "ratings.csv")
    assert (len(items), faults) == (3, [])
    assert sum(len(item.responses) for item in items) == 16
    ratings = said(items, Rating)
    assert len(ratings) == 1928
    assert len({r.dimension for _, r in ratings}) == 4
    assert all((real_data / "ai_images" / r.media[0]).is_file() for item in items for r in item.responses)
    seagull = next(item for item in items if item.external_id == "p21")
    assert "seagull" in seagull.prompt[0]["content"]


def test_tifa(real_data):
    items, faults = taken("tifa_human", real_data / "tifa_human" / "human_annotations_with_scores.json")
    assert (len(items), faults, len({item.group for item in items})) == (800, [], 160)
    assert len(said(items, Rating)) == 1600
    assert {answer.rater for item in items for answer in item.answers} == {"rater 1", "rater 2"}


def test_imagereward(real_data):
    items, faults = taken("imagereward_test_rankings", real_data / "imagereward_test_rankings" / "test.json")
    assert (len(items), faults) == (466, [])
    rankings = [r.ranks for _, r in said(items, Ranking)]
    assert len(rankings) == 466
    assert sum(len(set(ranks.values())) < len(ranks) for ranks in rankings) == 349
    assert all(4 <= len(ranks) == len(item.responses) <= 9 for item, ranks in zip(items, rankings, strict=True))


def test_alpaca_eval(real_data):
    """One file of the 32; `bench/real_data.py` takes them all."""
    items, faults = taken("alpaca_eval_gpt4", real_data / "alpaca_eval_gpt4" / "gpt4.annotations.json.gz")
    assert (len(items), faults, len({item.group for item in items})) == (805, [], 805)
    assert len({item.external_id for item in items}) == 805


@pytest.mark.django_db
def test_rankings_with_ties_go_into_a_project_and_missing_pictures_are_counted(world, real_data, tmp_path):
    question = {"name": "order", "kind": "ranking", "title": "Rank them", "settings": {"ties": True}}
    project = create_project(organisation=world.organisation, name="Rankings", questions=[question], overlap=1)
    given = {
        "project": project,
        "source": real_data / "imagereward_test_rankings" / "test.json",
        "mapping": mapping.shipped()["imagereward_test_rankings"],
        "rejected_path": tmp_path / "rejected.csv",
    }
    result = import_items(**given)
    assert (result.items, result.rejected, result.answers, result.answers_rejected) == (466, 0, 466, 0)
    [(reason, count)] = result.left_out.items()
    assert "media file is missing" in reason
    assert count == sum(len(task.responses) for task in project.tasks.all())
    response = project.items.first().responses.first()
    assert response.text == f"[{response.metadata['missing_media'][0]}]"
    again = import_items(**given)
    assert (again.items, again.answers, again.answers_known) == (0, 0, 466)


@pytest.mark.django_db
def test_pictures_come_along_and_a_rating_of_each_is_an_answer_of_its_own(world, real_data, tmp_path):
    question = {"name": "note", "kind": "critique", "title": "Why?", "required": False}
    project = create_project(organisation=world.organisation, name="Pictures", questions=[question], overlap=1)
    result = import_items(
        project=project,
        source=real_data / "ai_images" / "ratings.csv",
        mapping=mapping.shipped()["ai_images"],
        rejected_path=tmp_path / "rejected.csv",
    )
    assert (result.items, result.rejected, result.answers) == (3, 0, 0)
    assert result.left_out == {"The form has no question for a rating.": 1928}
    assert not Annotation.objects.filter(task__project=project).exists()
    media = {ref for item in project.items.all() for response in item.responses.all() for ref in response.media}
    assert len(media) == 16
