"""What was typed, read as ideas: a word, or a phrase that staff know by other words (`Synonym`)."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from clinic_site.search.models import Synonym
from clinic_site.text.stemming import stem, words_of

MAX_LETTERS = 200  # of what was typed, the rest isn't read
MAX_WORDS = 12

# words that say nothing about what is looked for
STOP_WORDS = frozenset(
    "a about after all also am an and any are as at be because been before being both but by can can't "
    "cannot could did didn't do does doesn't doing don't during each else ever every for from get gets "
    "getting had has have haven't having he her here him his how i i'm i've if in into is isn't it it's its "
    "just like many may me might more most much must my need no nor not of off on once one only or other our "
    "out over own per please really said she should since so some someone such tell than that that's the "
    "their them then there these they this those through to too under until up us very want was we well were "
    "what what's when where which while who whom why will with without won't would you your yours".split()
)
STOP_STEMS = frozenset(map(stem, STOP_WORDS))


@dataclass(frozen=True)
class Idea:
    """Something looked for, in one or several ways to say it: each is the stems that belong together.

    The first is what was typed.
    """

    phrasings: tuple[tuple[str, ...], ...]


def content_stems(words: Iterable[str]) -> tuple[str, ...]:
    """The stems of words that tell what is looked for, each once."""
    return tuple(dict.fromkeys(stem(word) for word in words if word not in STOP_WORDS))


def ideas_in(words: list[str]) -> list[Idea]:
    """The ideas of a query.

    A synonym is one idea, found by its words in any order; the longest is taken first. `Synonym.means` holds
    other ways to say it, with commas between them.
    """
    left = content_stems(words)
    ideas = []
    rows = Synonym.objects.order_by().values_list("stems", "means")
    synonyms = {
        phrase: means
        for stems, means in rows
        if (phrase := tuple(s for s in stems.split() if s not in STOP_STEMS))
    }
    for phrase in sorted(synonyms, key=lambda phrase: (-len(phrase), phrase)):
        if set(phrase) <= set(left):
            others = (content_stems(words_of(other)) for other in synonyms[phrase].split(","))
            ideas.append(Idea(tuple(dict.fromkeys(filter(None, [phrase, *others])))))
            left = tuple(s for s in left if s not in phrase)
    return ideas + [Idea(((s,),)) for s in left]


def stems_of(ideas: list[Idea]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(chain.from_iterable(idea.phrasings for idea in ideas))))
