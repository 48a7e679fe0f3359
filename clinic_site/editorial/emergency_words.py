"""Words of somebody who may need help at once, wherever they are typed: the emergency number comes before all
else.
"""

from clinic_site.text.stemming import stem, words_of

# said by hardly anybody who is well
DANGER_WORDS = tuple(
    "breathe breathing breath breathless choke choking swallow swallowing faint fainted collapse wheeze "
    "lockjaw slurred".split()
)
DANGER = frozenset(map(stem, DANGER_WORDS))
# harmless by themselves ("can I speak to somebody?"), and not beside words of trouble
SPEECH = frozenset(map(stem, "speak talk speech".split()))
TROUBLE = frozenset(
    "can't cant cannot couldn't hard harder trouble difficulty difficult unable problem problems lost".split()
)


def names_danger(text: str) -> bool:
    """Whether `text` names trouble with breathing, swallowing or speaking, or another sign that can't
    wait.
    """
    words = words_of(text)
    stems = {stem(word) for word in words}
    return bool(stems & DANGER) or bool(stems & SPEECH and TROUBLE.intersection(words))
