"""The components page at two commits, in one run: which specimens look different now.

    python -m tests.audit.compare main HEAD [--out DIR]

Pictures aren't kept from one run to the next, because they change with the browser and the fonts. Both
commits are unpacked, served by their own code from an empty database, and photographed by the same browser,
specimen by specimen. With --out, the pictures of what differs are put there: before, after, and the
difference. Exit 1 where something differs.
"""

import argparse
import io
import re
import signal
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageChops
from playwright.sync_api import Browser, sync_playwright

from tests.machine import CHROMIUM_FLAGS, chromium, free_port
from tests.running import ROOT, environment, serving

WIDTHS = (390, 1280)
# each is photographed at the same place of an otherwise empty page: edges are smoothed by where they happen
# to fall
ALONE = (
    "one => document.querySelectorAll('.design, .design__specimen, .design-list').forEach(e => "
    "(e.hidden = !e.contains(one)))"
)
Shot = tuple[str, str, int]  # component, state, width


@contextmanager
def served(commit: str) -> Iterator[str]:
    """The address of the site as it was at `commit`, with an empty database.

    Raises CalledProcessError where there is no such.
    """
    packed = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
    with tempfile.TemporaryDirectory(prefix="clinic-compare-") as folder:
        code, data = Path(folder, "code"), Path(folder, "data")
        with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
            tar.extractall(code, filter="data")
        port = free_port()
        env = environment(data, port, DEBUG="true")  # the page is for those who work on the site
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=code, env=env, check=True
        )
        command = [sys.executable, "manage.py", "runserver", "--noreload", "--nostatic", str(port)]
        with serving(command, env, f"{env['SITE_URL']}/healthz", folder=code):
            yield env["SITE_URL"]


def photograph(browser: Browser, address: str) -> dict[Shot, Image.Image]:
    """A picture of each specimen at each width."""
    shots = {}
    for width in WIDTHS:
        context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
        tab = context.new_page()
        answer = tab.goto(f"{address}/design/")
        if answer.status != 200:
            raise SystemExit(
                f"{address}/design/ answered {answer.status}: that commit has no components page."
            )
        for stage in tab.locator("[data-component]").all():
            stage.evaluate(ALONE)
            name = stage.get_attribute("data-component"), stage.get_attribute("data-state"), width
            # one without a size (it shows nothing until a script does) has no picture
            box = stage.bounding_box()
            if box and box["width"] and box["height"]:
                shots[name] = Image.open(io.BytesIO(stage.screenshot())).convert("RGB")
        context.close()
    return shots


def differing(before: Image.Image, after: Image.Image) -> tuple[int, Image.Image]:
    """How many pixels differ, and a picture that is black where none does.

    A difference in size counts all that it adds.
    """
    size = max(before.width, after.width), max(before.height, after.height)
    both = []
    for image, ground in ((before, "#f0f"), (after, "#0ff")):
        sheet = Image.new("RGB", size, ground)
        sheet.paste(image, (0, 0))
        both.append(sheet)
    difference = ImageChops.difference(*both)
    changed = difference.convert("L").point(lambda value: 255 if value else 0)
    return changed.histogram()[255], difference


def keep(folder: Path, shot: Shot, **pictures: Image.Image) -> None:
    name = re.sub(r"[^a-z0-9]+", "-", "-".join(map(str, shot)).lower())
    for which, picture in pictures.items():
        picture.save(folder / f"{name}-{which}.png")


def main() -> int:
    options = argparse.ArgumentParser(
        prog="python -m tests.audit.compare", description="The components page at two commits."
    )
    options.add_argument("before", help="a commit")
    options.add_argument("after", help="another")
    options.add_argument("--out", type=Path, metavar="DIR", help="put pictures of what differs here")
    chosen = options.parse_args()
    if chromium() is None:
        sys.exit("There is no Chromium on this machine.")
    if chosen.out:
        chosen.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        shots = []
        for commit in (chosen.before, chosen.after):
            with served(commit) as address:
                shots.append(photograph(browser, address))
        browser.close()
    before, after = shots
    found = 0
    for shot in sorted({*before, *after}):
        name = f"{shot[0]}, {shot[1]}, at {shot[2]}"
        if shot not in after or shot not in before:
            found += 1
            print(f"{name}: {'new' if shot in after else 'gone'}")
            continue
        pixels, difference = differing(before[shot], after[shot])
        if pixels:
            found += 1
            sizes = (
                ""
                if before[shot].size == after[shot].size
                else f", {before[shot].size} became {after[shot].size}"
            )
            print(f"{name}: {pixels} pixels differ{sizes}")
            if chosen.out:
                keep(chosen.out, shot, before=before[shot], after=after[shot], difference=difference)
    print(
        f"{len(after)} pictures of {len({shot[:2] for shot in after})} specimens: {found or 'none'} differ."
    )
    return 1 if found else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started is stopped either way
    sys.exit(main())
