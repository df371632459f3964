"""Gold cases, and a judge and a meta judge that are functions of the test's."""

import json
import zlib
from collections.abc import Callable, Sequence
from typing import Any

from annotate import feedback
from annotate.feedback import Asked
from curation.clients import Completion, Request
from curation.judges import Case, Judgement
from curation.judging.gold import Gold

SETTINGS = feedback.settings_with_defaults("pairwise", {})


def gold(count: int, words: Callable[[int], str] = lambda number: f"question {number}", **metadata: Any) -> list[Gold]:
    """``count`` cases on as many prompts; people chose "r1" in every other one."""
    made = []
    for number in range(count):
        texts = {"r1": f"first {number}", "r2": f"second {number}"}
        asked = Asked("preference", SETTINGS, ("r1", "r2"), texts)
        own = {name: value(number) if callable(value) else value for name, value in metadata.items()}
        prompt = ({"role": "user", "content": words(number)},)
        case = Case(f"item {number}", "pairwise", asked, "Which is better?", prompt, metadata=own)
        made.append(Gold(case, ("r1", "r2")[number % 2], str(number)))
    return made


class Judge:
    """Right in a share of cases that ``worth(prompt, case)`` gives; the same case always falls the same."""

    def __init__(self, made: Sequence[Gold], worth: Callable[[str, Case], float]) -> None:
        self.expected = {one.case.item: one.expected for one in made}
        self.worth = worth
        self.judged: list[str] = []

    def __call__(self, prompt_of: Callable[[Case], str], cases: Sequence[Case]) -> list[Judgement | None]:
        return [self._one(prompt_of(case), case) for case in cases]

    def _one(self, prompt: str, case: Case) -> Judgement:
        self.judged.append(case.item)
        luck = zlib.crc32(f"{case.item} luck".encode()) % 1000 / 1000
        right = self.expected[case.item]
        wrong = {"r1": "r2", "r2": "r1"}[right]
        chosen = right if luck < self.worth(prompt, case) else wrong
        return Judgement({"overall": {"chosen": chosen, "strength": 1}})


class Meta:
    """Says one thing after another, the last one again and again; a string that is no JSON is said as it is."""

    def __init__(self, *replies: Any) -> None:
        self.replies, self.asked = list(replies), []

    def __call__(self, request: Request) -> Completion:
        self.asked.append(request)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Exception):
            raise reply
        return Completion((reply if isinstance(reply, str) else json.dumps(reply),), 1, 1)

    @property
    def seen(self) -> str:
        """All that it was ever shown."""
        return "\n".join(str(message["content"]) for request in self.asked for message in request.messages)
