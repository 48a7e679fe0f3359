import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_nothing_that_is_shipped_imports_a_developers_tool():
    products = [
        path
        for room in ("clinic_site", "referrals", "treatments", "blog")
        for path in (ROOT / room).rglob("*.py")
    ]
    assert products
    for path in products:
        if "devtools" not in path.parts:
            found = re.search(
                r"^\s*(from|import) clinic_site(\.devtools| import .*\bdevtools\b)", path.read_text(), re.M
            )
            assert not found, path
