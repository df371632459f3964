"""Make the demo: made-up content, an admin and three annotators; a second time it only prints their sign-ins."""

from typing import Any

from annotate.commands import JobCommand
from rewardtrain.demo import seed


class Command(JobCommand):
    help = __doc__

    def work(self, **options: Any) -> dict[str, Any]:
        return {"sign_ins": seed()}

    def _describe(self, result: dict[str, Any], indent: str = "") -> None:
        width = max(len(row["email"]) for row in result["sign_ins"])
        for row in result["sign_ins"]:
            self.stdout.write(f"  {row['email']:{width}}  {row['password']}  {row['role']}")
