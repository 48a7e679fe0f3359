"""One fact lives in one place: the starter's sources and claims."""

from collections import Counter

import pytest

from clinic_site.evidence.starter import rows

SOURCES = rows("sources-*.toml", "source")
CLAIMS = rows("claims-*.toml", "claim")


@pytest.mark.parametrize("where", ["key", "doi", "url"])
def test_no_source_stands_twice(where):
    found = Counter(row[where].rstrip("/").lower() for row in SOURCES if row.get(where))
    assert [one for one, count in found.items() if count > 1] == []


@pytest.mark.parametrize("said", ["key", "sentence"])
def test_no_claim_stands_twice(said):
    assert [one for one, count in Counter(row[said] for row in CLAIMS).items() if count > 1] == []
