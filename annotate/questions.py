"""The questions of a form before they are saved: checked one by one and together, with the place of every fault.

A specification is what people, the API and JSON files give: ``[{"name", "kind", "title"}]`` and, if wanted, ``help``,
``required``, ``settings`` and ``condition``. A fault's place stands in the error's ``code``: the question's number and
the path inside it, such as ``0/settings/labels/1``; "" where the questions do not go together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from annotate import conditions, feedback
from annotate.discovery import UnknownPlugin
from annotate.models import Question
from annotate.storable import check_storable

MOST = 50
WANTED = {"name", "kind", "title"}
ALLOWED = WANTED | {"help", "required", "settings", "condition"}


def checked(specs: Sequence[Any]) -> list[Question]:
    """The questions, in order and with defaults filled in, not saved and of no form yet.

    Raises
    ------
    ValidationError
        Under "questions", with all that is wrong: one fault a question, and what they are together.
    """
    if not specs:
        raise _refused([ValidationError(_("A form needs at least one question."), code="")])
    if len(specs) > MOST:
        said = _("A form has at most %(most)d questions; these are %(count)d.") % {"most": MOST, "count": len(specs)}
        raise _refused([ValidationError(said, code="")])
    found: list[Question] = []
    faults: list[ValidationError] = []
    earlier: dict[str, list[dict[str, Any]]] = {}
    for position, spec in enumerate(specs):
        try:
            question = _checked(position, spec, earlier)
        except ValidationError as error:
            faults.append(error)
            if isinstance(spec, Mapping) and isinstance(spec.get("name"), str):
                earlier.setdefault(spec["name"], [])
            continue
        earlier[question.name] = answer_places(question.kind, question.settings)
        found.append(question)
    arities = {kind.ARITY for kind in (feedback.get(question.kind) for question in found) if kind.ARITY}
    if len(arities) > 1:
        message = _("These questions ask about %(counts)s responses at a time; one form asks about one number.")
        counts = _(" and ").join(map(str, sorted(arities)))
        faults.append(ValidationError(message % {"counts": counts}, code=""))
    if faults:
        raise _refused(faults)
    return found


def answer_places(kind: str, settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a later question's condition can speak about in the answers to a question: see `conditions.places`."""
    module = feedback.get(kind)
    example = module.example()[0]
    return conditions.places(module.schema(replace(example, settings=settings, criteria=())), example.responses)


def places(specs: Sequence[Any]) -> dict[str, list[dict[str, Any]]]:
    """`answer_places` by question, for those of a form under construction that are right so far."""
    found = {}
    for spec in specs:
        try:
            found[str(spec["name"])] = answer_places(
                spec["kind"], feedback.settings_with_defaults(spec["kind"], spec.get("settings", {}))
            )
        except (LookupError, TypeError, feedback.InvalidAnswer):
            continue
    return found


def faults(error: ValidationError) -> list[dict[str, str]]:
    """The faults of a refused form for the page: [{place, message}]."""
    found = error.error_dict.get("questions", []) if hasattr(error, "error_dict") else error.error_list
    return [{"place": fault.code or "", "message": " ".join(fault.messages)} for fault in found]


def _checked(position: int, spec: Any, earlier: Mapping[str, Any]) -> Question:
    def fault(message: str, path: str = "", name: str = "") -> ValidationError:
        place = "/".join(part for part in (str(position), path) if part)
        said = f"{path}: {message}" if path.count("/") else message
        return ValidationError(f"{name or _('Question %(number)d') % {'number': position + 1}}: {said}", code=place)

    if not isinstance(spec, Mapping) or not spec.keys() >= WANTED or not spec.keys() <= ALLOWED:
        raise fault(_("give name, kind and title, and if wanted help, required, settings, condition."))
    for field in WANTED:
        if not isinstance(spec[field], str):
            raise fault(_("%(field)s has to be text.") % {"field": field}, field)
    name = spec["name"]
    try:
        check_storable(spec)
    except ValidationError as error:
        raise fault(" ".join(error.messages)) from error
    if name in earlier:
        raise fault(_("a question of this name already exists."), "name", name)
    question = Question(position=position, **spec)
    try:
        question.settings = feedback.settings_with_defaults(question.kind, question.settings)
    except UnknownPlugin as error:
        raise fault(str(error), "kind", name) from error
    except feedback.InvalidAnswer as error:
        raise fault(str(error), "/".join(part for part in ("settings", error.path) if part), name) from error
    try:
        conditions.check(question.condition, earlier)
    except conditions.InvalidCondition as error:
        raise fault(str(error), "/".join(part for part in ("condition", error.path) if part), name) from error
    try:
        question.full_clean(exclude=["form"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise fault(f"{field}: {' '.join(messages)}", field, name) from error
    return question


def _refused(faults: list[ValidationError]) -> ValidationError:
    return ValidationError({"questions": faults})
