"""What changed between two texts, word by word: what came in `<ins>`, what went in `<del>`."""

import re
from difflib import SequenceMatcher
from html import escape, unescape

_TOKENS = re.compile(r"<[^>]+>|&\w+;|[^\W_]+(?:[-'’.,][^\W_]+)*%?|\s+|.", re.S)
ADDED, REMOVED = "added", "removed"


def marked(before: str, after: str) -> tuple[str, int]:
    """`after`, which is HTML, with its new words in `<ins>` and those that went in `<del>`, and how many places changed."""
    if before == after:
        return after, 0
    old, new = _TOKENS.findall(before), _TOKENS.findall(after)
    parts, changes = [], 0
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            parts += new[c:d]
            continue
        gone, come = _mark("del", REMOVED, old[a:b], keep_tags=False), _mark("ins", ADDED, new[c:d], keep_tags=True)
        parts += [gone, come]
        changes += bool(gone or "<ins>" in come)
    return "".join(parts), changes


def _mark(element: str, said: str, tokens: list[str], *, keep_tags: bool) -> str:
    """Tokens with each run of words in the element. A screen reader is told where it begins: many don't read the element."""
    html, run = [], []

    def end_run():
        text = "".join(run)
        if text.strip():
            html.append(f'<{element}><span class="visually-hidden"> [{escape(said)}: </span>{text}')
            html.append(f'<span class="visually-hidden">] </span></{element}>')
        elif text and keep_tags:
            html.append(text)
        run.clear()

    for token in tokens:
        if token.startswith("<"):
            end_run()
            if keep_tags:
                html.append(token)
        else:
            run.append(token)
    end_run()
    return "".join(html)


def marked_lines(before: str, after: str) -> str:
    """Two texts, or bits of HTML, as HTML: the lines that differ, their words marked; "…" for those that stayed."""
    old, new = (_lines(text) for text in (before, after))
    parts = []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        parts.append("…" if what == "equal" else marked("\n".join(old[a:b]), "\n".join(new[c:d]))[0])
    return "\n".join(parts)


def _lines(text: str) -> list[str]:
    if re.search(r"</\w+>", text):
        text = unescape(re.sub(r"<[^>]+>", "", re.sub(r"</(?:p|li|h\d)>|<br ?/?>", "\n", text)))
    return [escape(line.strip()) for line in text.splitlines() if line.strip()]
