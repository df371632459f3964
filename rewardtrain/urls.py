from django.urls import path

from rewardtrain import views

urlpatterns = [
    path("projects/<int:project_id>/runs/", views.runs, name="runs"),
    path("projects/<int:project_id>/runs/new", views.new_run, name="new_run"),
    path("projects/<int:project_id>/runs/<int:run_id>/", views.run, name="run"),
    path("projects/<int:project_id>/runs/<int:run_id>/live", views.live, name="run_live"),
    path("projects/<int:project_id>/runs/<int:run_id>/resume", views.resume, name="resume_run"),
    path("projects/<int:project_id>/runs/<int:run_id>/score", views.score, name="score_project"),
    path("projects/<int:project_id>/runs/<int:run_id>/evaluate", views.evaluate, name="evaluate_model"),
]
