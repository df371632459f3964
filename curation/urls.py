from django.urls import path

from curation.views import agreement, budget, campaigns, datasets, imports, judge_lab, judges, lineage, quality

urlpatterns = [
    path("projects/<int:project_id>/import/", imports.import_page, name="import"),
    path("projects/<int:project_id>/import/<uuid:job_id>/rejected.csv", imports.rejected, name="rejected"),
    path("projects/<int:project_id>/agreement/", agreement.agreement, name="agreement"),
    path("projects/<int:project_id>/agreement/compute", agreement.compute, name="compute_agreement"),
    path("projects/<int:project_id>/quality/", quality.quality, name="quality"),
    path("projects/<int:project_id>/quality/compute", quality.compute, name="compute_quality"),
    path("projects/<int:project_id>/quality/<slug:plot>/", quality.rows, name="quality_rows"),
    path("projects/<int:project_id>/judges/lab/", judge_lab.judge_lab, name="judge_lab"),
    path("projects/<int:project_id>/judges/lab/compute", judge_lab.compute, name="compute_judge_lab"),
    path("projects/<int:project_id>/judges/lab/pairs/", judge_lab.cases, name="judge_lab_cases"),
    path("projects/<int:project_id>/judges/budget/", budget.budget_planner, name="budget_planner"),
    path("projects/<int:project_id>/judges/budget/study", budget.study, name="study_budget"),
    path("projects/<int:project_id>/judges/budget/<int:study_id>/apply", budget.apply, name="apply_budget"),
    path("projects/<int:project_id>/judges/", judges.judges, name="judges"),
    path("projects/<int:project_id>/judges/new", judges.new_judge, name="new_judge"),
    path("projects/<int:project_id>/judges/<int:judge_id>/", judges.judge, name="judge"),
    path("projects/<int:project_id>/judges/<int:judge_id>/estimate", judges.judge_estimate, name="judge_estimate"),
    path("projects/<int:project_id>/judges/<int:judge_id>/start", judges.start_judge, name="start_judge"),
    path("projects/<int:project_id>/judges/runs/<int:run_id>/", judges.judge_run, name="judge_run"),
    path("projects/<int:project_id>/judges/runs/<int:run_id>/live", judges.judge_live, name="judge_live"),
    path("projects/<int:project_id>/judges/runs/<int:run_id>/resume", judges.resume_judge, name="resume_judge"),
    path("projects/<int:project_id>/campaigns/", campaigns.campaigns, name="campaigns"),
    path("projects/<int:project_id>/campaigns/new", campaigns.new_campaign, name="new_campaign"),
    path("projects/<int:project_id>/campaigns/<int:campaign_id>/", campaigns.campaign, name="campaign"),
    path(
        "projects/<int:project_id>/campaigns/<int:campaign_id>/state", campaigns.campaign_state, name="campaign_state"
    ),
    path("projects/<int:project_id>/campaigns/<int:campaign_id>/go-on", campaigns.go_on, name="campaign_go_on"),
    path("projects/<int:project_id>/campaigns/<int:campaign_id>/cancel", campaigns.cancel, name="campaign_cancel"),
    path("projects/<int:project_id>/datasets/", datasets.datasets, name="datasets"),
    path("projects/<int:project_id>/datasets/lineage", lineage.lineage, name="lineage"),
    path("projects/<int:project_id>/datasets/difference", lineage.difference, name="difference"),
    path("projects/<int:project_id>/datasets/compare", lineage.compare, name="compare_versions"),
    path(
        "projects/<int:project_id>/datasets/difference/<int:old_id>-<int:new_id>.<slug:format>",
        lineage.download_difference,
        name="download_difference",
    ),
    path("projects/<int:project_id>/datasets/new", datasets.new_version, name="new_version"),
    path("projects/<int:project_id>/datasets/preview/<uuid:job_id>", datasets.preview, name="preview"),
    path("projects/<int:project_id>/datasets/versions/<int:version_id>/", datasets.version, name="version"),
    path("projects/<int:project_id>/datasets/versions/<int:version_id>/export", datasets.export, name="export_version"),
    path("projects/<int:project_id>/exports/<uuid:job_id>.zip", datasets.download, name="download_export"),
]
