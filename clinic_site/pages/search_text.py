"""Words as search sees them: lower case, without accents, cut to their stems, so that both engines agree.

What is indexed of a page is one text of four lines (title, summary, headings, running text), each in stems,
and a fifth in which each stem of the title stands once more with a mark: so that any engine can be asked for
pages that have a word in their title.
"""

import re

from clinic_site.pages.compose import plain
from clinic_site.pages.fields import SearchLine
from clinic_site.pages.shapes import Page
from clinic_site.text.stemming import stemmed

# what stands in the text for the eye alone: the numbers of sources, and the notice in place of a stopped
# claim
_NUMBERS = re.compile(r'<sup class="ref">.*?</sup>', re.S)
_NOTICES = re.compile(r'<span class="stopped">.*?</span>', re.S)


def in_title(stem: str) -> str:
    """The stem as it stands in the index a second time when it is in a page's title. No word ends so."""
    return f"{stem}0title"


def readable(html: str) -> str:
    """The words of some HTML as a patient reads them aloud: without source numbers and notices of stopped
    claims.
    """
    return plain(_NOTICES.sub(" ", _NUMBERS.sub("", html)))


def index_text(page: Page) -> str:
    """What search reads of a page, as five lines of stems."""
    lines = [stemmed(readable(page.searched(line))) for line in SearchLine]
    return "\n".join([*lines, " ".join(in_title(stem) for stem in lines[0].split())])
