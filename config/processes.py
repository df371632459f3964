"""The five processes of a running Touchstone: their commands, in one place for the laptop and for the cluster.

    python -m config.processes web      # become one of them, as docker-compose.yml does
    python -m config.up                 # run all of them in the foreground

| process | does |
|---------|------|
| web     | pages and API, in WEB_WORKERS processes of WEB_THREADS threads |
| worker  | jobs of the queue `default`: imports, agreement, consensus, curation, exports |
| gpu     | jobs of the queue `gpu`: trainings and scorings, one at a time, each in a subprocess that it watches |
| scorer  | keeps reward models in memory; the web asks it for `POST /api/v1/score` |
| reaper  | gives the jobs of dead workers to others, ends leases that ran out |

| variable           | meaning                                         | default        |
|--------------------|-------------------------------------------------|----------------|
| HOST               | address that the web listens on                 | 127.0.0.1      |
| PORT               | port that the web listens on                    | 8600           |
| WEB_WORKERS        | processes of the web                            | 2              |
| WEB_THREADS        | threads of each of them                         | 8              |
| WORKER_CONCURRENCY | jobs of the queue `default` at a time           | 2              |
| SCORER_BIND        | where the scorer listens                        | 127.0.0.1:8602 |
| TOUCHSTONE_SCORER_TOKEN | what it asks for, always beyond the loopback | none      |
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_PORT = 8600


def commands(environ: Mapping[str, str]) -> dict[str, list[str]]:
    """The command of every process, by name, under the variables above."""
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "--app", "config", "worker", "--loglevel", "INFO"]
    celery += ["--without-mingle", "--without-gossip", "--without-heartbeat"]  # workers need not know each other
    bind = f"{environ.get('HOST') or '127.0.0.1'}:{environ.get('PORT') or DEFAULT_PORT}"
    scorer_host, _, scorer_port = environ.get("SCORER_BIND", "127.0.0.1:8602").rpartition(":")
    runs = Path(environ.get("DATA_DIR") or ROOT / "var").resolve() / "runs"
    web = [*python, "gunicorn", "config.wsgi:application", "--bind", bind, "--preload", "--no-control-socket"]
    web += ["--worker-class", "gthread", "--workers", environ.get("WEB_WORKERS", "2")]
    web += ["--threads", environ.get("WEB_THREADS", "8"), "--graceful-timeout", "3", "--access-logfile", "-"]
    worker = [*celery, "--queues", "default", "--hostname", "worker@%h", "--max-tasks-per-child", "100"]
    worker += ["--concurrency", environ.get("WORKER_CONCURRENCY", "2")]
    if Path("/dev/shm").is_dir():  # the workers' signs of life must not wait for a slow disk
        web += ["--worker-tmp-dir", "/dev/shm"]
    return {
        "web": web,
        # Processes, because curation computes; renewed now and then, because its libraries keep memory.
        "worker": worker,
        # A thread, because it only watches subprocesses: so the worker hears of a shutdown and can pass it on.
        "gpu": [*celery, "--queues", "gpu", "--hostname", "gpu@%h", "--pool", "threads", "--concurrency", "1"],
        "scorer": [*python, "rewardtrain", "serve", "--root", str(runs), "--host", scorer_host, "--port", scorer_port],
        "reaper": [sys.executable, "manage.py", "reap", "--every", "5"],
    }


def main(arguments: list[str]) -> int:
    known = commands(os.environ)
    if len(arguments) != 1 or arguments[0] not in known:
        print(f"usage: python -m config.processes {{{','.join(known)}}}", file=sys.stderr)
        return 2
    os.chdir(ROOT)
    argv = known[arguments[0]]
    os.execvp(argv[0], argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
