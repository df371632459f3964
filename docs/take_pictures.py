"""Take the pictures of docs/annotators/*.md from the demo's gallery: docs/images/annotate/<page>.png.

    .venv/bin/python docs/take_pictures.py [PAGE …]

Makes the demo in a folder of its own, opens the first project of the gallery that asks a question of the page's kind
(or that the page's name names) as an annotator would see it, and keeps what is on the screen. Needs Chromium.
"""

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "images" / "annotate"
sys.path.insert(0, str(ROOT))

from annotate.demo.gallery import exhibits  # noqa: E402

#: Pages whose exhibit does not follow from the kinds that it asks about.
SHOWN_IN = {"pairwise": "criteria", "rating": "ratings", "media": "video"}
PORT = 8699


def main(pages: list[str]) -> None:
    pages = pages or sorted(path.stem for path in (ROOT / "docs" / "annotators").glob("*.md"))
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder, sync_playwright() as playwright:
        env = {**os.environ, "DATA_DIR": folder, "PORT": str(PORT)}
        for command in ("migrate", "seed_demo"):
            subprocess.run([sys.executable, "manage.py", command], cwd=ROOT, env=env, check=True, capture_output=True)
        web = subprocess.Popen(
            [sys.executable, "-m", "config.processes", "web"], cwd=ROOT, env=env,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            _wait(f"http://127.0.0.1:{PORT}/login/")
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1280, "height": 760}, locale="en")
            people = json.loads((Path(folder) / "demo-sign-ins.json").read_text())
            ann = next(row for row in people if row["role"] == "annotator")
            page.goto(f"http://127.0.0.1:{PORT}/login/")
            page.fill("[name=username]", ann["email"])
            page.fill("[name=password]", ann["password"])
            page.click("button.primary")
            for name in pages:
                _take(page, name)
            browser.close()
        finally:
            os.killpg(web.pid, 15)
            web.wait()


def _take(page, name: str) -> None:
    shown = exhibits()
    exhibit = SHOWN_IN.get(name) or next(
        (key for key, one in shown.items() if any(question["kind"] == name for question in one.QUESTIONS)), None
    )
    if exhibit not in shown:
        print(f"{name}: no project of the gallery shows it")
        return
    page.goto(f"http://127.0.0.1:{PORT}/")
    card = page.locator(".card", has=page.get_by_role("heading", name=shown[exhibit].TITLE, exact=True))
    card.get_by_role("link").last.click()
    page.wait_for_selector(".question[data-active]")
    if page.locator("#guidelines").is_visible():
        page.keyboard.press("h")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(2500)  # media draw themselves
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    PICTURES.mkdir(parents=True, exist_ok=True)
    picture.quantize(128, method=Image.Quantize.MEDIANCUT).save(PICTURES / f"{name}.png", optimize=True)
    print(f"{name}: {(PICTURES / f'{name}.png').stat().st_size // 1024} KB")


def _wait(url: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(url, timeout=5)
            return
        except OSError:
            time.sleep(0.3)
    raise SystemExit("The demo does not answer.")


if __name__ == "__main__":
    main(sys.argv[1:])
