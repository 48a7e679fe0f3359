"""Static files as patients get them: hashed, compressed, and each style sheet with its imports put in.

Whoever changes the CSS edits one small file a component; `collectstatic` makes the one file that travels.
"""

import re

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORT = re.compile(
    r"""@import\s+url\(["']?(?P<path>[^"')]+)["']?\)\s*(?:layer\((?P<layer>[\w.-]+)\))?\s*;"""
)
SPACE = re.compile(r"\s*([{};])\s*")  # none of our strings holds one of these
COMMENT = re.compile(r"/\*.*?\*/", re.S)
PAPER = "css/print_preview.css"
BUNDLES = ("css/site.css", "css/admin.css", PAPER)


def as_on_paper(css: str) -> str:
    """The style sheet with print's own rules for every medium, without those for a screen and for a dark
    one.
    """
    css = re.sub(r"@media\s+print\b", "@media all", css)
    return re.sub(r"@media\s+(?:screen\b|\(prefers-color-scheme:\s*dark\))", "@media not all", css)


class BundledStaticFilesStorage(CompressedManifestStaticFilesStorage):
    def post_process(self, paths, dry_run=False, **options):
        if not dry_run:
            for name in BUNDLES:
                if name in paths:
                    css = self._with_imports(name)
                    self._write(name, as_on_paper(css) if name == PAPER else css)
                    paths[name] = (self, name)
        yield from super().post_process(paths, dry_run, **options)

    def _with_imports(self, name: str) -> str:
        folder = name.rpartition("/")[0]
        with self.open(name) as file:
            css = COMMENT.sub("", file.read().decode())

        def put_in(match: re.Match) -> str:
            inner = self._with_imports(f"{folder}/{match['path']}")
            return f"@layer {match['layer']}{{{inner}}}" if match["layer"] else inner

        return SPACE.sub(r"\1", IMPORT.sub(put_in, css)).replace(";}", "}").strip()

    def _write(self, name: str, css: str) -> None:
        self.delete(name)
        self._save(name, ContentFile(css.encode()))
