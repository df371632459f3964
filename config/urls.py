"""All addresses; each app brings its own pages (``urls``) and its own part of the API (``api_urls``)."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path
from django.views.i18n import set_language
from drf_spectacular.views import SpectacularAPIView

from config import views

urlpatterns = [
    path("login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("language/", set_language, name="set_language"),
    path("language/catalog.js", views.words_of_scripts, name="words_of_scripts"),
    path("admin/", admin.site.urls),
    path("", include("annotate.media.urls")),
    path("", include("annotate.urls")),
    path("", include("curation.urls")),
    path("", include("rewardtrain.urls")),
    path("api/", views.api_docs, name="api_docs"),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/v1/", include("annotate.api_urls")),
    path("api/v1/", include("curation.api_urls")),
    path("api/v1/", include("rewardtrain.api_urls")),
]

handler404 = "config.views.not_found"
