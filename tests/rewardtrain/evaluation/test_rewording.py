"""Robustness to rewording: drops, stability and what counts, by models that see one change alone."""

import json
from pathlib import Path

import pytest

from rewardtrain.evaluation import _common, rewording
from rewardtrain.rewording import TRANSFORMATIONS
from tests.rewardtrain.evaluation.known import Known, file

TABLE = _common.example_pairs(
    ("Name a colour.", "Blue is the color.", "A table it is.", 1.0, 0.0, "g"),
    ("Name a town.", "Rome is the center.", "A spoon it is.", 1.0, 0.0, "g"),
    ("Name a tree.", "An oak, for one.", "A stone it is.", 1.0, 0.0, "h"),
)


def named(result: dict) -> dict[str, dict]:
    return {one["name"]: one for one in result["transformations"]}


def american(prompt: str, response: str) -> float:
    """Likes the better responses, unless they are British."""
    return (
        -1.0
        if "our" in response or "tre" in response
        else float("it is" not in response and "it's" not in response.lower())
    )


def test_a_drop_is_of_the_rows_that_changed() -> None:
    result = rewording.evaluate(TABLE, Known(american))
    found = named(result)["spelling"]
    assert (result["accuracy"]["value"], found["n"], found["before"], found["after"]) == (1.0, 2, 1.0, 0.0)
    assert found["drop"]["value"] == 1.0
    assert found["stable"] == 0.0
    assert result["worst"] == "spelling"
    assert {one["name"]: one["value"] for one in result["subsets"]}["spelling"] == 0.0


def test_a_model_that_does_not_mind_drops_nowhere() -> None:
    result = rewording.evaluate(TABLE, Known(lambda prompt, response: 1.0))
    for found in result["transformations"]:
        assert (found["drop"]["value"], found["stable"], found["moved"]) == (0.0, 1.0, 0.0)


def test_a_transformation_of_the_prompt_changes_the_prompt_alone() -> None:
    seen: set[tuple[str, str]] = set()

    def note(prompt: str, response: str) -> float:
        seen.add((prompt, response))
        return 0.0

    rewording.evaluate(TABLE, Known(note))
    twice = [(prompt, response) for prompt, response in seen if prompt.count("Name a town.") == 2]
    assert {response for _, response in twice} == {"Rome is the center.", "A spoon it is."}
    assert all(prompt.startswith('[{"content":"Name a town.') for prompt, _ in twice)


def test_what_changed_nothing_is_told() -> None:
    result = rewording.evaluate(TABLE, Known())
    assert {"code_comments", "formula_marks", "list_marks"} <= set(result["unchanged"])
    assert set(named(result)) | set(result["unchanged"]) == set(TRANSFORMATIONS)


def test_moved_is_in_standard_deviations() -> None:
    """Rewards 1 and 0, so a deviation of one half; a picture sign adds 2 to all."""
    signs = ("🙂", "📝", "🌱", "🔹")
    model = Known(lambda prompt, response: float("it is" not in response) + 2 * any(sign in response for sign in signs))
    assert named(rewording.evaluate(TABLE, model))["emoji"]["moved"] == pytest.approx(4)


@pytest.mark.real_data
def test_a_model_of_words_minds_typos_and_not_marks(real_data: Path, tmp_path: Path) -> None:
    """On LLMBar: common words in a response are lost to typos, and none to a frame around it."""
    found = json.loads((real_data / "llmbar" / "LLMBar" / "Natural" / "dataset.json").read_text())
    rows = [
        {"prompt": row["input"], "chosen": row[f"output_{row['label']}"], "rejected": row[f"output_{3 - row['label']}"]}
        for row in found
    ]
    table = rewording.read(file(tmp_path, *rows), "test")

    def words(prompt: str, response: str) -> float:
        return float(sum(word.isalpha() and word.isascii() for word in response.split()))

    result = named(rewording.evaluate(table, Known(words)))
    assert result["block_quote"]["stable"] == result["surrounding_space"]["stable"] == 1.0
    assert result["homoglyphs"]["stable"] < 1.0
    assert result["homoglyphs"]["moved"] > 0
