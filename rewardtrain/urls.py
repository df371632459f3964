from django.urls import path

from rewardtrain.views import compare, models, runs, trying

urlpatterns = [
    path("projects/<int:project_id>/runs/", runs.runs, name="runs"),
    path("projects/<int:project_id>/runs/new", runs.new_run, name="new_run"),
    path("projects/<int:project_id>/runs/new/count", runs.count_sweep, name="count_sweep"),
    path("projects/<int:project_id>/runs/compare", compare.compare, name="compare_runs"),
    path("projects/<int:project_id>/runs/leaderboard", compare.leaderboard, name="leaderboard"),
    path("projects/<int:project_id>/runs/<int:run_id>/", runs.run, name="run"),
    path("projects/<int:project_id>/runs/<int:run_id>/live", runs.live, name="run_live"),
    path("projects/<int:project_id>/runs/<int:run_id>/resume", runs.resume, name="resume_run"),
    path("projects/<int:project_id>/runs/<int:run_id>/score", runs.score, name="score_project"),
    path("projects/<int:project_id>/runs/<int:run_id>/evaluate", runs.evaluate, name="evaluate_model"),
    path("projects/<int:project_id>/runs/<int:run_id>/dashboard", models.dashboard, name="model_dashboard"),
    path("projects/<int:project_id>/runs/<int:run_id>/card", models.card, name="model_card"),
    path("projects/<int:project_id>/runs/<int:run_id>/MODEL_CARD.md", models.download_card, name="download_card"),
    path("projects/<int:project_id>/runs/<int:run_id>/try", trying.try_model, name="try_model"),
    path("projects/<int:project_id>/runs/<int:run_id>/try/nearest", trying.nearest, name="nearest_pairs"),
    path(
        "projects/<int:project_id>/runs/<int:run_id>/try/nearest/<uuid:job_id>",
        trying.nearest_state,
        name="nearest_state",
    ),
]
