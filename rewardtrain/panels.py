"""The reward lab's panel of the dashboard."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from annotate.dashboard import panel
from rewardtrain import drawing, selectors


@panel("reward_models", title=_("Reward models"), order=60, template="rewardtrain/panels/reward_models.html")
def reward_models(request: HttpRequest) -> dict[str, Any]:
    """Accuracy of the newest runs on their test splits, beside the trivial baseline."""
    runs = selectors.project_runs(request.project)[:8]
    rows = [{"run": run, "evaluation": selectors.headline(run)} for run in runs]
    return {"rows": rows, "chart": drawing.comparison(rows)}
