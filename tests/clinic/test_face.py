"""What holds the face together: contrast, one name in two places, nothing from elsewhere."""

import re

import brotli
import pytest
from django.conf import settings

from clinic_site.clinic.models import Accent

CSS = settings.BASE_DIR / "static" / "css"
TEMPLATES = settings.BASE_DIR / "templates"
THEMES = ("light", "dark")
GROUNDS = ("ground", "raised", "sunk", "mint", "urgent-ground", "note-ground")
TEXTS = ("ink", "soft", "link", "title", "note", "urgent", "clay-text")


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
    weak += [(text, "deep") for text in ("on-deep", "on-deep-soft") if contrast(role[text], role["deep"]) < 7]
    assert weak == []
    assert contrast(role["clay"], role["raised"]) >= 3


def linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def oklab(colour: str) -> list[float]:
    """As CSS Color 4 has it."""
    r, g, b = (linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    lms = [
        0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b,
        0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b,
        0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b,
    ]
    l, m, s = (value ** (1 / 3) for value in lms)  # noqa: E741
    return [
        0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
        1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
        0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s,
    ]


def mixed(one: str, percent: float, other: str) -> str:
    """`color-mix(in oklab, one percent%, other)`."""
    lightness, a, b = (
        x * percent / 100 + y * (1 - percent / 100) for x, y in zip(oklab(one), oklab(other), strict=True)
    )
    l, m, s = (  # noqa: E741
        (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3,
        (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3,
        (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3,
    )
    channels = (
        4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
        -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
        -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s,
    )
    back = (
        12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055
        for c in (min(max(c, 0), 1) for c in channels)
    )
    return "#" + "".join(f"{round(c * 255):02x}" for c in back)


def test_colours_are_mixed_as_browsers_mix_them():
    assert mixed("#ffffff", 50, "#000000") == "#636363"
    assert mixed("#14502f", 100, "#ffffff") == "#14502f"


def mixes(sheet: str, role: dict[str, str]) -> dict[str, str]:
    """The colours that a style sheet mixes from the tokens, by the name that it gives them."""
    css = (CSS / "components" / sheet).read_text().split("@media")[0]
    found = re.findall(
        r"--([\w-]+): color-mix\(in oklab, var\(--([\w-]+)\) (\d+)%, (?:var\(--([\w-]+)\)|(#[0-9a-f]{6}))\)",
        css,
    )
    return {
        name: mixed(role[one], int(percent), role[other] if other else colour)
        for name, one, percent, other, colour in found
    }


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("accent", Accent.values)
def test_marks_stand_out_in_every_drawing_and_chart(theme, accent):
    role = colours(theme, accent)
    drawing, chart = mixes("injection_sites.css", role), mixes("effect_chart.css", role)
    assert {"skin", "tone"} <= set(drawing)
    assert "mark-pale" in chart
    # a mark is the accent, on skin, on hair and clothes, and on paper; its number stands in it
    for ground in (drawing["skin"], drawing["tone"], role["raised"]):
        assert contrast(role["link"], ground) >= 3, ground
        assert contrast(role["ink"], ground) >= 4.5, ground
    assert contrast(role["on-link"], role["link"]) >= 4.5
    # a pale bar has an outline in the accent; a comparator's outline, a field's edge and the early mark have
    # their own
    assert contrast(role["link"], chart["mark-pale"]) >= 3
    for mark in ("edge", "clay", "good"):
        for ground in ("ground", "raised"):
            assert contrast(role[mark], role[ground]) >= 3, (mark, ground)
    # what is approved is said in a colour of its own; a letter stands in it
    assert contrast(role["good"], role["ground"]) >= 4.5
    # a button that is pointed at turns to the colour of titles
    assert contrast(role["on-link"], role["title"]) >= 4.5


def test_the_script_is_small():
    assert len(brotli.compress((settings.BASE_DIR / "static" / "js" / "site.js").read_bytes())) <= 3 * 1024


@pytest.mark.django_db
def test_the_typefaces_are_small_licensed_and_loaded_at_once(client, starter_site):
    folder = settings.BASE_DIR / "static" / "fonts"
    sheet = (CSS / "fonts.css").read_text()
    kept = {path.name for path in folder.glob("*.woff2")}
    assert kept == set(re.findall(r'url\("\.\./fonts/([\w-]+\.woff2)"\)', sheet))
    first = {name for name in kept if not name.endswith("-extended.woff2")}
    assert sum((folder / name).stat().st_size for name in first) <= 58_000
    for name in first:
        licence = (folder / name.replace(".woff2", "-LICENSE.txt")).read_text()
        assert "SIL OPEN FONT LICENSE" in licence.upper()
    # each has a fallback of its measures, so that nothing moves when it comes
    assert sheet.count("size-adjust:") == len(first)
    html = client.get("/").content.decode()
    preloaded = re.findall(r'<link rel="preload"[^>]*fonts/([\w-]+?)(?:\.\w+)?\.woff2"', html, re.S)
    assert {f"{name}.woff2" for name in preloaded} == first


def test_the_colours_to_choose_from_differ():
    for theme in THEMES:
        assert len({colours(theme, accent)["link"] for accent in Accent.values}) == len(Accent.values)


def test_every_style_sheet_is_loaded_and_every_component_has_its_template():
    loaded = set(re.findall(r'@import url\("([^"]+)"\)', (CSS / "site.css").read_text()))
    assert {
        str(path.relative_to(CSS))
        for folder in ("components", "pages")
        for path in (CSS / folder).glob("*.css")
    } <= loaded
    styled = {path.stem for path in (CSS / "components").glob("*.css")}
    assert styled <= {path.stem for path in (TEMPLATES / "components").glob("*.html")}


def test_nothing_is_fetched_from_a_style_sheet_and_nothing_is_styled_in_a_template():
    for sheet in CSS.rglob("*.css"):
        own = r'@import url\("[\w/-]+\.css"\)|url\("\.\./fonts/[\w-]+\.woff2"\)'
        css = re.sub(own, "", sheet.read_text())
        assert "url(" not in css, sheet
    pages = set(TEMPLATES.rglob("*.html")) - set(
        (TEMPLATES / "mail").rglob("*.html")
    )  # a mail brings its styles along
    for template in pages:
        html = template.read_text()
        assert not re.search(r"<style|\sstyle=|\son\w+=\"|<script>", html), template
