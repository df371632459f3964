"""Addresses of the API of the reward lab, below /api/v1/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from rewardtrain import api

project = SimpleRouter(use_regex_path=False)
project.register("runs", api.RunViewSet, basename="api-run")
project.register("models", api.ModelViewSet, basename="api-model")
project.register("evaluations", api.EvaluationViewSet, basename="api-evaluation")

urlpatterns = [
    path("score", api.ScoreView.as_view(), name="api_score"),
    path("projects/<int:project_id>/", include(project.urls)),
]
