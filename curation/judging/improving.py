"""A judge's prompt rewritten by a meta judge from where it differs from people, and tried on cases held out.

The cases are parted by prompt: the meta judge sees disagreements of the development part only, and versions are
chosen there; the held-out part is judged by the first and by the best version once, at the end, and by nothing that
was chosen with it. So its interval means what it says. Pure: knows no Django.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from annotate.feedback import closed
from curation.clients import ServerError
from curation.judging.gold import STOPPED, Asking, Gold, Judging, Stopped, compared, failures, parts, told, tried

ROUNDS, SHOWN = 3, 8
HELD_OUT = 0.5
MOST = 8000  # characters of a prompt
META = """\
You improve the instruction of an AI judge. The block "instruction" holds what the judge is told now; the case blocks \
hold cases on which people and the judge differ. Work out what people look at and the judge does not, and write a \
better instruction. It must hold for cases like these and not only for these: name no case, quote no response, and do \
not tell the judge which place or length to prefer unless people plainly do. Keep what works. Reply with why you \
changed what, and the whole new instruction."""
SCHEMA = closed(
    {
        "why": {"type": "string", "description": "What people look at that the judge did not, in a few sentences"},
        "prompt": {"type": "string", "description": "The whole new instruction"},
    }
)


@dataclass
class Improvement:
    """What became of a prompt.

    Attributes
    ----------
    prompt : the best version; the first one where no rewrite was better.
    rounds : [{"prompt", "why", "development", "kept", "error"}], in order.
    n_development, n_held_out : cases of each part.
    before : share right on the development part, of the first version.
    held_out : as `curation.judging.gold.compared`; None where nothing was to be compared.
    verdict : that of ``held_out``, or "no evidence" where no rewrite was better, or "stopped".
    reason : why it stopped early, "" where it did not.
    """

    prompt: str
    rounds: list[dict[str, Any]] = field(default_factory=list)
    n_development: int = 0
    n_held_out: int = 0
    before: float | None = None
    held_out: dict[str, Any] | None = None
    verdict: str = "no evidence"
    reason: str = ""


def improve(
    gold: Sequence[Gold],
    prompt: str,
    judging: Judging,
    asking: Asking,
    *,
    rounds: int = ROUNDS,
    shown: int = SHOWN,
    seed: int = 0,
    tick: Callable[[str], None] = lambda message: None,
) -> Improvement:
    """Several rounds, each from the best version so far; `Stopped` by the budget ends them with what there is.

    Raises
    ------
    ValueError
        If a part would have no case.
    """
    development, held_out = parts(gold, (1 - HELD_OUT, HELD_OUT), seed=seed)
    if not development or not held_out:
        raise ValueError("There are too few cases that people decided: both parts need some.")
    found = Improvement(prompt, n_development=len(development), n_held_out=len(held_out))
    draw = np.random.default_rng(seed)
    try:
        tick("judging the development part")
        best = found.before = _share(judging, development, prompt)
        for number in range(1, rounds + 1):
            tick(f"round {number}: asking the meta judge")
            wrong = failures(judging, development, lambda case: found.prompt)
            if not wrong:
                break
            chosen = [wrong[place] for place in sorted(draw.permutation(len(wrong))[:shown])]
            row = _rewritten(asking, found, chosen)
            found.rounds.append(row)
            if row["error"]:
                continue
            tick(f"round {number}: judging the development part")
            row["development"] = _share(judging, development, row["prompt"])
            if row["development"] > best:
                best, found.prompt, row["kept"] = row["development"], row["prompt"], True
        if found.prompt != prompt:
            tick("judging the held-out part")
            before_N = tried(judging, held_out, lambda case: prompt)
            found.held_out = compared(before_N, tried(judging, held_out, lambda case: found.prompt), held_out)
            found.verdict = found.held_out["verdict"]
    except Stopped as stopped:
        found.verdict, found.reason = STOPPED, str(stopped)
    return found


def _share(judging: Judging, gold: Sequence[Gold], prompt: str) -> float:
    return float(tried(judging, gold, lambda case: prompt).mean())


def _rewritten(asking: Asking, found: Improvement, wrong: list[tuple[Gold, str]]) -> dict[str, Any]:
    """One rewrite, or why there is none; what a model wrote is never more than text."""
    row: dict[str, Any] = {"prompt": "", "why": "", "development": None, "kept": False, "error": ""}
    earlier = "\n\n".join(
        f"{one['prompt']}\n(right in {one['development']:.0%})"
        for one in found.rounds
        if one["development"] is not None
    )
    try:
        said = asking(told(META, wrong, SCHEMA, instruction=found.prompt, tried_before=earlier))
        value = json.loads(said.texts[0])
        row["prompt"], row["why"] = str(value["prompt"]).strip(), str(value["why"])[:1000]
    except (ServerError, ValueError, LookupError, TypeError) as error:
        row["error"] = f"The meta judge gave no prompt: {error}"[:300]
        return row
    if not row["prompt"] or len(row["prompt"]) > MOST:
        row["error"] = f"The meta judge's prompt is empty or longer than {MOST} characters."
    elif row["prompt"] in (found.prompt, *(one["prompt"] for one in found.rounds)):
        row["error"] = "The meta judge repeated an earlier prompt."
    return row
