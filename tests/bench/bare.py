"""The least that a WSGI server can be asked to do: give stored bytes. What our pages are measured beside.

The folder BARE_PAGES holds one file a path, named by its place in `pages.json`, which lists [path, content
type].
"""

import json
import os
from pathlib import Path

_folder = Path(os.environ["BARE_PAGES"])
_pages = {}
for _n, (_path, _kind) in enumerate(json.loads(Path(_folder, "pages.json").read_text())):
    _body = Path(_folder, str(_n)).read_bytes()
    _pages[_path] = [("Content-Type", _kind), ("Content-Length", str(len(_body)))], _body


def application(environ, start_response):
    headers, body = _pages[environ["PATH_INFO"]]
    start_response("200 OK", headers)
    return [body]
