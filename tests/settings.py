"""The product's settings on a scratch data folder, so that no test touches anybody's data.

The suite runs on SQLite and on the embedded broker; tests of PostgreSQL and Redis take DATABASE_URL and
REDIS_URL through the fixtures `postgres_url` and `redis_url`. `pytest --ds=config.settings` runs any test on
the database that DATABASE_URL names.
"""

import atexit
import os
import shutil
import tempfile

# A folder for each process of the suite; the processes that tests start inherit that of theirs.
_suite = f"tests {os.environ.get('PYTEST_XDIST_WORKER', '')}"
if os.environ.get("TOUCHSTONE_SUITE") != _suite:
    os.environ |= {"TOUCHSTONE_SUITE": _suite, "DATA_DIR": tempfile.mkdtemp(prefix="touchstone-tests-")}
    atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)

_services = {name: os.environ.pop(name) for name in ("DATABASE_URL", "REDIS_URL") if name in os.environ}

from config.settings import *  # noqa: E402, F403

os.environ.update(_services)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # as quick as tests need
WHITENOISE_AUTOREFRESH = True  # files are looked for when asked for, not all of them at every new test client
