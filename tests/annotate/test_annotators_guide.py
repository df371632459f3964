"""docs/annotators.md names every key that the annotator's page binds."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_key_of_the_page_is_in_the_guide():
    script = (ROOT / "static/annotate/workbench.js").read_text(encoding="utf-8")
    bound = re.findall(r"bind\(\{ keys: (\[[^\]]*\]|\"[^\"]*\")", script)
    keys = {key for group in bound for key in re.findall(r'"([^"]+)"', group)} - {"="}  # = is + without shift
    assert len(keys) > 12
    guide = (ROOT / "docs/annotators.md").read_text(encoding="utf-8")
    named = {key.lower() for key in re.findall(r"`([^`]+)`", guide)} | ({"escape"} if "`Esc`" in guide else set())
    assert {key.lower() for key in keys} <= named
