"""How a step is refused: in words for staff."""

from clinic_site.editorial.checks import Finding
from clinic_site.editorial.unsigned_words import complaints

SAY_WHAT_CHANGED = "Say in a sentence what changed and why: patients can read it in the page's history."


class PublishingError(Exception):
    """A step that may not happen, with the reason in words for staff, and the findings where checks refused
    it.
    """

    def __init__(self, reason: str, findings: list[Finding] | None = None):
        super().__init__(reason)
        self.findings = findings or []


def refuse_medical_words(text: str) -> None:
    """Words that patients read and nobody signs (why a page changed, why it went) hold no medical figure and
    no promise.

    Raises PublishingError with what is wrong.
    """
    if wrong := complaints(text):
        raise PublishingError("Patients read this, and nobody signs it. " + " ".join(wrong))
