"""The scoring server: a process of its own that answers trainers and searches in the dialects they speak already.

    protocols/<name>.py    one dialect each: its paths, what it asks for, how it is answered
    reading.py             what may stand in a request, and how it is refused
    encoding.py            a text that the client put together itself is scored as it is
    batching.py            requests that wait together are scored together, by one thread a model
    models.py              models by name, loaded when asked for, read anew when their folder changes
    shaping.py             rewards as policies want them: centred, bounded, conservative, by quantile, the least step
    choosing.py            the same for files: the best of n, and the best part of a dataset
    metrics.py             what Prometheus reads
    app.py, server.py      the routes, and the process around them

    python -m rewardtrain serve --root var/runs --port 8602

Nothing is kept: requests live in memory, so a killed server leaves nothing behind.
"""
