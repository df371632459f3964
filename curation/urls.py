from django.urls import path

from curation import views

urlpatterns = [
    path("projects/<int:project_id>/import/", views.import_page, name="import"),
    path("projects/<int:project_id>/import/<uuid:job_id>/rejected.csv", views.rejected, name="rejected"),
    path("projects/<int:project_id>/agreement/", views.agreement, name="agreement"),
    path("projects/<int:project_id>/agreement/compute", views.compute, name="compute_agreement"),
    path("projects/<int:project_id>/datasets/", views.datasets, name="datasets"),
    path("projects/<int:project_id>/datasets/new", views.new_version, name="new_version"),
    path("projects/<int:project_id>/datasets/preview/<uuid:job_id>", views.preview, name="preview"),
    path("projects/<int:project_id>/datasets/versions/<int:version_id>/", views.version, name="version"),
    path("projects/<int:project_id>/datasets/versions/<int:version_id>/export", views.export, name="export_version"),
    path("projects/<int:project_id>/exports/<uuid:job_id>.zip", views.download, name="download_export"),
]
