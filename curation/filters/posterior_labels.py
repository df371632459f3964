"""Replaces labels by what all labels say together of which response is better, or treats those that are likely flipped.

Every response has a hidden reward; labels are noisy comparisons of them, some flipped. How many are flipped, how far
features explain rewards, and the rewards themselves follow from the labels (`curation.noise.rewards`); flips may be
more frequent where there is more to read. It helps most where responses are compared several times or resemble each
other. Where flips lean to one side, such as to the longer response, no label can tell that from taste: have people
verify some pairs.

Prompts that share no pair are fitted apart where there are more than `TEXTS_AT_ONCE` texts, so that time grows with
their number and not its cube; the responses to one prompt always stay together.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa

from annotate.records import OUTCOMES
from curation.filters import Context, Decisions, settings_schema
from curation.filters._learning import LEARNER, LEAST, Lesson
from curation.noise import kernels, rewards

TITLE = "Posterior labels"
SUMMARY = "Labels are replaced by the probability that one response is better, given all labels and how texts resemble."
SETTINGS = settings_schema(
    action={
        "enum": ["relabel", "reweight", "flip", "drop", "review"],
        "default": "relabel",
        "title": "What is done (relabel, reweight: with all rows)",
    },
    least={
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "default": 0.5,
        "title": "Probability of a flip from which rows are flipped, dropped or sent to people",
    },
    trust_gold={"type": "boolean", "default": False, "title": "Outcomes in the gold column are certain"},
    sees_prompt=LEARNER["sees_prompt"],
)
REASONS = {
    "posterior": "All labels together say how likely each response is the better one.",
    "likely_flipped": "All labels together say that this one is flipped.",
}
TEXTS_AT_ONCE = 1500


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are the probability that the label is flipped."""
    lesson = Lesson.of(table)
    if len(lesson) < LEAST:
        return lesson.keep_all()
    ahead_R, wrong_R = _judged(lesson, settings, context)
    score_N, action = lesson.spread(wrong_R), settings["action"]
    learnt_N = np.isfinite(score_N)
    if action == "relabel":
        label_N4 = np.zeros((lesson.size, len(OUTCOMES)))
        label_N4[lesson.rows_R, OUTCOMES.index("a")] = ahead_R
        label_N4[lesson.rows_R, OUTCOMES.index("b")] = 1 - ahead_R
        decisions = Decisions.drop_where(learnt_N, "posterior", action="relabel", score_N=score_N)
        return replace(decisions, label_N4=label_N4)
    if action == "reweight":
        weight_N = table["weight"].to_numpy() * (1 - np.nan_to_num(score_N))
        decisions = Decisions.drop_where(learnt_N, "posterior", action="reweight", score_N=score_N)
        return replace(decisions, weight_N=weight_N)
    found_N = lesson.spread(wrong_R >= settings["least"], False)
    return Decisions.drop_where(found_N, "likely_flipped", action=action, score_N=score_N)


def _judged(lesson: Lesson, settings: Mapping[str, Any], context: Context) -> tuple[np.ndarray, np.ndarray]:
    """(R,) probability that a is better, and that the label is flipped."""
    prompts = lesson.table["prompt"].to_pylist()
    sides = [list(zip(prompts, said, strict=True)) for said in lesson.responses]
    texts = sorted({*sides[0], *sides[1]})
    place = {text: number for number, text in enumerate(texts)}
    first_R, second_R = (np.array([place[text] for text in side]) for side in sides)
    _, prompt_S = np.unique([prompt for prompt, _ in texts], return_inverse=True)
    asked = [prompt if settings["sees_prompt"] else "" for prompt, _ in texts]
    vector_SD = context.models.features(asked, [response for _, response in texts])
    better_R, known_R = lesson.sign_R > 0, np.zeros(len(lesson), dtype=bool)
    if settings["trust_gold"]:
        gold_R = np.array([outcome or "" for outcome in lesson.table["gold"].to_pylist()])
        known_R = np.isin(gold_R, ("a", "b"))
        better_R = np.where(known_R, gold_R == "a", better_R)
    length_S = np.array([len(response) for _, response in texts])
    effort_R1 = np.log1p(length_S[first_R] + length_S[second_R])[:, None]
    ahead_R, wrong_R = np.zeros(len(lesson)), np.zeros(len(lesson))
    for part_R in _parts(prompt_S[first_R], np.bincount(prompt_S), [prompt for prompt, _ in texts], prompt_S):
        use_S = np.unique([first_R[part_R], second_R[part_R]])
        kernel_CSS = kernels.of_texts(vector_SD[use_S], prompt_S[use_S])
        first_P, second_P = (np.searchsorted(use_S, text_R[part_R]) for text_R in (first_R, second_R))
        found = rewards.fit(kernel_CSS, first_P, second_P, better_R[part_R], known_R[part_R], effort_R1[part_R])
        ahead_R[part_R], wrong_R[part_R] = found.ahead_P, found.wrong_P
    ahead_R = np.where(known_R, better_R, ahead_R)
    return ahead_R, np.where(known_R, better_R != (lesson.sign_R > 0), wrong_R)


def _parts(prompt_R: np.ndarray, texts_Q: np.ndarray, prompts: list[str], prompt_S: np.ndarray) -> Iterator[np.ndarray]:
    """Rows in parts of whole prompts, of about `TEXTS_AT_ONCE` texts; which ones is a matter of hash."""
    count = max(1, round(texts_Q.sum() / TEXTS_AT_ONCE))
    name_Q = dict(zip(prompt_S.tolist(), prompts, strict=True))
    digest_Q = [
        blake2b(name_Q[q].encode("utf-8", "surrogatepass"), digest_size=8).digest() for q in range(len(texts_Q))
    ]
    order_Q = sorted(range(len(texts_Q)), key=digest_Q.__getitem__)
    part_Q = np.zeros(len(texts_Q), dtype=np.int64)
    part_Q[order_Q] = np.minimum(np.cumsum(texts_Q[order_Q]) * count // (texts_Q.sum() + 1), count - 1)
    for part in np.unique(part_Q[prompt_R]).tolist():
        yield part_Q[prompt_R] == part
