"""The typefaces that the site serves, cut down to the letters it needs: make fonts

Lora for titles and figures, Figtree for all else, both under the Open Font License, from their npm packages.
For each a first file with the letters of English and of western Europe, and a second with the other Latin
letters of European names, which a browser fetches only where one stands. Beside them `static/css/fonts.css`,
with a fallback of the same measures for each, so that nothing moves when the real one comes.

Needs npm, for fetching the packages, and fonttools.
"""

import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

ROOT = Path(__file__).parent.parent
FONTS, SHEET = ROOT / "static" / "fonts", ROOT / "static" / "css" / "fonts.css"
VERSION = "5.3.0"
LATIN = (
    "U+20-7E,U+A0-FF,U+131,U+152-153,U+2013-2014,U+2018-201A,U+201C-201E,U+2022,U+2026,U+202F,U+2032,"
    "U+20AC,U+2122,U+2190-2193,U+2212,U+2264-2265"
)
LATIN_EXTENDED = (
    "U+100-130,U+132-151,U+154-17F,U+192,U+1C4-1CC,U+1E6-1E7,U+1FA-21B,U+1E80-1E85,U+1E9E,U+1EF2-1EF3"
)
# what an average letter takes: the sample is English, and each fallback was measured on it, in ems
SAMPLE = (
    "What botulinum toxin can do, what can go wrong, and what else there is: in plain words, with sources. "
    "One person writes, another signs, and old editions stay where you can read them."
)


@dataclass(frozen=True)
class Family:
    """A typeface: which weights are kept, at which one its fallback is measured, and that fallback: how the
    machines' own fonts are called, and the mean width of the sample's characters in it, in ems.
    """

    name: str
    lightest: int
    measured: int
    fallback: tuple[str, ...]
    fallback_width: float

    @property
    def package(self) -> str:
        return self.name.lower()


FAMILIES = (
    Family(
        "Lora",
        500,
        600,
        ("Times New Roman Bold", "TimesNewRomanPS-BoldMT", "Liberation Serif Bold", "Tinos Bold"),
        0.4303,
    ),
    Family("Figtree", 400, 400, ("Arial", "Liberation Sans", "Arimo", "Roboto", "Helvetica"), 0.4471),
)


def code_points(ranges: str) -> list[int]:
    """The characters of a `unicode-range`."""
    pairs = (part.removeprefix("U+").split("-") for part in ranges.split(","))
    return [n for first, *last in pairs for n in range(int(first, 16), int((last or [first])[0], 16) + 1)]


def fetched(family: Family, folder: Path) -> Path:
    """The unpacked package."""
    asked = ["npm", "pack", "--silent", f"@fontsource-variable/{family.package}@{VERSION}"]
    name = subprocess.run(asked, cwd=folder, check=True, capture_output=True, text=True).stdout.split()[-1]
    with tarfile.open(folder / name) as archive:
        archive.extractall(folder / family.package, filter="data")
    return folder / family.package / "package"


def cut(file: Path, family: Family, ranges: str) -> TTFont:
    """The font with these characters alone, and no lighter than is used."""
    options = Options()
    options.layout_features = ["kern", "mark", "mkmk", "ccmp", "locl", "tnum"]
    options.hinting = False
    options.flavor = "woff2"
    subsetter, font = Subsetter(options), TTFont(file)
    subsetter.populate(unicodes=code_points(ranges))
    subsetter.subset(font)
    return instancer.instantiateVariableFont(font, {"wght": (family.lightest, 700)})


def mean_width(font: TTFont, weight: int) -> float:
    """Of the sample's characters at this weight, in ems."""
    still = instancer.instantiateVariableFont(font, {"wght": weight})
    names, advances = still.getBestCmap(), still["hmtx"]
    return sum(advances[names[ord(c)]][0] for c in SAMPLE) / len(SAMPLE) / still["head"].unitsPerEm


def faces(family: Family, latin: TTFont) -> str:
    """The style sheet's rules for one typeface and its fallback."""
    scale = mean_width(latin, family.measured) / family.fallback_width
    measures = {"size-adjust": f"{scale:.2%}"} | {
        name: f"{abs(value) / latin['head'].unitsPerEm / scale:.2%}"
        for name, value in (
            ("ascent-override", latin["hhea"].ascent),
            ("descent-override", latin["hhea"].descent),
            ("line-gap-override", latin["hhea"].lineGap),
        )
    }
    rules = [
        f'@font-face {{ font-family: "{family.name}"; src: url("../fonts/{file}.woff2") format("woff2"); '
        f"font-weight: {family.lightest} 700; font-display: swap; unicode-range: {ranges}; }}"
        for file, ranges in ((family.package, LATIN), (f"{family.package}-extended", LATIN_EXTENDED))
    ]
    local = ", ".join(f'local("{name}")' for name in family.fallback)
    said = "; ".join(f"{name}: {value}" for name, value in measures.items())
    rules.append(f'@font-face {{ font-family: "{family.name} fallback"; src: {local}; {said}; }}')
    return "\n".join(rules)


def main() -> int:
    if not shutil.which("npm"):
        sys.exit("npm is needed, to fetch the packages.")
    FONTS.mkdir(exist_ok=True)
    rules = ["/* Written by `make fonts`: the typefaces, and fallbacks with the same measures. */"]
    with tempfile.TemporaryDirectory() as folder:
        for family in FAMILIES:
            package = fetched(family, Path(folder))
            shutil.copy(package / "LICENSE", FONTS / f"{family.package}-LICENSE.txt")
            for part, ranges in (("latin", LATIN), ("latin-ext", LATIN_EXTENDED)):
                font = cut(package / "files" / f"{family.package}-{part}-wght-normal.woff2", family, ranges)
                kept = FONTS / f"{family.package}{'' if part == 'latin' else '-extended'}.woff2"
                font.save(kept)
                print(f"{kept.relative_to(ROOT)}: {kept.stat().st_size:,} bytes")
                if part == "latin":
                    rules.append(faces(family, font))
    SHEET.write_text("\n".join(rules) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
