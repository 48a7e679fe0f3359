"""Editorial checks: small functions, each with an id, a reason and a fix in plain words.

A check reads the page as it would be sealed and yields the sentences that it complains about. The list
`RULES` is what runs at every submission, and what the public page "How we write" is made from.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from clinic_site.editorial.figures import sentences
from clinic_site.editorial.plain_language import Swap
from clinic_site.evidence.models import Claim
from clinic_site.pages.compose import plain
from clinic_site.pages.fields import Piece, pieces
from clinic_site.pages.shapes import Page
from clinic_site.text.folding import without_unseen

CLAIM = re.compile(r'<span class="claim[^"]*" data-claim="([^"]+)">(.*?)</span>', re.S)
PRACTICAL_SPAN = re.compile(r'<span class="practical">(.*?)</span>', re.S)
_NUMBERS = re.compile(r"<sup.*?</sup>", re.S)
_HEADING = re.compile(r"<h[1-6]>.*?</h[1-6]>", re.S)
# While sentences are told apart, claims and practical figures stand in brackets that nobody types; these are
# taken out first, so that nothing hides behind them.
_MARK, _ASIDE = re.compile(r"⟦(.+?)⟧"), re.compile(r"⟪(.+?)⟫")
_BRACKETS = dict.fromkeys(map(ord, "⟦⟧⟪⟫"))


@dataclass(frozen=True)
class Finding:
    """One complaint. `stops`: it must be mended before submission; otherwise it's advice."""

    rule: str
    stops: bool
    title: str
    sentence: str
    where: str
    why: str
    fix: str
    judge: bool = False  # a clinician has to decide: software can't
    field: str = ""  # where a form mends it, as the end of a link
    because: tuple[str, ...] = ()  # what it is about this one sentence
    swaps: tuple[Swap, ...] = ()  # words that can be put in the place of others, as they stand
    claim: int | None = None  # the claim, by its primary key, where it's mended or checked


@dataclass(frozen=True)
class Help:
    """What a check can say beside the sentence: see `Finding`."""

    because: tuple[str, ...] = ()
    swaps: tuple[Swap, ...] = ()
    claim: int | None = None


@dataclass(frozen=True)
class Sentence:
    """A sentence as its writer typed it: each claim as `[[key]]`.

    `own` is the same without claims and practical figures.
    """

    shown: str
    own: str
    claims: tuple[str, ...]


@dataclass(frozen=True)
class Text:
    """A piece of text of the page, rendered, and where it stands."""

    where: str
    html: str
    anchor: str = ""

    @property
    def words(self) -> str:
        """What patients read, blocks parted by line breaks."""
        return without_unseen(plain(_NUMBERS.sub("", self.html)).translate(_BRACKETS))

    def sentences(self, *, headings: bool = True) -> list[Sentence]:
        """Each sentence with the claims that stand in it."""
        html = self.html.translate(_BRACKETS)
        if not headings:
            html = _HEADING.sub("<p></p>", html)
        marked = PRACTICAL_SPAN.sub(r"⟪\1⟫", CLAIM.sub(lambda m: f"⟦{m[1]}⟧{_stop_of(m[2])}", html))
        return [_sentence(raw) for raw in sentences(without_unseen(plain(marked)))]


def said_by(span: str) -> str:
    """The words inside a claim's mark, without the numbers of its sources."""
    return plain(_NUMBERS.sub("", span))


def _stop_of(span: str) -> str:
    """The full stop that a claim's words end with, where it stands as a sentence of its own."""
    said = said_by(span)
    return said[-1] if said.endswith((".", "?", "!")) else ""


def _sentence(raw: str) -> Sentence:
    return Sentence(
        shown=_ASIDE.sub(r"((\1))", _MARK.sub(r"[[\1]]", raw)),
        own=_ASIDE.sub("…", _MARK.sub("…", raw)),
        claims=tuple(_MARK.findall(raw)),
    )


class PictureOfSomebody(Protocol):
    """A picture, as far as the checks ask about the people in it."""

    shows_person: bool | None

    @property
    def why_held_back(self) -> str: ...


@dataclass(frozen=True)
class Draft:
    """What the checks look at: the page as it would be sealed, and what it was made from."""

    page: Page
    claims: dict[str, Claim] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    required: dict[str, str] = field(default_factory=dict)  # anchor -> heading of the parts it must have
    missing: tuple[str, ...] = ()  # other things it must have and lacks, in words
    shared: tuple[str, ...] = ()  # the page's fields that hold words of the whole clinic
    is_medical: bool = True  # a clinician signs it
    pictures: dict[str, PictureOfSomebody] = field(default_factory=dict)  # by the anchor of their part

    def texts(self) -> Iterator[Text]:
        """Every piece of text that patients would read as the clinic's words."""
        for piece in pieces(self.page):
            if piece.declaration.is_examined and not self._is_usual_heading(piece):
                yield Text(piece.where, piece.html, piece.anchor)

    def _is_usual_heading(self, piece: Piece) -> bool:
        return piece.declaration.is_heading and piece.owner.heading == self.required.get(piece.owner.anchor)


# where, the sentence, and what helps with it
Findings = Iterator[tuple[str, str] | tuple[str, str, Help]]
Check = Callable[[Draft], Findings]


@dataclass(frozen=True)
class EditorialRule:
    """A check with its reasons: `why` and `fix` for staff, `promise` for patients ("How we write")."""

    id: str
    title: str
    why: str
    fix: str
    promise: str
    stops: bool
    judge: bool
    check: Check

    def findings(self, draft: Draft) -> Iterator[Finding]:
        for where, sentence, *more in self.check(draft):
            help = more[0] if more else Help()
            yield Finding(
                self.id,
                self.stops,
                self.title,
                sentence,
                where,
                self.why,
                self.fix,
                self.judge,
                because=help.because,
                swaps=help.swaps,
                claim=help.claim,
            )


RULES: list[EditorialRule] = []


def rule(
    *, title: str, why: str, fix: str, promise: str = "", stops: bool = True, judge: bool = False
) -> Callable[[Check], Check]:
    """Register a check under its name. `promise` is the same rule in a patient's words."""

    def register(check: Check) -> Check:
        name = check.__name__.replace("_", "-")
        RULES.append(EditorialRule(name, title, why, fix, promise, stops, judge, check))
        return check

    return register


def examine(draft: Draft) -> list[Finding]:
    """Every finding of every rule: first those that stop a submission, last those that a clinician judges."""
    found = [finding for r in RULES for finding in r.findings(draft)]
    return sorted(found, key=lambda f: (not f.stops, f.judge))


def to_judge(page: Page) -> list[Finding]:
    """What a clinician who signs this page, sealed already, has to judge: no rule can."""
    draft = Draft(page=page)
    return [finding for r in RULES if r.judge for finding in r.findings(draft)]


def to_judge_since(before: Page | None, after: Page) -> tuple[list[Finding], list[Finding]]:
    """Likewise, apart: what is new in `after`, and what stood in `before` as it stands now."""
    known = {(finding.rule, finding.sentence) for finding in to_judge(before)} if before else set()
    new: list[Finding] = []
    old: list[Finding] = []
    for finding in to_judge(after):
        (old if (finding.rule, finding.sentence) in known else new).append(finding)
    return new, old
