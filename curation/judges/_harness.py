"""What runs inside the sandbox: it limits itself, then runs a program and its test, and says how that ended.

Never imported: `_sandbox` hands its text to an interpreter of its own, which has the standard library and nothing else.
"""

import json
import os
import resource
import sys
import sysconfig
import traceback
from typing import Any

# Always closed, for root's number of processes knows no limit; ctypes, for with it all else would be open.
_PROCESSES = ("subprocess.", "pty.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "os.spawn", "ctypes.")
_ELSE = (
    *("socket.", "shutil.", "signal.", "os.kill"),
    *("os.listdir", "os.scandir", "os.chdir", "os.link", "os.symlink", "os.rename", "os.remove", "os.rmdir"),
    *("os.chmod", "os.chown", "os.truncate"),
)


def main() -> None:
    """Reads what to run as JSON, and leaves the verdict as the last line of the output."""
    given = json.load(sys.stdin)
    output, code = os.dup(1), given.pop("code")
    for name, value in given["limits"].items():
        try:
            resource.setrlimit(getattr(resource, name), (value, value))
        except (AttributeError, ValueError, OSError):
            continue  # this system does not know the limit, or has a lower one
    hold(given["root"], given["confined"])
    names: dict[str, Any] = {"__name__": "response", "__builtins__": __builtins__}
    verdict = ""
    try:
        exec(compile(given["program"], "response.py", "exec"), names)
        exec(compile(given["test"], "test.py", "exec"), names)
    except BaseException as error:
        verdict = "".join(traceback.format_exception_only(error)).strip()[-300:] or "failed"
    os.write(output, ("\n" + json.dumps([code, verdict])).encode())
    os._exit(0)


def hold(root: str, confined: bool) -> None:
    """Refuse what Python can be watched doing: new processes, and without namespaces the network and other files.

    A hook cannot be taken away, but be got round.
    """
    own = tuple(os.path.realpath(part) + os.sep for part in (sys.base_prefix, sysconfig.get_path("stdlib"), root))
    closed = _PROCESSES if confined else (*_PROCESSES, *_ELSE)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        is_path = event == "open" and not confined and not isinstance(arguments[0], int)
        if event.startswith(closed) or (is_path and not _path(arguments[0]).startswith(own)):
            raise PermissionError(f"not allowed here: {event}")

    sys.addaudithook(hook)


def _path(name: Any) -> str:
    return os.path.realpath(os.fsdecode(name))


if __name__ == "__main__":
    main()
