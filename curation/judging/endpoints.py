"""The model servers that judges may call, from the operator's file (MODEL_SERVERS). Addresses and keys never come from
the web and never enter the database.

    currency: USD
    endpoints:
      - name: llama                          # what judges call it
        client: openai_compatible            # a file of curation/clients
        url: http://gpu-1:8000/v1
        model: meta-llama/Llama-3.3-70B-Instruct
        api_key_env: LLAMA_KEY               # the environment variable that holds the key
        family: llama                        # of models, to find self-preference
        price_in: 0.6                        # money a million tokens
        price_out: 0.9
        organisations: [quarry]              # slugs; without it, for everybody

`docs/operators.md` tells all of it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from annotate.access.models import Organisation
from annotate.feedback import InvalidAnswer, filled
from curation import clients
from curation.clients import OPTIONAL, Endpoint

_TEXT = {"type": "string", "minLength": 1, "maxLength": 300}
_MONEY = {"type": "number", "minimum": 0, "maximum": 1_000_000}
# What a request says by itself, and what bounds its cost: not for ``options``.
_OWN = ("model", "messages", "n", "max_tokens", "max_completion_tokens", "stream", "response_format", "output_config")
ENDPOINT = {
    "type": "object",
    "required": ["name", "client", "url", "model"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "pattern": r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$"},
        "client": {"enum": list(clients.names())},
        "url": {"type": "string", "pattern": "^https?://[^/]"},
        "model": _TEXT,
        "api_key_env": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
        "family": {"type": "string", "maxLength": 80},
        "price_in": _MONEY,
        "price_out": _MONEY,
        "batch_price": {"type": "number", "minimum": 0, "maximum": 1},
        "picture_tokens": {"type": "integer", "minimum": 0},
        "concurrency": {"type": "integer", "minimum": 1, "maximum": 256},
        "requests_per_minute": {"type": "number", "minimum": 0},
        "timeout": {"type": "number", "exclusiveMinimum": 0, "maximum": 3600},
        "without": {"type": "array", "items": {"enum": sorted(OPTIONAL)}},
        "options": {"type": "object", "propertyNames": {"not": {"enum": list(_OWN)}}},
        "organisations": {"type": "array", "items": {"type": "string"}},
    },
}
FILE = {
    "type": "object",
    "required": ["endpoints"],
    "additionalProperties": False,
    "properties": {
        "currency": {"type": "string", "maxLength": 8, "default": "USD"},
        "endpoints": {"type": "array", "items": ENDPOINT},
    },
}


class ServersError(Exception):
    """The operator's file is wrong; says where and how."""


class UnknownEndpoint(LookupError):
    """An organisation may use no such endpoint."""


@dataclass(frozen=True)
class Servers:
    """What the file says: endpoints by name, without their keys; the environment variables of these; and the
    organisations (slugs) that each is for, None for all."""

    currency: str
    endpoints: Mapping[str, Endpoint]
    keys: Mapping[str, str]
    organisations: Mapping[str, frozenset[str] | None]

    def of(self, organisation: Organisation) -> dict[str, Endpoint]:
        """Those that an organisation may use, by name."""
        return {
            name: endpoint
            for name, endpoint in self.endpoints.items()
            if (allowed := self.organisations[name]) is None or organisation.slug in allowed
        }


def servers() -> Servers:
    """The operator's file as it is now; without one, no servers.

    Raises
    ------
    ServersError
        If it cannot be read or is wrong.
    """
    path = Path(settings.MODEL_SERVERS)
    if not path.is_file():
        return Servers("USD", {}, {}, {})
    try:
        said = filled(yaml.safe_load(path.read_text(encoding="utf-8")) or {"endpoints": []}, FILE)
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise ServersError(f"The file of model servers, {path}, cannot be read: {error}") from error
    except InvalidAnswer as error:
        where = f" at {error.path}" if error.path else ""
        raise ServersError(f"The file of model servers, {path}, is wrong{where}: {error}") from error
    rows = {row["name"]: row for row in said["endpoints"]}
    keys = {name: row.get("api_key_env", "") for name, row in rows.items()}
    allowed = {name: frozenset(row["organisations"]) if "organisations" in row else None for name, row in rows.items()}
    return Servers(said["currency"], {name: _endpoint(row) for name, row in rows.items()}, keys, allowed)


def find(organisation: Organisation, name: str) -> Endpoint:
    """An endpoint that an organisation may use, ready to be called: with its key.

    Raises
    ------
    UnknownEndpoint
        If it may use none of that name; says which it may.
    ServersError
        As `servers`, and where the key's environment variable is not set.
    """
    found = servers()
    mine = found.of(organisation)
    if name not in mine:
        known = ", ".join(mine) or "none; whoever runs this server adds them to its file of model servers"
        raise UnknownEndpoint(f"There is no model endpoint {name!r}. There are: {known}.")
    variable = found.keys[name]
    if variable and not os.environ.get(variable):
        raise ServersError(f"The endpoint {name} takes its key from the variable {variable}, which is not set here.")
    return replace(mine[name], api_key=os.environ.get(variable, "") if variable else "")


def _endpoint(row: Mapping[str, Any]) -> Endpoint:
    own = {field.name for field in fields(Endpoint)}
    given = {name: value for name, value in row.items() if name in own}
    return Endpoint(**given | {"without": frozenset(row.get("without", ()))})
