"""The guide's pictures, taken from a site at work.

What is numbered on one is drawn from the boxes of the fields and buttons themselves, so that a number never
points beside its thing.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab

from tests.running import filled, manage, serving

MARK, RING = "#7a1d5c", 4


@dataclass(frozen=True)
class Shot:
    """How a picture of the guide is taken: as whom, where (a place that `tests.audit.at_work` names), and
    what it points at, in order: the role and the name of each button or field.
    """

    who: str
    place: str
    points: tuple[tuple[str, str], ...]


SHOTS = {
    "first_page": Shot("editor", "index", (("heading", "To do"), ("group", "Sample Editor"))),
    "draft": Shot(
        "editor",
        "draft",
        (("button", "Save and preview"), ("button", "Save and submit for signature…"), ("group", "Checks")),
    ),
    "submit": Shot(
        "editor", "submit", (("textbox", "What changed, and why?"), ("button", "Submit for signature"))
    ),
    "sign": Shot("clinician", "sign", (("heading", "What changed"), ("link", "Sign"), ("link", "Send back"))),
    "stop": Shot("clinician", "stop", (("textbox", "Why?"), ("button", "Stop saying this"))),
    "desk": Shot(
        "desk",
        "desk",
        (
            ("searchbox", "Find a member or a friend"),
            ("button", "Find"),
            ("link", "“My friend sent me”: a late mention"),
        ),
    ),
}


@contextmanager
def at_work() -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """A served site at work: its address, the key of a session for each person, and the paths of its
    places.
    """
    with filled() as (env, port):
        command = [sys.executable, "manage.py", "serve", "--port", str(port)]
        with serving(command, env, f"{env['SITE_URL']}/healthz", patience=120):
            manage(env, "shell", "--command", "from tests.audit import at_work; at_work.tell_places()")
            told = json.loads(Path(env["DATA_DIR"], "places.json").read_text())
            yield env["SITE_URL"], told["sessions"], told["places"]


@contextmanager
def opened(browser: Browser, address: str, sessions: dict, places: dict, picture) -> Iterator[Tab]:
    """The page of a picture, as the person sees it whose page it is."""
    shot = SHOTS[picture.name]
    context = browser.new_context(
        viewport={"width": picture.width, "height": picture.height},
        color_scheme="light",
        reduced_motion="reduce",
    )
    context.add_cookies([{"name": "sessionid", "value": sessions[shot.who], "url": address}])
    tab = context.new_page()
    tab.goto(address + places[shot.place])
    yield tab
    context.close()


def box_of(tab: Tab, role: str, name: str):
    """The box of the first thing in sight with that role and that name. None where there is none."""
    tab.wait_for_load_state()
    shown = tab.get_by_role(role, name=name, exact=role in ("link", "button"))
    for one in shown.or_(tab.locator("summary", has_text=name)).all():
        box = one.bounding_box() if one.is_visible() else None
        if box and box["y"] >= 0 and box["y"] + box["height"] <= tab.viewport_size["height"]:
            return box
    return None


def missing(tab: Tab, picture) -> list[str]:
    """What the guide points at on this picture and the page doesn't have."""
    return [
        f"{role} “{name}”" for role, name in SHOTS[picture.name].points if box_of(tab, role, name) is None
    ]


def taken(tab: Tab, picture) -> Image.Image:
    """The picture with its numbers. Raises LookupError where something that it points at isn't in sight."""
    image = Image.open(BytesIO(tab.screenshot())).convert("RGB")
    draw, font, places = ImageDraw.Draw(image), ImageFont.load_default(17), []
    for role, name in SHOTS[picture.name].points:
        box = box_of(tab, role, name)
        if box is None:
            raise LookupError(f"{picture.name}: {role} “{name}” isn't in the picture.")
        left, top = box["x"] - 5, box["y"] - 4
        right, bottom = min(box["x"] + box["width"] + 5, picture.width - 2), box["y"] + box["height"] + 4
        draw.rounded_rectangle((max(left, 2), top, right, bottom), 8, outline=MARK, width=RING)
        places.append((max(left, 14), top))
    for number, (x, y) in enumerate(places, 1):  # over every ring
        draw.ellipse((x - 13, y - 13, x + 13, y + 13), fill=MARK)
        draw.text((x, y), str(number), fill="white", font=font, anchor="mm")
    return image
