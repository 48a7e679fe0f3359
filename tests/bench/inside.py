"""What a page costs inside one process: queries, Python function calls, milliseconds.

Needs Django to be set up.

On SQLite the milliseconds are of processor time, which a busy machine hardly moves; on PostgreSQL, which
works in a process of its own, they are by the clock on the wall.
"""

import sys
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter, process_time

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


@dataclass(frozen=True)
class Cost:
    """One page: `queries`, Python function `calls`, and milliseconds: the median and the 95th percentile."""

    queries: int
    calls: int
    typical: float
    slow: float


def _get(client: Client, path: str) -> None:
    answer = client.get(path, headers={"host": settings.ALLOWED_HOSTS[0]})
    if answer.status_code != 200:
        raise RuntimeError(f"{path} gave {answer.status_code}.")


def _calls(client: Client, path: str) -> int:
    count = 0

    def note(frame, event, argument):
        nonlocal count
        count += event == "call"

    sys.setprofile(note)
    try:
        _get(client, path)
    finally:
        sys.setprofile(None)
    return count


def cost(path: str, times: int = 40) -> Cost:
    client = Client()
    for _ in range(3):
        _get(client, path)
    with CaptureQueriesContext(connection) as queries:
        _get(client, path)
        asked = len(queries)
    clock = process_time if connection.vendor == "sqlite" else perf_counter
    took = []
    for _ in range(times):
        began = clock()
        _get(client, path)
        took.append((clock() - began) * 1000)
    return Cost(asked, _calls(client, path), median(took), quantiles(took, n=20)[-1])
