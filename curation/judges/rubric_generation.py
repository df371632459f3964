"""A rubric for this very case: written, decomposed into atomic criteria, checked on each response, and filtered.

Source: RRD (Shen et al. 2026, arXiv 2602.05125). Naive rubrics make judges worse; what helps is to split what is
coarse, and to drop what does not separate the responses, says the same as another, or is beside what was asked. Two
things are simpler here: one round of decomposition, and equal shares of the parent's points instead of whitening.

`write` gives the criteria in the rubric kind's item form; the judge answers comparisons by them. A rubric question is
answered on its own criteria: each is decomposed, and met where all its parts are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from annotate import feedback
from annotate.feedback import Asked, InvalidAnswer, closed
from curation.judges import Case, Judgement, Sample, Tools
from curation.judges._prompt import Block, Shown, messages
from curation.judges._reply import Reply, ask
from curation.judges._scores import NEAR_CERTAIN, is_comparison, judged, whole
from curation.judges._settings import DECISIVE, MAX_TOKENS, has_form, settings_schema

TITLE = "Generated rubric"
SUMMARY = (
    "Writes a rubric for the case, splits it into atomic criteria, drops the useless ones, and judges by the rest."
)
KIND = "language_model"
NEEDS = frozenset({"ask"})
SETTINGS = settings_schema(
    most_criteria={"type": "integer", "minimum": 1, "maximum": 20, "default": 6, "title": "Most criteria at first"},
    most_parts={"type": "integer", "minimum": 1, "maximum": 6, "default": 3, "title": "Most parts of a criterion"},
    decisive={**DECISIVE, "default": 0.5},
    max_tokens={**MAX_TOKENS, "default": 2048},
)
PROMPT = """\
You write rubrics for judging responses to a conversation. A criterion is a statement about a response that is either \
true or false, concrete enough that two careful people would say the same. Good ones say what a response must do here, \
in this conversation; pitfalls, which have negative points, say what it must not do."""
WRITE = "Write at most {most} criteria for this conversation, each with points from -5 to 5 by what it matters."
DECOMPOSE = """\
The block "criteria_to_split" holds criteria by name. Split each into at most {most} atomic statements, which hold \
together exactly when the criterion holds; one that is atomic already stays as it is."""
CHECK = 'Say of each criterion in the block "criteria_to_check" whether it holds of the response: met or unmet.'
REVIEW = """\
The block "criteria_to_review" holds criteria by name. Say of each: "keep"; "redundant" where one before it says \
the same; or "misaligned" where it is beside what was asked, or would reward a worse response."""


@dataclass(frozen=True)
class Written:
    """A rubric written for a case.

    Attributes
    ----------
    criteria : in the rubric kind's item form; () where none is left, or something could not be read.
    dropped : why each criterion that was dropped was, by its text.
    marks : "met" or "unmet", by response key and criterion's name.
    samples : everything that was said.
    readable : whether all of it could be read.
    """

    criteria: tuple[Mapping[str, Any], ...] = ()
    dropped: Mapping[str, str] | None = None
    marks: Mapping[str, Mapping[str, str]] | None = None
    samples: tuple[Sample, ...] = ()
    readable: bool = False


def can_answer(kind: str, asked: Asked) -> bool:
    """Comparisons, and rubrics that have criteria."""
    return has_form(kind, asked) and (kind == "rubric" or is_comparison(kind, asked))


def judge(case: Case, tools: Tools) -> Judgement:
    """Where no criterion separates the responses they are equally good."""
    if case.kind == "rubric":
        return _filled_in(case, tools)
    written = write(case, tools)
    if not written.readable:
        return Judgement(None, {}, written.samples, {"criteria": []})
    points = {criterion["name"]: criterion["points"] for criterion in written.criteria}
    share = {key: _share(marks, points) for key, marks in (written.marks or {}).items()}
    unit = NEAR_CERTAIN / tools.settings["decisive"]
    scores = {key: value * unit for key, value in share.items()}
    found = judged(case, whole(case, scores), written.samples)
    notes = {"criteria": list(written.criteria), "dropped": dict(written.dropped or {}), "marks": written.marks}
    return replace(found, notes={**found.notes, **notes})


def write(case: Case, tools: Tools) -> Written:
    """Criteria for the case, in the form that the rubric kind keeps with an item; three requests and one a response."""
    said: list[Sample] = []
    naive = _naive(case, tools, said)
    atoms = _atoms(case, tools, naive, said) if naive else []
    marks = _marks(case, tools, atoms, said) if atoms else None
    verdicts = _review(case, tools, atoms, said) if marks else None
    if marks is None or verdicts is None:
        return Written(samples=tuple(said))
    dropped = {atom["name"]: verdicts[atom["name"]] for atom in atoms if verdicts[atom["name"]] != "keep"}
    if len(marks) > 1:
        for atom in atoms:
            if len({of[atom["name"]] for of in marks.values()}) == 1:
                dropped.setdefault(atom["name"], "does not separate")
    kept = [atom for atom in atoms if atom["name"] not in dropped]
    form = _in_item_form([_item_form(atom) for atom in kept])
    why = {atom["text"]: dropped[atom["name"]] for atom in atoms if atom["name"] in dropped}
    left = {key: {atom["name"]: of[atom["name"]] for atom in kept} for key, of in marks.items()}
    return Written(form, why, left, tuple(said), True)


def _filled_in(case: Case, tools: Tools) -> Judgement:
    """The answer to a rubric question: each of its criteria by its parts."""
    said: list[Sample] = []
    given = [dict(criterion) for criterion in (case.asked.criteria or case.asked.settings["criteria"])]
    atoms = _atoms(case, tools, given, said)
    marks = _marks(case, tools, atoms, said) if atoms else None
    if marks is None:
        return Judgement(None, {}, tuple(said), {"criteria": []})
    parts: dict[str, list[str]] = {criterion["name"]: [] for criterion in given}
    for atom in atoms:
        parts[atom["of"]].append(atom["name"])
    answer = {
        key: {name: "met" if all(of[part] == "met" for part in own) else "unmet" for name, own in parts.items()}
        for key, of in marks.items()
    }
    notes = {"criteria": [_item_form(atom) for atom in atoms], "marks": marks}
    return Judgement(answer, {}, tuple(said), notes)


def _naive(case: Case, tools: Tools, said: list[Sample]) -> list[dict[str, Any]]:
    most = tools.settings["most_criteria"]
    points = {"type": "integer", "minimum": -5, "maximum": 5, "description": "Never 0; below 0 for a pitfall"}
    schema = _list_of(closed({"text": _text(), "points": points}), most)
    reply = _asked(case, case.asked.responses, tools, schema, WRITE.format(most=most), said)
    found = [] if reply.error else [one for one in reply.value["criteria"] if one["points"] and _usable(one["text"])]
    return [{"name": f"c{place}", **one} for place, one in enumerate(found, 1)]


def _atoms(case: Case, tools: Tools, criteria: Sequence[Mapping[str, Any]], said: list[Sample]) -> list[dict[str, Any]]:
    """Atomic criteria, each with its parent in "of" and an equal share of its points; one not split stays whole."""
    names, most = [criterion["name"] for criterion in criteria], tools.settings["most_parts"]
    schema = _list_of(closed({"of": {"type": "string", "enum": names}, "text": _text()}), most * len(names))
    block = Block("criteria_to_split", _listed(criteria))
    reply = _asked(case, case.asked.responses, tools, schema, DECOMPOSE.format(most=most), said, block)
    parts: dict[str, list[str]] = {name: [] for name in names}
    if reply.error:
        return []
    for part in reply.value["criteria"]:
        if _usable(part["text"]) and part["text"].casefold() not in (text.casefold() for text in parts[part["of"]]):
            parts[part["of"]].append(part["text"])
    for criterion in criteria:
        parts[criterion["name"]] = parts[criterion["name"]] or [criterion["text"]]
    points = {criterion["name"]: criterion.get("points", 1) for criterion in criteria}
    return [
        {"name": f"{name}.{place}", "of": name, "text": text, "points": points[name] / len(texts)}
        for name, texts in parts.items()
        for place, text in enumerate(texts, 1)
    ]


def _marks(
    case: Case, tools: Tools, atoms: Sequence[Mapping[str, Any]], said: list[Sample]
) -> dict[str, dict[str, str]] | None:
    """Whether each atom holds of each response, each response seen alone."""
    mark = {"type": "string", "enum": ["met", "unmet"]}
    schema, block = closed({atom["name"]: mark for atom in atoms}), Block("criteria_to_check", _listed(atoms))
    marks = {}
    for key in case.asked.responses:
        reply = _asked(case, (key,), tools, schema, CHECK, said, block)
        if reply.error:
            return None
        marks[key] = reply.value
    return marks


def _review(case: Case, tools: Tools, atoms: Sequence[Mapping[str, Any]], said: list[Sample]) -> dict[str, str] | None:
    """What to do with each atom; the responses are not shown, so that none of them sways the rubric."""
    verdict = {"type": "string", "enum": ["keep", "redundant", "misaligned"]}
    schema = closed({atom["name"]: verdict for atom in atoms})
    reply = _asked(case, (), tools, schema, REVIEW, said, Block("criteria_to_review", _listed(atoms)))
    return None if reply.error else dict(reply.value)


def _asked(
    case: Case,
    order: Sequence[str],
    tools: Tools,
    schema: Mapping[str, Any],
    task: str,
    said: list[Sample],
    *more: Block,
) -> Reply:
    shown = Shown(replace(case, examples=()), tuple(order))
    sent = messages(tools.prompt or PROMPT, shown, schema, task=task, more=more)
    reply = ask(tools, sent, schema, temperature=0.0)[0]
    said.append(reply.sample(shown))
    return reply


def _share(marks: Mapping[str, str], points: Mapping[str, float]) -> float:
    """Points met over all points that can be won or lost, so that pitfalls alone separate too; in [-1, 1]."""
    total = sum(abs(value) for value in points.values())
    return sum(value for name, value in points.items() if marks[name] == "met") / total if total else 0.0


def _item_form(atom: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": atom["name"], "text": atom["text"], "points": round(atom["points"], 4)}


def _listed(criteria: Sequence[Mapping[str, Any]]) -> str:
    return "\n".join(f"{criterion['name']}: {criterion['text']}" for criterion in criteria)


def _list_of(criterion: Mapping[str, Any], most: int) -> dict[str, Any]:
    return closed({"criteria": {"type": "array", "minItems": 1, "maxItems": most, "items": criterion}})


def _usable(text: str) -> bool:
    """Whether the rubric kind could keep it as a criterion's text."""
    try:
        return bool(text.strip()) and bool(_in_item_form([{"name": "c", "text": text}]))
    except InvalidAnswer:
        return False


def _in_item_form(criteria: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """Criteria as the rubric kind keeps them with an item, checked by its own schema."""
    return tuple(feedback.filled(list(criteria), feedback.get("rubric").SETTINGS["properties"]["criteria"]))


def _text() -> dict[str, Any]:
    return {"type": "string", "description": "A statement about a response, at most a sentence"}
