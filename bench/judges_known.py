"""How near the harness comes to a judge's known behaviour: accuracy, position bias, noise and refusals.

Real pairs of LLMBar and PandaLM are judged by the judge `pairwise`, through the client for OpenAI-compatible servers
and a real socket, by servers that are scripted: each has an opinion on every pair, which is right as often as it is
told, and then leans to what is shown first or second, changes its mind at random, and refuses, as often as it is told.
So the expectation of every measure is known exactly. Pairs whose gold is a tie are left out.
"""

import json
import os
import random
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from annotate import feedback
from annotate.feedback import OVERALL, Asked
from bench import Figure, Unavailable, script
from curation import clients, judges
from curation.clients import Endpoint, Request
from curation.judges import Case, Judgement, Tools
from curation.judging.measures import Measure, behaviour, mean
from tests.judge_server import Call, JudgeServer, Say

SAMPLES = 4  # for each order
THREADS = 4
A, B = "one", "two"
REFUSALS = ("I am sorry, but I cannot compare these responses.", '{"overall": {"chosen": "response_1"', "")


@dataclass(frozen=True)
class Script:
    """How a server judges.

    Attributes
    ----------
    accuracy : share of the pairs on which its opinion is the gold one.
    lean : chance that it takes what is shown first, whatever it thinks; below 0 what is shown second.
    noise : chance that it else says the opposite of what it thinks.
    refusal : chance that it gives no answer.
    """

    name: str
    accuracy: float = 0.8
    lean: float = 0.0
    noise: float = 0.0
    refusal: float = 0.0

    def says_opinion(self, shown_first: bool) -> float:
        """Chance that a sample that answers says its opinion."""
        swayed = float(shown_first == (self.lean > 0))
        return abs(self.lean) * swayed + (1 - abs(self.lean)) * (1 - self.noise)


SCRIPTS = (
    Script("steady"),
    Script("leans to the first", lean=0.3, noise=0.05),
    Script("leans to the second", lean=-0.2, noise=0.05),
    Script("noisy", noise=0.2),
    Script("refuses", refusal=0.15),
    Script("all at once", accuracy=0.7, lean=0.25, noise=0.1, refusal=0.1),
)


@dataclass(frozen=True)
class Pair:
    """Two responses to a prompt; the first is the better one where ``gold`` is `A`."""

    name: str
    prompt: str
    first: str
    second: str
    gold: str


def measure(*, seed: int, quick: bool) -> list[Figure]:
    """Every measure of every script beside its known value, and the largest error of each script."""
    pairs = read()
    figures = []
    for one in SCRIPTS[1:2] if quick else SCRIPTS:
        chosen = pairs[:60] if quick else pairs
        measured, known = compared(one, chosen, seed=seed)
        figures += [
            Figure(f"{one.name}: {name} (known {known[name]:.3f})", found.value, found.low, found.high, n=found.n)
            for name, found in measured.items()
        ]
        error = max(abs(found.value - known[name]) for name, found in measured.items())
        figures.append(
            Figure(f"{one.name}: largest error", 100 * error, bar=2.0, smaller_is_better=True, unit="points")
        )
    return figures


def compared(one: Script, pairs: Sequence[Pair], *, seed: int) -> tuple[dict[str, Measure], dict[str, float]]:
    """What the harness measures of a script, and what is true of it on these pairs."""
    with JudgeServer(Behave(one, pairs, seed)) as server:
        endpoint = Endpoint("scripted", "openai_compatible", server.url, "scripted", timeout=60.0)
        with ThreadPoolExecutor(THREADS) as pool:
            found = list(pool.map(lambda pair: judged(pair, endpoint, seed), pairs))
    of = behaviour([judgement.samples for judgement in found], seed=seed)
    right = mean([_right(judgement, pair) for judgement, pair in zip(found, pairs, strict=True)], seed=seed)
    measured = {
        "accuracy of samples": right,
        "position consistency": of.position_consistency,
        "preference fairness": of.preference_fairness,
        "repetition stability": of.repetition_stability,
        "no answer": of.no_answer,
    }
    return {name: one for name, one in measured.items() if one.n}, known_of(one, pairs, seed)


def judged(pair: Pair, endpoint: Endpoint, seed: int) -> Judgement:
    """The harness: the judge, its client, a socket."""
    settings = judges.settings_with_defaults("pairwise", {"samples": SAMPLES, "temperature": 1.0})
    client = clients.get(endpoint.client)

    def ask(request: Request, name: str) -> tuple[clients.Completion, str]:
        return client.complete(endpoint, request), request.hash(endpoint)

    asked = Asked(
        "preference", feedback.settings_with_defaults("pairwise", {}), (A, B), {A: pair.first, B: pair.second}
    )
    case = Case(pair.name, "pairwise", asked, "Which is better?", ({"role": "user", "content": pair.prompt},))
    return judges.get("pairwise").judge(case, Tools(settings, ask=ask, seed=seed))


class Behave:
    """A script as the server's behaviour; the same request is answered in the same way."""

    def __init__(self, one: Script, pairs: Sequence[Pair], seed: int) -> None:
        self.one, self.seed = one, seed
        self.pairs = {(pair.prompt, pair.first, pair.second): pair for pair in pairs}

    def __call__(self, call: Call) -> Say:
        prompt, first, second = (_block(call.text, name) for name in ("message_1_user", "response_1", "response_2"))
        swapped = (prompt, first, second) not in self.pairs
        pair = self.pairs[(prompt, second, first) if swapped else (prompt, first, second)]
        opinion = opinion_of(self.one, pair, self.seed)
        shown_first = (opinion == A) != swapped
        texts = []
        for place in range(call.n):
            draw = random.Random(f"{self.seed} {self.one.name} {pair.name} {swapped} {place}")
            if draw.random() < self.one.refusal:
                texts.append(draw.choice(REFUSALS))
                continue
            says = draw.random() < self.one.says_opinion(shown_first)
            label = "response_1" if says == shown_first else "response_2"
            texts.append(json.dumps({OVERALL: {"chosen": label, "strength": 1}}))
        return Say(texts)


def opinion_of(one: Script, pair: Pair, seed: int) -> str:
    """What a script thinks of a pair."""
    right = random.Random(f"{seed} {one.name} opinion {pair.name}").random() < one.accuracy
    return pair.gold if right else {A: B, B: A}[pair.gold]


def known_of(one: Script, pairs: Sequence[Pair], seed: int) -> dict[str, float]:
    """The expectation of each measure over the server's chance, for its opinions on these very pairs."""
    p = {first: one.says_opinion(first) for first in (True, False)}
    right = sum(opinion_of(one, pair, seed) == pair.gold for pair in pairs) / len(pairs)
    says = (p[True] + p[False]) / 2
    return {
        "accuracy of samples": right * says + (1 - right) * (1 - says),
        "position consistency": p[True] * p[False] + (1 - p[True]) * (1 - p[False]),
        "preference fairness": 0.0 - one.lean,
        "repetition stability": sum(q * q + (1 - q) ** 2 for q in p.values()) / 2,
        "no answer": one.refusal,
    }


def read() -> list[Pair]:
    """The pairs of both sets that have a winner, in an order that mixes them, each once."""
    root = Path(os.environ.get("TOUCHSTONE_DATA", ""))
    files = sorted((root / "llmbar").glob("LLMBar/**/dataset.json")) + sorted(
        (root / "llmbar").glob("Processed/*/*.json")
    )
    panda = root / "pandalm_testset" / "testset-v1.json"
    if not files or not panda.is_file():
        raise Unavailable("Set TOUCHSTONE_DATA to a folder of real annotations that has llmbar and pandalm_testset.")
    rows = [
        (row["input"], row["output_1"], row["output_2"], {1: A, 2: B}.get(row["label"]))
        for path in files
        for row in json.loads(path.read_text())
    ]
    for row in json.loads(panda.read_text()):
        said = [row[f"annotator{number}"] for number in (1, 2, 3)]
        winner = next((side for side, key in ((1, A), (2, B)) if said.count(side) > 1), None)
        prompt = "\n\n".join(filter(None, (row["instruction"], row["input"])))
        rows.append((prompt, row["response1"], row["response2"], {1: A, 2: B, None: None}[winner]))
    found = {}
    for prompt, first, second, gold in rows:
        if (
            gold
            and all(isinstance(text, str) for text in (prompt, first, second))
            and first != second
            and (prompt, second, first) not in found
        ):
            name = sha256(json.dumps([prompt, first, second]).encode()).hexdigest()
            found.setdefault((prompt, first, second), Pair(name, prompt, first, second, gold))
    return sorted(found.values(), key=lambda pair: pair.name)


def _block(text: str, name: str) -> str:
    found = re.search(rf"<{name} (\w{{12}})>\n(.*?)\n</{name} \1>", text, re.DOTALL)
    assert found, f"the request shows no {name}"
    return found.group(2)


def _right(judgement: Judgement, pair: Pair) -> float:
    """Share of the samples that say the gold, each order weighing the same; NaN where an order has none."""
    shares = []
    for first in (A, B):
        said = [s.answer[OVERALL]["chosen"] for s in judgement.samples if s.answer and s.order[0] == first]
        if not said:
            return float("nan")
        shares.append(said.count(pair.gold) / len(said))
    return sum(shares) / 2


if __name__ == "__main__":
    script(measure)
