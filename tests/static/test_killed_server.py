"""The server's process is killed under an annotator's hands and comes back: nothing that was typed or sent is lost."""

import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from annotate.models import Annotation, Draft
from config.processes import commands
from config.up import free_port

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[2]


class Server:
    """The product's own web process, on the database of the tests."""

    def __init__(self, log: Path) -> None:
        self.port, self.log = free_port(), log
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        name = connection.settings_dict["NAME"]
        base = "sqlite:///" if connection.vendor == "sqlite" else os.environ["DATABASE_URL"].rpartition("/")[0] + "/"
        env = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
        env |= {"DATABASE_URL": f"{base}{name}", "PORT": str(self.port), "HOST": "127.0.0.1", "WEB_WORKERS": "1"}
        with self.log.open("a") as file:
            self.process = subprocess.Popen(
                commands(env)["web"], cwd=ROOT, env=env, stdout=file, stderr=file, start_new_session=True
            )

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def kill(self) -> None:
        """As a machine kills what takes too much memory: at once, with all its children."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "gunicorn.log")
    yield server
    server.kill()


@pytest.mark.slow
def test_what_was_typed_and_sent_outlives_the_server(
    chromium: Any, server: Server, project: Any, annotator: Any, client: Any
) -> None:
    client.force_login(annotator)
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": server.url}])
    page = context.new_page()
    page.set_default_timeout(20_000)

    def until(true: Callable[[], bool], what: str, seconds: int = 30) -> None:
        for _ in range(seconds * 20):
            if true():
                return
            time.sleep(0.05)
        pytest.fail(f"never: {what}\n{server.log.read_text()[-2000:]}")

    server.start()
    until(server.answers, "the server answers")
    page.goto(f"{server.url}/projects/{project.pk}/annotate/")
    page.wait_for_selector(".question[data-active]")
    page.keyboard.press("h")
    until(lambda: annotator.raters.get().leases.count() == 2, "the next task is there ahead")
    first = int(page.locator("[data-task]").get_attribute("data-task"))

    # An answer that is sent while nobody is there to take it.
    page.keyboard.press("1")
    page.keyboard.press("w")
    page.keyboard.type("The first is right.")
    server.kill()
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(f'[data-task]:not([data-task="{first}"])')
    second = int(page.locator("[data-task]").get_attribute("data-task"))
    page.locator(".saved", has_text="not sent yet").wait_for()
    # And one that is half typed, in a page that is closed before the server is back.
    page.wait_for_selector(".question[data-active]")
    page.keyboard.press("3")
    page.keyboard.press("w")
    page.keyboard.type("Half a sent")
    page.keyboard.press("Control+s")
    page.locator(".saved", has_text="Draft kept in this browser").wait_for()
    assert Annotation.objects.count() == 0
    assert not Draft.objects.filter(task=second).exists()
    page.close()

    server.start()
    until(server.answers, "the server answers again")
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(f"{server.url}/projects/{project.pk}/annotate/")
    page.wait_for_selector("[data-answered]")
    until(lambda: Annotation.objects.filter(task=first).exists(), "the first answer arrives")
    assert Annotation.objects.get(task=first).answers["why"] == {"overall": {"text": "The first is right."}}
    assert int(page.locator("[data-task]").get_attribute("data-task")) == second
    assert page.locator("[data-question-name=why] textarea").input_value() == "Half a sent"
    assert page.locator("[data-question-name=preference] input:checked").get_attribute("data-label").startswith("B")
    page.keyboard.press("Enter")
    page.wait_for_selector(f'[data-task]:not([data-task="{second}"])')
    until(lambda: Annotation.objects.filter(task=second).exists(), "the second answer arrives")
    assert Annotation.objects.count() == 2, "each is counted once"
    page.wait_for_load_state("networkidle")
    context.close()
