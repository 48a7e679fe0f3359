"""Editorial checks: small functions, each with an id, a reason and a fix in plain words.

A check reads the page as it would be sealed and yields the sentences that it complains about. The list `RULES`
is what runs at every submission, and what the public page "How we write" is made from.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from clinic_site.evidence.models import Claim
from clinic_site.publishing.checks.figures import sentences
from clinic_site.publishing.compose import plain
from clinic_site.publishing.pages import Page

CLAIM = re.compile(r'<span class="claim[^"]*" data-claim="([^"]+)">.*?</span>', re.S)
PRACTICAL = re.compile(r'<span class="practical">.*?</span>', re.S)


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


@dataclass(frozen=True)
class Text:
    """A piece of running text of the page, rendered, and where it stands."""

    where: str
    html: str
    anchor: str = ""

    @property
    def own_words(self) -> str:
        """What the writer typed: claims and practical figures taken out, blocks parted by line breaks."""
        return plain(PRACTICAL.sub(" ", CLAIM.sub(" ", self.html)))

    def sentences(self) -> list["Sentence"]:
        """Each sentence with the claims that stand in it."""
        marked = CLAIM.sub(lambda m: f"⟦{m[1]}⟧{_last(m[0])}", self.html)
        found = []
        for raw in sentences(re.sub(r"(⟦[^⟧]+⟧[.?!])(?=\s|⟦)", r"\1 ", plain(marked))):
            keys = re.findall(r"⟦([^⟧]+)⟧", raw)
            found.append(Sentence(re.sub(r"⟦[^⟧]+⟧\.?", "…", raw).strip(), raw, tuple(keys)))
        return found


def _last(span: str) -> str:
    """The full stop at the end of a claim that stands as a sentence."""
    said = plain(re.sub(r"<sup.*?</sup>", "", span, flags=re.S))
    return said[-1] if said.endswith((".", "?", "!")) else ""


@dataclass(frozen=True)
class Sentence:
    shown: str
    raw: str
    claims: tuple[str, ...]


@dataclass(frozen=True)
class Draft:
    """What the checks look at: the page as it would be sealed, and what it was made from."""

    page: Page
    claims: dict[str, Claim] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    required: dict[str, str] = field(default_factory=dict)  # anchor -> heading of the parts it must have
    missing: tuple[str, ...] = ()  # other things it must have and lacks, in words

    def texts(self) -> Iterator[Text]:
        """Every piece of running text that patients would read as the clinic's words."""
        yield Text("Title", self.page.title)
        yield Text("Summary", self.page.summary)
        for part in self.page.parts:
            yield Text(part.heading or part.anchor, part.html, part.anchor)


Check = Callable[[Draft], Iterable[tuple[str, str]]]


@dataclass(frozen=True)
class Rule:
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
        for where, sentence in self.check(draft):
            yield Finding(self.id, self.stops, self.title, sentence, where, self.why, self.fix, self.judge)


RULES: list[Rule] = []


def rule(*, title: str, why: str, fix: str, promise: str = "", stops: bool = True, judge: bool = False):
    """Register a check under its name. `promise` is the same rule in a patient's words."""

    def register(check: Check) -> Check:
        name = check.__name__.replace("_", "-")
        RULES.append(Rule(name, title, why, fix, promise, stops, judge, check))
        return check

    return register


def examine(draft: Draft) -> list[Finding]:
    """Every finding of every rule, those that stop a submission first."""
    found = [finding for r in RULES for finding in r.findings(draft)]
    return sorted(found, key=lambda f: not f.stops)


from clinic_site.publishing.checks import evidence, structure, words  # noqa: E402, F401 : they register their rules
