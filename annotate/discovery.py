"""Plug-in folders: every public module of a package is a plug-in, its name is its identifier.

Feedback kinds, consensus methods, filters, formats, losses, heads and suites are all found
this way, so that adding one is adding one file, or a folder where that would be long. Pure: knows no Django.
"""

import importlib
import pkgutil
from functools import cache
from types import ModuleType


class UnknownPlugin(LookupError):
    """A plug-in name that does not exist; the message lists those that do."""


@cache
def names(package: str) -> tuple[str, ...]:
    """Sorted names of the public modules in ``package`` (dotted name); nothing but the package is imported."""
    found = pkgutil.iter_modules(importlib.import_module(package).__path__)
    return tuple(sorted(module.name for module in found if not module.name.startswith("_")))


def load(package: str, name: str) -> ModuleType:
    """Import one plug-in.

    Raises
    ------
    UnknownPlugin
        If ``package`` holds no public module ``name``.
    """
    if name not in names(package):
        noun = package.rpartition(".")[2]
        raise UnknownPlugin(f"There is no {name!r} in {noun}. Those that exist: {', '.join(names(package))}.")
    return importlib.import_module(f"{package}.{name}")


def load_all(package: str) -> dict[str, ModuleType]:
    """Import every plug-in of ``package``, by name."""
    return {name: load(package, name) for name in names(package)}
