"""The labelling configuration: what is shown, then the controls of every question."""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any
from xml.etree import ElementTree

from curation.formats._found import named

Question = Mapping[str, Any]


def files(questions: list[dict[str, Any]], options: Mapping[str, Any]) -> dict[str, str]:
    """label_config.xml."""
    view = ElementTree.Element("View")
    places = range(options["responses"])
    _tag(view, "Text", name="prompt", value="$prompt")
    for place in places:
        _tag(view, "Text", name=f"response_{place}", value=f"$response_{place}")
    if options["pictures"]:
        _tag(view, "Image", name="source", value="$source")
        for place in places:
            _tag(view, "Image", name=f"picture_{place}", value=f"$picture_{place}")
    if any(question["kind"] == "ranking" for question in questions):
        _tag(view, "List", name="responses", value="$items", title="Responses")
    for question in questions:
        _tag(view, "Header", value=question["title"])
        _controls(view, question, options)
    ElementTree.indent(view)
    return {"label_config.xml": ElementTree.tostring(view, encoding="unicode") + "\n"}


def _controls(view: ElementTree.Element, question: Question, options: Mapping[str, Any]) -> None:
    kind, places = question["kind"], range(options["responses"])
    if kind == "critique" and question["settings"].get("about", "each") == "overall":
        _critique(view, question, "all", "prompt")
    elif kind == "region":
        if options["pictures"]:
            for place in places:
                _region(view, question, str(place), f"picture_{place}")
            _region(view, question, "source", "source")
    elif kind in _OF_ALL:
        _OF_ALL[kind](view, question, places)
    elif kind in _OF_EACH:
        for place in places:
            _OF_EACH[kind](view, question, str(place), f"response_{place}")


def _pairwise(view: ElementTree.Element, question: Question, places: range) -> None:
    steps = len(question["settings"].get("labels", ["better"]))
    for row in _rows(question):
        for a, b in combinations(places, 2):
            own = f"{question['name']}:{row}:{a}:{b}"
            _tag(view, "Pairwise", name=own, toName=f"response_{a},response_{b}")
            if steps > 1:
                _tag(view, "Rating", name=f"{own}:strength", toName="prompt", maxRating=str(steps))


def _ranking(view: ElementTree.Element, question: Question, places: range) -> None:
    ranker = _tag(view, "Ranker", name=f"{question['name']}:overall:all", toName="responses")
    for place in places:
        _tag(ranker, "Bucket", name=f"rank-{place + 1}", title=str(place + 1))


def _rating(view: ElementTree.Element, question: Question, end: str, to_name: str) -> None:
    settings = question["settings"]
    for row in _rows(question):
        own = f"{question['name']}:{row}:{end}"
        if stars(settings):
            _tag(view, "Rating", name=own, toName=to_name, maxRating=str(settings.get("high", 5)))
        else:
            _tag(view, "Number", name=own, toName=to_name)


def stars(settings: Mapping[str, Any]) -> bool:
    """Whether stars say what the question asks: whole numbers from 1, and not too many."""
    own = settings.get("levels") or settings.get("item_levels")
    return settings.get("low", 1) == 1 and settings.get("step", 1) == 1 and settings.get("high", 5) <= 10 and not own


def _binary(view: ElementTree.Element, question: Question, end: str, to_name: str) -> None:
    _choice(view, f"{question['name']}:overall:{end}", to_name, ("good", "bad"))


def _rubric(view: ElementTree.Element, question: Question, end: str, to_name: str) -> None:
    for criterion in named(question["settings"], "criteria"):
        _choice(view, f"{question['name']}:{criterion}:{end}", to_name, ("met", "unmet", "na"))


def _critique(view: ElementTree.Element, question: Question, end: str, to_name: str) -> None:
    for aspect in named(question["settings"], "aspects") or ["overall"]:
        _tag(view, "TextArea", name=f"{question['name']}:{aspect}:{end}", toName=to_name)


def _revision(view: ElementTree.Element, question: Question, end: str, to_name: str) -> None:
    _tag(view, "TextArea", name=f"{question['name']}:revision:{end}", toName=to_name, value=f"${to_name}")


def _span(view: ElementTree.Element, question: Question, end: str, to_name: str) -> None:
    name = question["name"]
    _marks(view, "Labels", f"{name}:overall:{end}", to_name, question["settings"])
    _about(view, question, end, to_name)
    if question["settings"].get("correction"):
        _tag(view, "TextArea", name=f"{name}:correction:{end}", toName=to_name, perRegion="true")


def _region(view: ElementTree.Element, question: Question, end: str, to_name: str) -> None:
    name = question["name"]
    _marks(view, "RectangleLabels", f"{name}:box:{end}", to_name, question["settings"])
    _marks(view, "PolygonLabels", f"{name}:polygon:{end}", to_name, question["settings"])
    _about(view, question, end, to_name)


_OF_ALL: dict[str, Callable[[ElementTree.Element, Question, range], None]] = {
    "pairwise": _pairwise,
    "ranking": _ranking,
}
_OF_EACH: dict[str, Callable[[ElementTree.Element, Question, str, str], None]] = {
    "rating": _rating,
    "binary": _binary,
    "rubric": _rubric,
    "critique": _critique,
    "revision": _revision,
    "span": _span,
}


def _rows(question: Question) -> list[str]:
    return named(question["settings"], "dimensions") or ["overall"]


def _about(view: ElementTree.Element, question: Question, end: str, to_name: str) -> None:
    name, settings = question["name"], question["settings"]
    if severities := named(settings, "severities"):
        _choice(view, f"{name}:severity:{end}", to_name, severities, perRegion="true")
    if settings.get("explanation"):
        _tag(view, "TextArea", name=f"{name}:explanation:{end}", toName=to_name, perRegion="true")


def _marks(view: ElementTree.Element, tag: str, name: str, to_name: str, settings: Mapping[str, Any]) -> None:
    labels = _tag(view, tag, name=name, toName=to_name)
    for category in named(settings, "categories"):
        _tag(labels, "Label", value=category)


def _choice(view: ElementTree.Element, name: str, to_name: str, words: Sequence[str], **more: str) -> None:
    choices = _tag(view, "Choices", name=name, toName=to_name, choice="single", **more)
    for word in words:
        _tag(choices, "Choice", value=word)


def _tag(parent: ElementTree.Element, tag: str, **attributes: str) -> ElementTree.Element:
    return ElementTree.SubElement(parent, tag, attributes)
