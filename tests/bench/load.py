"""Load on a server of this machine, bounded in time: `wrk` where it's installed, else a small client of our
own.
"""

import asyncio
import re
import shutil
import subprocess
from concurrent.futures import ProcessPoolExecutor
from urllib.parse import urlsplit

CONNECTIONS = 16


def name() -> str:
    return "wrk" if shutil.which("wrk") else "the bench's own client (install wrk for a faster one)"


def pages_per_second(url: str, seconds: float) -> float:
    """How many answers a second `url` gives to CONNECTIONS at once.

    Raises RuntimeError where one isn't 200.
    """
    if urlsplit(url).hostname != "127.0.0.1":
        raise ValueError("The bench loads this machine only.")
    if shutil.which("wrk"):
        return _wrk(url, seconds)
    with ProcessPoolExecutor(2) as pool:
        halves = [pool.submit(_client, url, seconds, CONNECTIONS // 2) for _ in range(2)]
        return sum(half.result() for half in halves)


def _wrk(url: str, seconds: float) -> float:
    said = subprocess.run(
        ["wrk", "--threads", "1", "--connections", str(CONNECTIONS), "--duration", f"{seconds:.0f}s", url],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    if "Non-2xx" in said:
        raise RuntimeError(f"{url} gave errors.\n{said}")
    return float(re.search(r"Requests/sec:\s*([\d.]+)", said)[1])


def _client(url: str, seconds: float, connections: int) -> float:
    return asyncio.run(_ask_for(url, seconds, connections))


async def _ask_for(url: str, seconds: float, connections: int) -> float:
    target = urlsplit(url)
    question = f"GET {target.path}?{target.query} HTTP/1.1\r\nHost: {target.netloc}\r\n\r\n".encode()
    loop = asyncio.get_running_loop()
    until, answered = loop.time() + seconds, 0

    async def ask() -> None:
        nonlocal answered
        reader = writer = None
        while loop.time() < until:
            if writer is None:
                reader, writer = await asyncio.open_connection(target.hostname, target.port)
            writer.write(question)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            if b" 200 " not in head[:16]:
                raise RuntimeError(f"{url} gave an error: {head[:40]!r}")
            await reader.readexactly(int(re.search(rb"content-length: (\d+)", head)[1]))
            answered += 1
            if b"connection: close" in head:
                writer.close()
                writer = None
        if writer:
            writer.close()

    await asyncio.gather(*(ask() for _ in range(connections)))
    return answered / seconds
