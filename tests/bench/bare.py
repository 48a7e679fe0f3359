"""The least that a WSGI server can be asked to do: give stored bytes. What our pages are measured beside.

The folder BARE_PAGES holds one file a path, named by its order in `pages.json`, which lists [path, content type].
"""

import json
import os
from pathlib import Path

_folder = Path(os.environ["BARE_PAGES"])
_pages = {
    path: ([("Content-Type", kind), ("Content-Length", str(Path(_folder, str(n)).stat().st_size))], Path(_folder, str(n)).read_bytes())
    for n, (path, kind) in enumerate(json.loads(Path(_folder, "pages.json").read_text()))
}  # fmt: skip


def application(environ, start_response):
    headers, body = _pages[environ["PATH_INFO"]]
    start_response("200 OK", headers)
    return [body]
