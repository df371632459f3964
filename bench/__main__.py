"""`python -m bench [NAME …]`: each measurement in a process of its own, its figures as JSON, one table at the end."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from bench import Figure, table

HERE = Path(__file__).parent


def names() -> list[str]:
    """The measurements of this folder."""
    return sorted(path.stem for path in HERE.glob("[!_]*.py"))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Run the long measurements.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which (all): {', '.join(names())}")
    parser.add_argument("--out", type=Path, default=HERE.parent / "var" / "verify", help="folder of the JSON files")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="small versions, to see that they run")
    options = parser.parse_args()
    if unknown := set(options.names) - set(names()):
        parser.error(f"no measurement is called {', '.join(sorted(unknown))}; there are {', '.join(names())}")
    rows, notes = [], []
    for name in options.names or names():
        print(f"· {name}", flush=True)
        target = options.out.resolve() / f"{name}.json"
        target.unlink(missing_ok=True)
        command = [sys.executable, "-m", f"bench.{name}", "--json", str(target), "--seed", str(options.seed)]
        done = subprocess.run(
            command + ["--quick"] * options.quick,
            cwd=HERE.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        if target.exists():
            figures = json.loads(target.read_text())["figures"]
            rows += [(f"{name}: {values['name']}", _figure(values)) for values in figures]
        if done.returncode not in (0, 1) or not target.exists():
            notes.append((name, done.returncode, done.stderr.strip()[-1500:]))
    print(f"\n{table(rows)}" if rows else "")
    for name, code, words in notes:
        print(f"\n{name} {'cannot be measured here' if code == 3 else f'failed (exit code {code})'}: {words}")
    failed = any(code != 3 for _, code, _ in notes)
    missed = not options.quick and not all(figure.holds for _, figure in rows)
    return 1 if failed or missed else 0


def _figure(values: dict) -> Figure:
    return Figure(**{key: value for key, value in values.items() if key != "holds"})


if __name__ == "__main__":
    sys.exit(main())
