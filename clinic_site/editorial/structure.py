"""Checks on a page's parts: nothing missing, headings in order, pictures described, links that say where they
go.
"""

import re

from clinic_site.editorial.checks import Draft, Findings, rule
from clinic_site.pages.compose import plain
from clinic_site.pages.fields import declared
from clinic_site.text.folding import folded
from clinic_site.text.saying import has_visible_letters


@rule(
    title="A missing part",
    why="A reader must find the same answers on every page of its kind, the uncomfortable ones too.",
    fix="Write the part. Where nothing is known, say that.",
    promise="Every treatment page has the same parts: who should not have it, side effects, alternatives and "
    "what isn't known included.",
)
def missing_part(draft: Draft) -> Findings:
    there = {p.anchor: plain(p.html) for p in draft.page.parts}
    for anchor, heading in draft.required.items():
        if not has_visible_letters(there.get(anchor)):
            yield heading, f"“{heading}” is empty."
    for what in draft.missing:
        yield "Page", what


@rule(
    title="A page without the clinic's shared words",
    why="The signs that can't wait, and what must be known before treatment, stand on every page that could "
    "need them, in the same words. Somebody reads one page only.",
    fix="Write the block, once for all pages: it stands in the admin under Publishing.",
    promise="When to get help at once stands on every treatment page and every answer; who should not have "
    "the injections, and what to tell us first, on every treatment page. Both are kept in one place.",
)
def missing_shared_block(draft: Draft) -> Findings:
    for name in draft.shared:
        label = declared(type(draft.page))[name].label
        if getattr(draft.page, name) is None:
            yield label, f"“{label}” has no words yet."


@rule(
    title="A picture without a description",
    why="Somebody who can't see it gets nothing.",
    fix="Describe what it shows in a sentence, or mark it decorative.",
    promise="Pictures have descriptions.",
)
def picture_without_alternative(draft: Draft) -> Findings:
    for part in draft.page.parts:
        if part.image and part.image.alt == "?":
            yield (
                part.heading,
                f"The picture {part.image.name} has neither a description nor the mark “decorative”.",
            )


@rule(
    title="A picture of a person without a consent that holds",
    why="People decide for how long they are shown, and who asks them must know whom a picture shows.",
    fix="Open the picture: say whether it shows a person, and note the new written consent. Or take it out "
    "of the page.",
    promise="People in pictures agreed to it in writing, and their consent still holds.",
)
def picture_of_a_person(draft: Draft) -> Findings:
    for part in draft.page.parts:
        picture = draft.pictures.get(part.anchor)
        if picture is None:
            continue
        if picture.shows_person is None:
            yield part.heading, f"Nobody has said yet whether the picture “{picture}” shows a person."
        elif picture.why_held_back:
            yield part.heading, f"The consent to the picture “{picture}” {picture.why_held_back}."


@rule(
    title="Headings out of order",
    why="People who use a screen reader walk from heading to heading; a skipped level sounds like a missing "
    "part.",
    fix="Within a part use heading 3 first, then heading 4 below it.",
)
def heading_order(draft: Draft) -> Findings:
    for text in draft.texts():
        level = 2
        for match in re.finditer(r"<h([1-6])>(.*?)</h\1>", text.html, re.S):
            if int(match[1]) > level + 1 or int(match[1]) < 3:
                yield text.where, plain(match[2]) or "(an empty heading)"
            level = int(match[1])
            if not plain(match[2]):
                yield text.where, "(an empty heading)"


# Link words that name no place: a link made of nothing else says nothing.
_EMPTY_WORDS = set(
    "click tap press go see view read find learn discover explore follow visit continue out more all here "
    "there now this that it on to at the a an your about further next back details info information link "
    "page site website post article please".split()
)


@rule(
    title="A link that doesn't say where it goes",
    why="Links are read alone, by eyes that skim and by screen readers.",
    fix="Write where it goes: “how long jaw treatment lasts”, not “click here”.",
    promise="Links say where they go.",
)
def link_text(draft: Draft) -> Findings:
    for text in draft.texts():
        for match in re.finditer(r"<a(?![^>]*aria-label)[^>]*>(.*?)</a>", text.html, re.S):
            words = plain(match[1])
            if (
                re.match(r"(?:https?:|www\.)", words)
                or set(re.findall(r"\w+", folded(words))) <= _EMPTY_WORDS
            ):
                yield text.where, words or "(an empty link)"
