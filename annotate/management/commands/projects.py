"""List the projects with their numbers and progress."""

from typing import Any

from annotate.commands import JobCommand
from annotate.models import Project
from annotate.selectors import progress


class Command(JobCommand):
    help = __doc__

    def work(self, **options: Any) -> dict[str, Any]:
        rows = Project.objects.select_related("organisation").order_by("pk")
        return {
            str(project.pk): {"name": project.name, "organisation": project.organisation.name, **progress(project)}
            for project in rows
        }
