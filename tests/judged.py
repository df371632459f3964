"""Answers of people and of judges on many pairs, as the database holds them: what the judge lab reads."""

import random
from typing import Any

from annotate import services
from annotate.models import Annotation, Rater

CHEAP, DEAR = "cheap judge", "dear judge"


def judged(world: Any, *, count: int = 120, labelled: int = 80, seed: int = 0) -> None:
    """``count`` more items with the answers of two judges, the first ``labelled`` also with those of two people.

    The cheap judge is right where it is sure and shows each pair in both orders; the dear one is nearly always right.
    Titles are `world.text`, so that they are hostile where the world is.
    """
    draw = random.Random(seed)
    world.add_items(count, start=1000)
    people = [world.rater(user) for user in (world.owner, world.members["admin"])]
    judges = {
        name: Rater.objects.create(
            organisation=world.organisation, kind=Rater.Kind.LANGUAGE_MODEL, name=name,
            metadata={"title": world.text(name.title())},
        )
        for name in (CHEAP, DEAR)
    }  # fmt: skip
    ours = list(world.project.tasks.order_by("pk"))[-count:]
    world.project.items.filter(tasks__in=ours).update(gold="")
    by_people, by_judges = [], []
    for number, task in enumerate(ours):
        right = draw.randrange(2)
        if number < labelled:
            by_people += [_answer(world, task, person, right) for person in people]
        sure = draw.random() < 0.6
        said = right if draw.random() < (0.97 if sure else 0.6) else 1 - right
        by_judges.append(_answer(world, task, judges[CHEAP], said, 0.95 if sure else 0.6, cost=0.001))
        by_judges.append(_answer(world, task, judges[DEAR], right, 0.9, cost=0.02))
    form = world.project.form
    services.add_annotations(form=form, annotations=by_people, status=Annotation.Status.COUNTED)
    services.add_annotations(form=form, annotations=by_judges, status=Annotation.Status.UNASKED)


def _answer(
    world: Any, task: Any, rater: Any, place: int, sure: float | None = None, cost: float = 0.0
) -> services.NewAnnotation:
    chosen, other = task.responses[place], task.responses[1 - place]
    answer = {"overall": {"chosen": chosen, "strength": 1}}
    metadata: dict[str, Any] = {}
    if sure is not None:
        orders = (list(task.responses), list(reversed(task.responses)))
        metadata = {
            "probs": {"preference": {"overall": {chosen: sure, other: 1 - sure}}},
            "samples": [{"question": "preference", "order": order, "raw": "{}", "answer": answer} for order in orders],
            "cost": cost, "seconds": 2.0, "model": "model-nine",
        }  # fmt: skip
    return services.NewAnnotation(
        task=task,
        rater=rater,
        answers={"preference": answer},
        seconds=2.0,
        shown=tuple(task.responses),
        metadata=metadata,
    )
