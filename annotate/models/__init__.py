"""The tables of collection, cut by noun."""

from annotate.models.annotation import Annotation, Draft, Flag, Lease, Skip
from annotate.models.item import Item, Response, Task
from annotate.models.project import Form, Project, Question
from annotate.models.rater import Rater

__all__ = (
    "Annotation",
    "Draft",
    "Flag",
    "Form",
    "Item",
    "Lease",
    "Project",
    "Question",
    "Rater",
    "Response",
    "Skip",
    "Task",
)
