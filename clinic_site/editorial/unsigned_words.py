"""Words that patients read outside editions, so that nobody signs them: a strapline, a testimonial."""

from clinic_site.editorial.banned_words import banned_in
from clinic_site.editorial.figures import figures_in, sentences
from clinic_site.pages.compose import plain
from clinic_site.text.folding import without_unseen


def complaints(text: str) -> list[str]:
    """What is wrong with such words: medical figures, which belong in a signed page, and banned words."""
    found = []
    for sentence in sentences(without_unseen(plain(text or ""))):
        found += [
            f"“{figure}” is a medical figure: it belongs in a signed page." for figure in figures_in(sentence)
        ]
        found += promises_in(sentence)
    return found


def promises_in(text: str) -> list[str]:
    """The banned words alone, each with the reason."""
    return [f"“{word}”: {why}." for word, why in banned_in(without_unseen(plain(text or "")))]
