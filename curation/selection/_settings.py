"""Settings that several strategies share."""

WIDTH = {
    "type": "number", "minimum": 0, "maximum": 10, "default": 1.0, "title": "Width of the bounds",
    "description": "Deviations of the ensemble that a bound lies from the mean.",
}  # fmt: skip
