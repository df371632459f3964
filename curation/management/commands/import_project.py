"""Make a new project of an exported one: its form, and all items with all answers and media."""

import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from annotate.commands import JobCommand, find_or_create_organisation
from curation import project_files
from curation.downloads import unpacked
from curation.importing import import_items


class Command(JobCommand):
    help = __doc__

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="what export_project wrote, as a folder or zipped")
        parser.add_argument("--organisation", required=True)
        parser.add_argument("--name", default="", help="of the new project; else that of the exported one")

    def work(self, *, folder: Path, organisation: str, name: str, **rest: Any) -> dict[str, Any]:
        with unpacked(str(folder)) as found:
            root = Path(found) if Path(found).is_dir() else Path(found).parent
            project, items = project_files.create_from(
                organisation=find_or_create_organisation(organisation), folder=root, name=name
            )
            result = import_items(
                project=project,
                source=items,
                format="touchstone",
                rejected_path=settings.EXPORTS_DIR / str(uuid.uuid4()) / "rejected.csv",
                progress=self.progress,
            )
        return {"project": project.pk, "name": project.name, **result.to_dict()}
