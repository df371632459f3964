"""Re-queue jobs whose worker died and end leases that ran out: once, or again and again."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from annotate.jobs.services import reap
from annotate.queue import expire_leases


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=float, default=0, metavar="SECONDS", help="repeat, until interrupted")

    def handle(self, *args: Any, **options: Any) -> None:
        while True:
            reap()
            expire_leases()
            if not options["every"]:
                return
            try:
                time.sleep(options["every"])
            except KeyboardInterrupt:
                return
