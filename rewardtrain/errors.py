"""What can go wrong in the lab, each with a message that says what to change. Knows neither torch nor Django."""


class LabError(Exception):
    """Ancestor of the lab's errors; the command line answers it with exit code 2 and `error.json`."""


class RecipeError(LabError, ValueError):
    """A setting that does not exist, is of the wrong type or out of range.

    Attributes
    ----------
    setting : its name, so that a form can show the message beside the field; empty where none is to blame.
    """

    def __init__(self, message: str, setting: str = "") -> None:
        super().__init__(message)
        self.setting = setting


class DataError(LabError, ValueError):
    """A table that cannot be read as pairs."""


class TrainingError(LabError, RuntimeError):
    """A training that cannot begin or go on."""


class RewardModelError(LabError, ValueError):
    """A folder or name that is not a usable model."""
