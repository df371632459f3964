"""A project of the demo's gallery for tests in the browser, and what axe says of a page."""

from pathlib import Path
from typing import Any

from annotate.demo.gallery import exhibits
from tests import axe


def project_of(name: str, questions: list[dict[str, Any]] | None = None) -> Any:
    """The exhibit's project, asked once; with other ``questions`` if given."""
    from annotate import services
    from annotate.access.models import Organisation
    from curation.formats import votes

    exhibit = exhibits()[name]
    organisation = Organisation.objects.create(name="Lab", slug="lab")
    project = services.create_project(
        organisation=organisation, name=exhibit.TITLE, questions=questions or exhibit.QUESTIONS, overlap=1
    )
    parsed = [votes.parse(row) for row in exhibit.rows(Path("/nowhere"))]
    services.add_items(
        project=project,
        items=[
            services.NewItem(
                external_id=one.external_id,
                prompt=[dict(message) for message in one.prompt],
                responses=tuple(services.NewResponse(text=r.text, metadata=r.metadata) for r in one.responses),
                criteria=[dict(criterion) for criterion in one.criteria],
            )
            for one in parsed
        ],
    )
    return project


def wait_until(page: Any, condition: Any, what: str) -> None:
    for _ in range(100):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never: {what}")


def faults(page: Any) -> list[str]:
    """Serious faults by axe in light and dark."""
    found = []
    for theme in ("light", "dark"):
        page.evaluate("theme => (document.documentElement.dataset.theme = theme)", theme)
        found += [f"{theme}: {rule}: {where}" for rule, where in axe.faults(page, ("serious", "critical"))]
    return found
