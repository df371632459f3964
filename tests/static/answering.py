"""What browser tests of feedback kinds share: a small project, what was stored, and axe."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from annotate.models import Annotation, Draft
from tests import axe


def project_of(
    questions: Sequence[Mapping[str, Any]], texts: Sequence[str], criteria: Sequence[Mapping[str, Any]] = ()
) -> Any:
    """A project with these questions and two tasks of the same responses."""
    from annotate import services
    from annotate.access.models import Organisation

    organisation = Organisation.objects.create(name="Lab", slug="lab")
    project = services.create_project(organisation=organisation, name="Answers", questions=questions, overlap=1)
    items = [
        services.NewItem(
            external_id=f"item-{number}",
            prompt=[{"role": "user", "content": f"Question {number}"}],
            criteria=tuple(criteria),
            responses=tuple(services.NewResponse(text=text) for text in texts),
        )
        for number in range(2)
    ]
    services.add_items(project=project, items=items)
    return project


def wait_until(page: Any, condition: Callable[[], bool], what: str) -> None:
    for _ in range(100):
        if condition():
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never: {what}")


def drafted(page: Any, question: str) -> Any:
    """What the server holds of an answer that is not sent yet, once it does."""
    wait_until(page, lambda: Draft.objects.filter(answers__has_key=question).exists(), "a draft on the server")
    return Draft.objects.get().answers[question]


def submitted(page: Any, question: str) -> dict[str, Any]:
    """The answer to a question, by letter of the response, once it is sent and stored."""
    page.keyboard.press("Control+Enter")
    return stored(page, question)


def stored(page: Any, question: str) -> dict[str, Any]:
    """The answer to a question, by letter of the response, once it is stored."""
    wait_until(page, lambda: Annotation.objects.filter(is_current=True).exists(), "an answer")
    annotation = Annotation.objects.get(is_current=True)
    return {letter: annotation.answers[question][key] for letter, key in zip("AB", annotation.shown, strict=False)}


def kept_offline(page: Any) -> None:
    """Send the answer while there is no connection, then bring the connection back."""
    page.context.set_offline(True)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=1 answer not sent yet")
    assert not Annotation.objects.exists()
    page.context.set_offline(False)


def without_faults(page: Any) -> None:
    """That axe finds nothing."""
    assert axe.faults(page) == []
