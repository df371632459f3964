"""Items of a project, with the answers of several raters, as an export of the project meets them."""

import pytest

from annotate import records
from curation.formats import Parsed, ParsedAnswer, ParsedResponse

LOOSE = {"item": "", "rater": ""}


def said(kind: str, question: str = "q", **fields):
    """One record by the name of its type: ``said("verdict", response="0", good=True)``."""
    return records.TYPES[kind](**LOOSE, question=question, **fields)


@pytest.fixture
def record():
    return said


@pytest.fixture
def item():
    """``item({"ann": [record, …]}, texts=("A", "B"))``: an item with two responses and those answers."""

    def build(answers, texts=("First.", "Second."), *, prompt=None, media=(), **more) -> Parsed:
        responses = tuple(text if isinstance(text, ParsedResponse) else ParsedResponse(text) for text in texts)
        given = [{"role": "user", "content": "Why?"}] if prompt is None else prompt
        told = tuple(ParsedAnswer(rater, tuple(own)) for rater, own in answers.items())
        return Parsed(given, responses, external_id="i1", media=tuple(media), answers=told, **more)

    return build


@pytest.fixture
def question():
    """A question of a form as an export of the project gives it."""

    def build(kind: str, name: str = "q", **settings):
        return {"name": name, "kind": kind, "title": name.title(), "help": "", "required": True, "settings": settings}

    return build
