"""make guide: take the staff guide's pictures, and the one in the README, from a site at work."""

import os
import sys

import django
from playwright.sync_api import sync_playwright

from tests.guide.taking import at_work, opened, taken
from tests.machine import CHROMIUM_FLAGS, chromium
from tests.running import ROOT

FOLDER = ROOT / "static" / "img" / "guide"


def main() -> None:
    os.environ.setdefault("SITE_URL", "http://127.0.0.1:1")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic_site.settings")
    django.setup()
    from clinic_site.backoffice.guide import SCREENSHOTS

    if chromium() is None:
        sys.exit("There is no Chromium on this machine.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, at_work() as (address, sessions, places):
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        for picture in SCREENSHOTS:
            with opened(browser, address, sessions, places, picture) as tab:
                taken(tab, picture).save(FOLDER / f"{picture.name}.webp", quality=72, method=6)
        tab = browser.new_page(
            viewport={"width": 1100, "height": 1000}, color_scheme="light", reduced_motion="reduce"
        )
        tab.goto(f"{address}/treatments/hyperhidrosis/")
        tab.screenshot(path=ROOT / "docs" / "screenshot.png")
        browser.close()


if __name__ == "__main__":
    main()
