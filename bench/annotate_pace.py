"""How long an annotator waits from the key that sends an answer to the next task, beside the same on Label Studio.

Two kinds of work, both by keyboard in the same Chromium: a pair of texts (a key that chooses, then the key that sends),
and single verdicts (here one key a task; there a key that chooses and Ctrl+Enter, its shortest). Measured inside the
page, from the keydown event to the first frame in which the next task stands and can be answered. Before each key the
rater reads for ``READS`` milliseconds, in which the next task is loaded ahead, by whoever does that. Both servers are
in their default set-up on SQLite, on the loopback of the same machine; their turns alternate. Label Studio comes from
PyPI into an environment of its own, or from the one that LABEL_STUDIO_VENV names.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from bench import Figure, Unavailable, script

ROOT = Path(__file__).resolve().parent.parent
VERSION = "1.23.2"
EMAIL, PASSWORD, TOKEN = "pace@example.org", "a-long-password-9", "0123456789abcdef0123456789abcdef01234567"
READS = 400  # milliseconds
SENTENCE = "The quick answer is not always the better one, and the longer one is not always complete. "

# In the page: waits for a marker of another task, from the keydown of the key that sends.
WATCH = """(kind) => {
  const ready = {
    ours: () => document.querySelector(".question[data-active]") && document.querySelector("[data-task]")?.textContent,
    theirs: () => document.querySelector('[aria-label="submit"], .lsf-controls')
      && document.querySelector(".lsf-main-view, .lsf-main-content, .lsf-editor")?.textContent,
  }[kind];
  const mark = () => (ready() || "").match(/TASK-(\\d+)/)?.[1] ?? null;
  window.paceMark = mark;
  window.paceNext = (key, ctrl) => new Promise((resolve) => {
    document.addEventListener("keydown", function down(event) {
      if (event.key !== key || event.ctrlKey !== ctrl) return;
      document.removeEventListener("keydown", down, true);
      const before = mark(), start = event.timeStamp;
      const look = () => {
        const now = mark();
        if (now !== null && now !== before) return resolve(performance.now() - start);
        if (document.querySelector(".desk-note h2")) return resolve(null);
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    }, true);
  });
}"""


def measure(*, seed: int, quick: bool) -> list[Figure]:
    """Medians of both in milliseconds, with intervals over tasks, their ratio, and the keys of 100 verdicts."""
    tasks, turns = (6, 1) if quick else (20, 2)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="pace-") as folder, sync_playwright() as playwright:
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        with (
            touchstone(Path(folder) / "ours", tasks * turns + 2) as ours,
            label_studio(Path(folder) / "theirs", tasks * turns + 2) as theirs,
        ):
            waits: dict[tuple[str, str], list[float]] = {}
            for _ in range(turns):
                for name, tool in (("Touchstone", ours), ("Label Studio", theirs)):
                    for kind in ("pair", "verdict"):
                        waits.setdefault((kind, name), []).extend(tool.run(browser, kind, tasks))
        browser.close()
    for kind, title in (("pair", "pairs"), ("verdict", "single verdicts")):
        medians = {}
        for name in ("Touchstone", "Label Studio"):
            ms_T = np.array(waits[kind, name])
            low, high = median_interval(ms_T, seed)
            medians[name] = float(np.median(ms_T))
            bar = {"bar": 100.0, "smaller_is_better": True} if name == "Touchstone" and not quick else {}
            figures.append(Figure(f"{title}: {name}, median", medians[name], low, high, unit="ms", n=len(ms_T), **bar))
            figures.append(Figure(f"{title}: {name}, p95", float(np.percentile(ms_T, 95)), unit="ms", n=len(ms_T)))
        figures.append(Figure(f"{title}: Label Studio / Touchstone", medians["Label Studio"] / medians["Touchstone"]))
    return figures


def median_interval(ms_T: np.ndarray, seed: int) -> tuple[float, float]:
    """95 % bootstrap interval of the median over tasks."""
    rng = np.random.default_rng(seed)
    medians_S = np.median(rng.choice(ms_T, (2000, len(ms_T))), axis=1)
    return float(np.percentile(medians_S, 2.5)), float(np.percentile(medians_S, 97.5))


class Tool(ABC):
    """A running server with a project of pairs and one of verdicts: how to sign in, and which keys send."""

    which = ""

    def __init__(self, base: str, projects: dict[str, Any]) -> None:
        self.base, self.projects = base, projects

    @abstractmethod
    def open(self, page: Page, kind: str) -> None:
        """Sign in and stand on the first open task."""

    @abstractmethod
    def keys(self, kind: str) -> tuple[str | None, str]:
        """The key that chooses, None where the one that sends does, and the key that sends."""

    def run(self, browser: Browser, kind: str, tasks: int) -> list[float]:
        """Milliseconds from sending to the next task, for as many tasks."""
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(60_000)
        self.open(page, kind)
        page.evaluate(WATCH, self.which)
        page.wait_for_function("window.paceMark() !== null")
        choose, send = self.keys(kind)
        waits = []
        for _ in range(tasks):
            page.wait_for_timeout(READS)
            if choose:
                page.keyboard.press(choose)
                page.wait_for_timeout(60)
            *modifier, key = send.split("+")
            waited = page.evaluate_handle(
                "([key, ctrl]) => ({ wait: window.paceNext(key, ctrl) })", [key, modifier == ["Control"]]
            )
            page.keyboard.press(send)
            milliseconds = waited.evaluate("(held) => held.wait")
            if milliseconds is None:
                raise RuntimeError(f"{type(self).__name__} ran out of tasks.")
            waits.append(float(milliseconds))
        page.close()
        return waits


class Touchstone(Tool):
    which = "ours"

    def open(self, page: Page, kind: str) -> None:
        page.goto(f"{self.base}/login/?next=/projects/{self.projects[kind]}/annotate/")
        page.fill("[name=username]", EMAIL)
        page.fill("[name=password]", PASSWORD)
        page.click("button.primary")
        page.wait_for_selector(".question[data-active]")
        if page.locator("#guidelines").is_visible():
            page.keyboard.press("h")

    def keys(self, kind: str) -> tuple[str | None, str]:
        return ("1", "Enter") if kind == "pair" else (None, "1")


class LabelStudio(Tool):
    which = "theirs"

    def open(self, page: Page, kind: str) -> None:
        page.goto(f"{self.base}/user/login/")
        page.fill("[name=email]", EMAIL)
        page.fill("[name=password]", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url(re.compile(r"/projects|/$"))
        page.goto(f"{self.base}/projects/{self.projects[kind]}/data")
        page.get_by_role("button", name=re.compile("^Label", re.IGNORECASE)).first.click()
        page.wait_for_selector("text=TASK-")

    def keys(self, kind: str) -> tuple[str | None, str]:
        return "1", "Control+Enter"


def texts(number: int) -> dict[str, str]:
    return {
        "prompt": f"TASK-{number} Which answer is better?",
        "response_a": f"First answer {number}. " + SENTENCE * 8,
        "response_b": f"Second answer {number}. " + SENTENCE * 8,
    }


@contextmanager
def touchstone(folder: Path, count: int) -> Iterator[Tool]:
    """Our web process as the demo starts it, with a database of its own."""
    port = free_port()
    env = {**os.environ, "DATA_DIR": str(folder), "PORT": str(port), "DATABASE_URL": "", "REDIS_URL": "", "HTTPS": "0"}
    run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], env)
    rows = folder / "rows.json"
    rows.write_text(json.dumps([texts(number) for number in range(count)]))
    told = run([sys.executable, "-c", _MAKE_OURS, str(rows), EMAIL, PASSWORD], env)
    with serving([sys.executable, "-m", "config.processes", "web"], env, f"http://127.0.0.1:{port}/login/", ROOT):
        yield Touchstone(f"http://127.0.0.1:{port}", json.loads(told))


_MAKE_OURS = """
import json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from annotate import services
from annotate.access.models import Role, User
from annotate.access.services import add_member, create_organisation
rows = json.load(open(sys.argv[1]))
organisation = create_organisation(name="Pace")
user = User.objects.create_user(sys.argv[2], sys.argv[3], name="Pace")
add_member(organisation=organisation, user=user, role=Role.ANNOTATOR)
forms = {
    "pair": {"name": "preference", "kind": "pairwise", "title": "Which is better?"},
    "verdict": {"name": "verdict", "kind": "binary", "title": "Good?", "settings": {"at_once": True}},
}
ids = {}
for name, question in forms.items():
    project = services.create_project(organisation=organisation, name=name, questions=[question], overlap=1)
    sides = ("response_a", "response_b") if name == "pair" else ("response_a",)
    services.add_items(project=project, items=[
        services.NewItem(external_id=str(number), prompt=[{"role": "user", "content": row["prompt"]}],
                         responses=tuple(services.NewResponse(text=row[side]) for side in sides))
        for number, row in enumerate(rows)
    ])
    ids[name] = project.pk
print(json.dumps(ids))
"""

_CONFIGS = {
    "pair": '<View><Text name="prompt" value="$prompt"/><Text name="a" value="$response_a"/>'
    '<Text name="b" value="$response_b"/><Choices name="better" toName="prompt" showInline="true">'
    '<Choice value="A" hotkey="1"/><Choice value="tie" hotkey="2"/><Choice value="B" hotkey="3"/></Choices></View>',
    "verdict": '<View><Text name="prompt" value="$prompt"/><Text name="a" value="$response_a"/>'
    '<Choices name="good" toName="a" showInline="true"><Choice value="Good" hotkey="1"/>'
    '<Choice value="Bad" hotkey="2"/></Choices></View>',
}


@contextmanager
def label_studio(folder: Path, count: int) -> Iterator[Tool]:
    """Label Studio as its own command starts it, with the same texts."""
    folder.mkdir(parents=True)
    binaries = _environment(folder) / "bin"
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    quiet = {"LATEST_VERSION_CHECK": "0", "COLLECT_ANALYTICS": "0", "SENTRY_DSN": "", "FRONTEND_SENTRY_DSN": ""}
    env = {
        **{name: value for name, value in os.environ.items() if name not in ("DJANGO_SETTINGS_MODULE", "DATABASE_URL")},
        **quiet,
        "LABEL_STUDIO_BASE_DATA_DIR": str(folder / "data"),
        "LABEL_STUDIO_HOST": base,
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
    }
    command = [str(binaries / "label-studio"), "start", "--no-browser", "--internal-host", "127.0.0.1"]
    command += ["--port", str(port), "--username", EMAIL, "--password", PASSWORD, "--user-token", TOKEN]
    with serving([*command, "--log-level", "ERROR"], env, f"{base}/user/login/", folder):
        ids = {}
        for name, config in _CONFIGS.items():
            project = ask(f"{base}/api/projects/", {"title": name, "label_config": config, "maximum_annotations": 1})
            ids[name] = project["id"]
            ask(f"{base}/api/projects/{ids[name]}/import", [texts(number) for number in range(count)])
        yield LabelStudio(base, ids)


def _environment(folder: Path) -> Path:
    if given := os.environ.get("LABEL_STUDIO_VENV"):
        return Path(given)
    from config.install import package_settings

    env, uv = package_settings(os.environ), [sys.executable, "-m", "uv"]
    for command in (
        [*uv, "venv", "--quiet", str(folder / "venv")],
        [*uv, "pip", "install", "--quiet", "--python", str(folder / "venv/bin/python"), f"label-studio=={VERSION}"],
    ):
        if subprocess.call(command, env=env) != 0:
            raise Unavailable("Label Studio could not be installed; LABEL_STUDIO_VENV may name an environment with it.")
    return folder / "venv"


def ask(url: str, body: Any) -> Any:
    headers = {"Authorization": f"Token {TOKEN}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers)) as answer:
        return json.load(answer)


def run(command: list[str], env: dict[str, str]) -> str:
    return subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True).stdout


@contextmanager
def serving(command: list[str], env: dict[str, str], url: str, cwd: Path) -> Iterator[None]:
    """A server process, once it answers; its process group ends with the block."""
    process = subprocess.Popen(
        command, cwd=cwd, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        deadline = time.monotonic() + 180
        while True:
            try:
                with urllib.request.urlopen(url, timeout=5):
                    break
            except OSError as error:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{command[0]} does not answer: {error}") from error
                time.sleep(0.3)
        yield
    finally:
        os.killpg(process.pid, 15)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    script(measure)
