"""The common shape of our management commands: one job done in the foreground, one JSON object on request."""

import json
import sys
import time
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotate.access.models import Organisation
from annotate.access.services import create_organisation
from annotate.discovery import UnknownPlugin
from annotate.jobs.registry import JobError
from annotate.models import Project


class JobCommand(BaseCommand):
    """Subclasses define ``work``; what it returns is printed, as JSON with --json. Progress goes to stderr."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        self.add_own_arguments(parser)

    def add_own_arguments(self, parser: CommandParser) -> None:
        """The command's own arguments."""

    def work(self, **options: Any) -> dict[str, Any]:
        raise TypeError("a command says what it does")

    def handle(self, *args: Any, **options: Any) -> None:
        as_json = options.pop("json")
        self._printed = 0.0
        try:
            result = self.work(**options)
        except (JobError, UnknownPlugin, LookupError, ValueError, OSError) as error:
            raise CommandError(str(error)) from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        finally:
            if sys.stderr.isatty():
                self.stderr.write("\r\033[K", ending="")
        self.describe(result, as_json)

    def describe(self, result: dict[str, Any], as_json: bool) -> None:
        """Print what ``work`` returned."""
        if as_json:
            self.stdout.write(json.dumps(result, indent=2, default=str))
        else:
            self._describe(result)

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """A line on a terminal, rewritten twice a second; nothing elsewhere."""
        if sys.stderr.isatty() and time.monotonic() - self._printed > 0.5:
            self._printed = time.monotonic()
            share = f"{100 * done / total:3.0f} % " if total else ""
            self.stderr.write(f"\r\033[K{share}{message}", ending="")

    def _describe(self, result: dict[str, Any], indent: str = "") -> None:
        for name, value in result.items():
            if isinstance(value, dict):
                self.stdout.write(f"{indent}{name}:")
                self._describe(value, indent + "  ")
            else:
                self.stdout.write(f"{indent}{name}: {value}")


def project_argument(parser: CommandParser) -> None:
    """``project``: a project by number or name."""
    parser.add_argument("project", help="number or name of the project")


def find_project(wanted: str) -> Project:
    """The project with this number or name.

    Raises
    ------
    LookupError
        If there is none, or more than one of that name.
    """
    if wanted.isdigit() and (project := Project.objects.filter(pk=wanted).first()):
        return project
    found = list(Project.objects.filter(name=wanted)[:2])
    if len(found) != 1:
        state = "no project" if not found else "more than one project"
        raise LookupError(f"There is {state} called {wanted!r}; `manage.py projects` lists them with their numbers.")
    return found[0]


def find_or_create_organisation(name: str) -> Organisation:
    return Organisation.objects.filter(name=name).first() or create_organisation(name=name)
