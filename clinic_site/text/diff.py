"""What changed between two texts, word by word: what came in `<ins>`, what went in `<del>`.

A sentence that keeps less than half of its words is marked as a whole: the few words that it shares with
another one would make a text that nobody can read.
"""

import re
from collections import Counter
from difflib import SequenceMatcher
from html import escape, unescape

_TOKENS = re.compile(r"<[^>]+>|&\w+;|[^\W_]+(?:[-'’.,][^\W_]+)*%?|\s+|.", re.S)
_WITHIN = re.compile(r"</?(?:a|b|em|i|span|strong|sub|sup)\b")  # tags that a sentence goes on through
ADDED, REMOVED = "added", "removed"


def marked(before: str, after: str) -> tuple[str, int]:
    """`after`, which is HTML, with its new words in `<ins>` and those that went in `<del>`, and how many
    places changed.
    """
    if before == after:
        return after, 0
    old, new = _TOKENS.findall(before), _TOKENS.findall(after)
    parts, changes, a, c = [], 0, 0, 0
    for kept_old, kept_new in [*_kept(old, new), (len(old), len(new))]:
        gone = _mark("del", REMOVED, old[a:kept_old], keep_tags=False)
        come = _mark("ins", ADDED, new[c:kept_new], keep_tags=True)
        parts += [gone, come, *new[kept_new : kept_new + 1]]
        changes += bool(gone or "<ins>" in come)
        a, c = kept_old + 1, kept_new + 1
    return "".join(parts), changes


def _kept(old: list[str], new: list[str]) -> list[tuple[int, int]]:
    """Where the tokens stand that both texts have, in order; none of two sentences that share less than half
    of their words. Where nothing but words came, or went, they may share fewer: the others stand as they
    stood.
    """
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    both = [(block.a + i, block.b + i) for block in blocks for i in range(block.size)]
    old_sentences, new_sentences = _sentences(old), _sentences(new)
    old_words, new_words = _words_by(old_sentences, old), _words_by(new_sentences, new)
    pairs = [(old_sentences[i], new_sentences[j]) for i, j in both]
    shared = Counter(pair for pair, (i, _) in zip(pairs, both, strict=True) if old[i][0].isalnum())

    def are_alike(one: int | None, other: int | None) -> bool:
        words, count = (old_words[one], new_words[other]), shared[one, other]
        return count in words or 4 * count >= sum(words)

    return [at for at, pair in zip(both, pairs, strict=True) if None in pair or are_alike(*pair)]


def _sentences(tokens: list[str]) -> list[int | None]:
    """The sentence that each token belongs to; None for what stands between two."""
    found: list[int | None] = []
    number, has_ended = 0, False
    for token in tokens:
        if (
            token.isspace()
            and (has_ended or "\n" in token)
            or token.startswith("<")
            and not _WITHIN.match(token)
        ):
            found.append(None)
            number, has_ended = number + 1, False
        else:
            found.append(number)
            has_ended = token in {".", "?", "!"} or has_ended and not token[0].isalnum()
    return found


def _words_by(sentences: list[int | None], tokens: list[str]) -> Counter[int | None]:
    return Counter(sentence for sentence, token in zip(sentences, tokens, strict=True) if token[0].isalnum())


def _mark(element: str, said: str, tokens: list[str], *, keep_tags: bool) -> str:
    """Tokens with each run of words in the element.

    A picture is a word. A screen reader is told where a run begins: many don't read the element.
    """
    html: list[str] = []
    run: list[str] = []

    def end_run() -> None:
        text = "".join(run)
        if text.strip():
            html.append(f'<{element}><span class="visually-hidden"> [{escape(said)}: </span>{text}')
            html.append(f'<span class="visually-hidden">] </span></{element}>')
        elif text and keep_tags:
            html.append(text)
        run.clear()

    for token in tokens:
        if token.startswith("<") and not token.startswith("<img "):
            if keep_tags or not _WITHIN.match(token):
                end_run()
            if keep_tags:
                html.append(token)
        else:
            run.append(token)
    end_run()
    return "".join(html)


def marked_lines(before: str, after: str) -> str:
    """Two texts, or bits of HTML, as HTML: the lines that differ, their words marked; "…" for those that
    stayed.
    """
    old, new = (_lines(text) for text in (before, after))
    parts = []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        parts.append("…" if what == "equal" else marked("\n".join(old[a:b]), "\n".join(new[c:d]))[0])
    return "\n".join(parts)


def _lines(text: str) -> list[str]:
    if re.search(r"</\w+>", text):
        text = unescape(re.sub(r"<[^>]+>", "", re.sub(r"</(?:p|li|h\d)>|<br ?/?>", "\n", text)))
    return [escape(line.strip()) for line in text.splitlines() if line.strip()]
