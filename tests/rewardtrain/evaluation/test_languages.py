"""Languages: accuracy of each, their mean and their spread."""

from pathlib import Path

import pytest

from rewardtrain.errors import DataError
from rewardtrain.evaluation import languages
from tests.rewardtrain.evaluation.known import Known, file


def row(language: str, won: bool, number: int, **more: object) -> dict:
    pair = {"chosen": "up", "rejected": "down"} if won else {"chosen": "down", "rejected": "up"}
    return {"prompt": f"{language}{number}", "language": language, "id": number, **pair, **more}


def test_languages_weigh_alike(tmp_path: Path) -> None:
    rows = [row("en", True, 0), row("en", True, 1), row("en", True, 2), row("sw", True, 0), row("sw", False, 1)]
    result = languages.evaluate(languages.read(file(tmp_path, *rows), ""), Known(up=1.0))
    assert [(one["name"], one["n"], one["value"]) for one in result["subsets"]] == [("en", 3, 1.0), ("sw", 2, 0.5)]
    assert result["accuracy"]["value"] == 0.8
    assert result["macro"]["value"] == 0.75
    assert result["spread"]["value"] == 0.5
    assert result["deviation"] == 0.25
    assert (result["worst"]["name"], result["best"]["name"]) == ("sw", "en")


def test_translations_are_drawn_together(tmp_path: Path) -> None:
    """Where the same prompts are lost in both languages, the spread is 0 in every draw."""
    rows = [row(language, number % 2 == 0, number) for language in ("en", "sw") for number in range(20)]
    result = languages.evaluate(languages.read(file(tmp_path, *rows), ""), Known(up=1.0))
    assert result["macro"]["clusters"] == 20
    assert (result["spread"]["low"], result["spread"]["high"]) == (0.0, 0.0)


def test_categories_have_several_names(tmp_path: Path) -> None:
    rows = [
        row("en", True, 0, source="hep", category="code"),
        row("en", False, 1, source=None, category="chat"),
        row("en", True, 2, source=None, category=None),
    ]
    found = languages.evaluate(languages.read(file(tmp_path, *rows), ""), Known(up=1.0))["categories"]
    assert [(one["name"], one["value"]) for one in found] == [("chat", 0.0), ("hep", 1.0)]


def test_a_row_without_language_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Row 2 of .* lacks language"):
        languages.read(file(tmp_path, row("en", True, 0), row("", True, 1)), "")
