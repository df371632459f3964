"""The broker that needs no server: Celery's messages as files of one folder, handed over whole and to one taker.

kombu's own filesystem transport lets a taker see a file that is still being written, and claims it by a move
to the temporary folder, which is no single step where that is another file system. Here both are one rename.
Messages only carry job ids (`annotate.jobs`), so what a killed taker had in hand is sent again by the reaper.
"""

import contextlib
import os
import time
import uuid
from queue import Empty
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps, loads

SCHEME = "embedded"  # as in embedded://
LONGEST_WAIT = 0.5  # seconds; Celery asks for two at a time, and hears of its own shutdown only in between


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: dict[str, Any], **_: Any) -> None:
        path = os.path.join(self.data_folder_out, f"{time.time_ns()}_{uuid.uuid4()}.{queue}.msg")
        with open(f"{path}.new", "w") as file:
            file.write(dumps(payload))
        os.rename(f"{path}.new", path)

    def _get(self, queue: str) -> dict[str, Any]:
        for name in sorted(os.listdir(self.data_folder_in)):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            path = os.path.join(self.data_folder_in, name)
            with contextlib.suppress(FileNotFoundError):  # another taker was quicker
                os.rename(path, f"{path}.taken")
                with open(f"{path}.taken") as file:
                    payload = file.read()
                os.unlink(f"{path}.taken")
                return loads(payload)
        raise Empty


class Transport(filesystem.Transport):
    Channel = Channel
    driver_name = SCHEME

    def drain_events(self, connection: Any, timeout: float | None = None) -> None:
        super().drain_events(connection, timeout=None if timeout is None else min(timeout, LONGEST_WAIT))


TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
