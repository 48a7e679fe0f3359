"""What holds the face together: contrast, one name in two places, nothing from elsewhere."""

import re

import pytest
from django.conf import settings

from clinic_site.clinic.models import Accent

CSS = settings.BASE_DIR / "static" / "css"
TEMPLATES = settings.BASE_DIR / "templates"
THEMES = ("light", "dark")
GROUNDS = ("ground", "raised", "sunk", "urgent-ground", "note-ground")
TEXTS = ("ink", "soft", "link", "title", "note", "urgent")


def colours(theme: str, accent: str) -> dict[str, str]:
    """The colours by role, as the cascade leaves them."""
    light, dark = (CSS / "tokens.css").read_text().split("@media (prefers-color-scheme: dark)")
    found = {}
    for css in (light, dark.split("@media")[0])[: THEMES.index(theme) + 1]:
        for selector in (":root", f'[data-accent="{accent}"]'):
            for block in re.findall(re.escape(selector) + r"\s*{([^}]*)}", css):
                found |= dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", block))
    return found


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return sum(
        w * (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4)
        for w, p in zip((0.2126, 0.7152, 0.0722), parts, strict=True)
    )


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("accent", Accent.values)
def test_text_stands_out_in_every_colour_that_a_clinic_may_choose(theme, accent):
    role = colours(theme, accent)
    weak = [(text, ground) for text in TEXTS for ground in GROUNDS if contrast(role[text], role[ground]) < 7]
    weak += [("on-link", "link")] if contrast(role["on-link"], role["link"]) < 7 else []
    assert weak == []
    assert contrast(role["curve"], role["raised"]) >= 3


def test_the_colours_to_choose_from_differ():
    for theme in THEMES:
        assert len({colours(theme, accent)["link"] for accent in Accent.values}) == len(Accent.values)


def test_every_style_sheet_is_loaded_and_every_component_has_its_template():
    loaded = set(re.findall(r'@import url\("([^"]+)"\)', (CSS / "site.css").read_text()))
    assert {str(path.relative_to(CSS)) for folder in ("components", "pages") for path in (CSS / folder).glob("*.css")} <= loaded
    styled = {path.stem for path in (CSS / "components").glob("*.css")}
    assert styled <= {path.stem for path in (TEMPLATES / "components").glob("*.html")}


def test_nothing_is_fetched_from_a_style_sheet_and_nothing_is_styled_in_a_template():
    for sheet in CSS.rglob("*.css"):
        css = re.sub(r'@import url\("[\w/-]+\.css"\)', "", sheet.read_text())
        assert "url(" not in css, sheet
    for template in TEMPLATES.rglob("*.html"):
        html = template.read_text()
        assert not re.search(r"<style|\sstyle=|\son\w+=\"|<script>", html), template
