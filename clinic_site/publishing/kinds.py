"""The kinds of page, by name. Each class of documents enters itself here when it's defined."""

KINDS: dict[str, type] = {}  # of `models.Document`
