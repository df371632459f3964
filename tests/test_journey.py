"""The main job in a real browser, on the real thing: `python -m config.up --demo` with its workers.

Annotate, agree, curate, train, let the model answer, see the dashboard, export. Every page on the way is held
against axe, in light and dark, and must not complain on the console.
"""

import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from config.up import free_port
from tests import axe

ROOT = Path(__file__).resolve().parents[1]
LONG = 240_000  # milliseconds, for what a worker does on a machine of two busy cores


@pytest.fixture(scope="module")
def touchstone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A running demo: its address, its sign-ins, and its data folder."""
    folder = tmp_path_factory.mktemp("demo")
    left_out = {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"}
    env = {name: value for name, value in os.environ.items() if name not in left_out}
    port = free_port()
    env |= {"DATA_DIR": str(folder), "PORT": str(port), "HOST": "127.0.0.1"}
    log = (folder / "up.txt").open("w+")
    process = subprocess.Popen(
        [sys.executable, "-m", "config.up", "--demo"], cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True
    )
    try:
        deadline = 180
        while "Touchstone is at" not in (folder / "up.txt").read_text():
            assert process.poll() is None, (folder / "up.txt").read_text()
            deadline -= 1
            assert deadline, (folder / "up.txt").read_text()
            try:
                process.wait(1)
            except subprocess.TimeoutExpired:
                continue
        sign_ins = {row["role"]: row for row in json.loads((folder / "demo-sign-ins.json").read_text())}
        yield {"url": f"http://127.0.0.1:{port}", "sign_ins": sign_ins, "folder": folder}
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


class Visitor:
    """Somebody at a browser, who notes what the console says."""

    def __init__(self, browser: Any, touchstone: dict[str, Any], role: str) -> None:
        self.url = touchstone["url"]
        self.page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        self.page.set_default_timeout(30_000)
        self.complaints: list[str] = []
        self.page.on("console", lambda said: said.type in ("error", "warning") and self.complaints.append(said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.go("/login/")
        self.page.fill("[name=username]", touchstone["sign_ins"][role]["email"])
        self.page.fill("[name=password]", touchstone["sign_ins"][role]["password"])
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(f"{self.url}/")

    def go(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else self.url + path)

    def wait_for_job(self) -> None:
        """Wait on a job's page until it is done."""
        self.page.locator(".job .badge", has_text="Done").wait_for(timeout=LONG)

    def until(self, true: Callable[[], bool], seconds: float = 30) -> None:
        """Wait for something; Playwright's own waiting for a function needs eval, which our pages forbid."""
        for _ in range(int(seconds * 10)):
            if true():
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(
            f"not within {seconds} s at {self.page.url}: {self.page.locator('main').inner_text()[:500]}"
        )

    def check(self) -> None:
        """No serious fault by axe, in either theme; nothing on the console."""
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme)
            serious = axe.faults(self.page, ("serious", "critical"))
            assert not serious, f"{self.page.url} ({scheme}): {serious}"
        assert not self.complaints, f"{self.page.url}: {self.complaints}"


@pytest.mark.browser
@pytest.mark.slow
def test_the_main_job_in_a_browser(chromium: Any, touchstone: dict[str, Any]) -> None:
    # ---- annotate ----
    annotator = Visitor(chromium, touchstone, "annotator")
    page = annotator.page
    annotator.check()
    page.get_by_role("link", name="Label").first.click()
    for done in range(3):
        # A row of a widget is active sooner, but keys work from the moment on that a question is.
        page.locator(".question[data-active]").first.wait_for()
        task = page.locator("[data-task]").get_attribute("data-task")
        for key in ("1", "2", "4"):  # overall, correctness, clarity
            page.keyboard.press(key)
        page.keyboard.press("Enter")
        annotator.until(lambda: page.locator(f'[data-task="{task}"]').count() == 0)  # noqa: B023
        assert page.locator("[data-progress-done]").inner_text() == str(done + 1)
    page.locator(".question[data-active]").first.wait_for()
    annotator.check()
    html = page.content()
    assert "quality" not in page.locator("[data-task]").inner_html().lower()
    assert "demo-amara" not in html, "an annotator sees nobody else's answers"

    # ---- agree ----
    admin = Visitor(chromium, touchstone, "owner")
    page = admin.page
    page.get_by_role("link", name="Helpful answers").first.click()
    admin.check()
    page.get_by_role("link", name="Agreement", exact=True).first.click()
    page.get_by_role("button", name="Compute").click()
    # Figures of the demo may stand there already; the page loads itself anew once the job has ended.
    page.locator("[data-polls]").first.wait_for(state="detached", timeout=LONG)
    page.wait_for_load_state("networkidle")
    page.get_by_text("Krippendorff’s alpha, nominal").first.wait_for(timeout=LONG)
    page.locator("canvas").first.wait_for()
    admin.check()

    # ---- curate ----
    page.get_by_role("link", name="Datasets", exact=True).first.click()
    admin.check()
    page.get_by_role("link", name="New version").click()
    admin.check()
    page.get_by_role("button", name="Preview", exact=True).click()
    page.get_by_text("What each stage left").wait_for(timeout=LONG)
    admin.check()
    page.get_by_role("button", name="Make the version").click()
    admin.wait_for_job()
    admin.check()
    page.get_by_role("link", name="Open the version").click()
    admin.check()
    version = page.url

    # ---- train ----
    # The demo's own first model is in training; this one takes its place.
    first = page.url.partition("/datasets/")[0] + "/runs/1/"
    admin.go(first)
    cancel = page.get_by_role("button", name="Cancel", exact=True)
    if cancel.count():
        cancel.first.click()
        page.get_by_role("button", name="Stop the job").click()
        page.locator(".job .badge", has_text="Cancelled").wait_for(timeout=LONG)
    admin.check()
    admin.go(version)
    page.get_by_role("link", name="Train a reward model").click()
    admin.check()
    page.fill("[name=name]", "journey")
    page.fill("[name=more]", "max_steps: 4\nlog_every: 1")
    page.get_by_role("button", name="Train").click()
    page.get_by_text("Longer wins").first.wait_for(timeout=LONG)
    admin.check()
    run = page.url

    # ---- the model is a rater ----
    with page.expect_navigation():
        page.get_by_role("button", name="Let it answer the tasks").click()
    project = run.partition("/runs/")[0]
    page.locator(".job progress:not(.good)").wait_for(state="detached", timeout=LONG)
    page.wait_for_load_state("networkidle")  # the page loads itself anew when the job ends
    admin.go(f"{project}/agreement/")
    page.get_by_role("button", name="Compute").click()
    page.get_by_text("journey – ").or_(page.get_by_text(" – journey")).first.wait_for(timeout=LONG, state="attached")

    # ---- see ----
    admin.go(f"{project}/")
    page.get_by_text("Rater by rater").first.wait_for()
    page.wait_for_load_state("networkidle")
    admin.check()
    admin.go(f"{project}/tasks/")
    admin.check()
    page.locator("tbody a").first.click()
    admin.check()

    # ---- export ----
    admin.go(version)
    page.get_by_label("Format").select_option("trl")
    page.get_by_role("button", name="Export").click()
    admin.wait_for_job()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    archive = zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes()))
    train = next(name for name in archive.namelist() if name.startswith("train"))
    row = json.loads(archive.read(train).splitlines()[0])
    assert {"chosen", "rejected"} <= row.keys()
    assert not admin.complaints


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("path", ["import/", "jobs/", "settings/", "runs/new", "annotate/"])
@pytest.mark.parametrize("project", [1, 2, 3])
def test_other_pages_have_no_fault(chromium: Any, touchstone: dict[str, Any], project: int, path: str) -> None:
    admin = Visitor(chromium, touchstone, "owner")
    admin.go(f"/projects/{project}/{path}")
    admin.page.wait_for_load_state("networkidle")
    admin.check()


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("path", ["/", "/projects/new", "/organisations/1/people/", "/api/", "/account/password/"])
def test_pages_of_no_project_have_no_fault(chromium: Any, touchstone: dict[str, Any], path: str) -> None:
    admin = Visitor(chromium, touchstone, "owner")
    admin.go(path)
    admin.check()
