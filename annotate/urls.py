from django.urls import path

from annotate.views import dashboard, home, jobs, people, projects, rubrics, tasks, workbench

PROJECT = "projects/<int:project_id>"
TASK = f"{PROJECT}/annotate/tasks/<int:task_id>"
PEOPLE = "organisations/<int:organisation_id>/people"
TOKENS = "organisations/<int:organisation_id>/tokens"

urlpatterns = [
    path("", home.home, name="home"),
    path("projects/new", projects.create, name="new_project"),
    path(f"{PROJECT}/", dashboard.dashboard, name="dashboard"),
    path(f"{PROJECT}/panels/<slug:name>/", dashboard.panel, name="panel"),
    path(f"{PROJECT}/settings/", projects.settings, name="project_settings"),
    path(f"{PROJECT}/settings/form", projects.form, name="project_form"),
    path(f"{PROJECT}/settings/form/preview", projects.preview, name="project_form_preview"),
    path(f"{PROJECT}/settings/pause", projects.pause, name="pause_project"),
    path(f"{PROJECT}/settings/translations", projects.translations, name="translations"),
    path(f"{PROJECT}/settings/rubric/", rubrics.rubric, name="rubric"),
    path(f"{PROJECT}/tasks/items/<int:item_id>/rubric/", rubrics.item_rubric, name="item_rubric"),
    path(f"{PROJECT}/guidelines/", projects.guidelines, name="guidelines"),
    path(f"{PROJECT}/annotate/", workbench.workbench, name="workbench"),
    path(f"{PROJECT}/annotate/next", workbench.next_task, name="next_task"),
    path(f"{PROJECT}/annotate/history", workbench.history, name="history"),
    path(TASK, workbench.own_task, name="own_task"),
    path(f"{TASK}/submit", workbench.submit, name="submit"),
    path(f"{TASK}/draft", workbench.draft, name="draft"),
    path(f"{TASK}/skip", workbench.skip, name="skip"),
    path(f"{TASK}/flag", workbench.flag, name="flag"),
    path(f"{TASK}/heartbeat", workbench.heartbeat, name="heartbeat"),
    path(f"{PROJECT}/tasks/", tasks.tasks, name="tasks"),
    path(f"{PROJECT}/tasks/<int:task_id>/", tasks.task, name="task"),
    path(f"{PROJECT}/annotations/<int:annotation_id>/count", tasks.count_late, name="count_late"),
    path(f"{PROJECT}/flags/<int:flag_id>/resolve", tasks.resolve_flag, name="resolve_flag"),
    path(f"{PROJECT}/jobs/", jobs.jobs, name="jobs"),
    path("jobs/<uuid:job_id>/", jobs.job, name="job"),
    path("jobs/<uuid:job_id>/status", jobs.status, name="job_status"),
    path("jobs/<uuid:job_id>/cancel", jobs.cancel, name="job_cancel"),
    path("organisations/<int:organisation_id>/preview", projects.new_preview, name="new_project_preview"),
    path(f"{PEOPLE}/", people.people, name="people"),
    path(f"{PEOPLE}/add", people.add, name="add_person"),
    path(f"{PEOPLE}/<int:membership_id>/role", people.role, name="change_role"),
    path(f"{PEOPLE}/<int:membership_id>/remove", people.remove, name="remove_person"),
    path(f"{TOKENS}/add", people.add_token, name="add_token"),
    path(f"{TOKENS}/<int:token_id>/revoke", people.revoke_token, name="revoke_token"),
    path("account/password/", people.PasswordView.as_view(), name="password"),
]
