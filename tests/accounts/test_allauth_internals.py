"""What is taken from inside django-allauth stands in one module, and is what it was when that was written."""

import re
from pathlib import Path

import pytest
from django.test import RequestFactory

from clinic_site.accounts import allauth_internals
from clinic_site.accounts.allauth_internals import (
    AbstractCodeVerificationProcess,
    compare_user_code,
    half_minute_of,
    totp,
    truncate_ip,
)

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("clinic_site", "treatments", "blog", "referrals")


def test_nothing_else_imports_from_inside_the_library():
    files = [file for room in ROOMS for file in (ROOT / room).rglob("*.py")]
    inside = [
        file.name
        for file in files
        if re.search(r"^\s*(from|import) allauth\S*\.internal", file.read_text(), re.M)
    ]
    assert inside == [Path(allauth_internals.__file__).name]


def test_a_code_belongs_to_its_half_minute(monkeypatch):
    # RFC 6238, appendix B: the secret, and the end of its code at 1111111109 seconds
    secret, code = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "081804"
    counter = 1111111109 // 30
    cases = ((0, True, counter), (30, True, counter), (60, False, counter), (90, False, None))
    for later, taken, known in cases:
        monkeypatch.setattr("time.time", lambda now=1111111109 + later: now)
        assert totp.validate_totp_code(secret, code) is taken  # a telephone's clock may be slow
        assert (
            half_minute_of(secret, f"{code[:3]} {code[3:]}") == known
        )  # a moment after allauth took it, too


def test_a_code_on_its_way_counts_what_is_wrong_and_runs_out(monkeypatch):
    class Process(AbstractCodeVerificationProcess):
        ended = 0

        def persist(self): ...

        def send(self): ...

        def abort(self):
            self.ended += 1

    process = Process(
        max_attempts=2, timeout=60, state=Process.initial_state(user=None, email="ann@home.test")
    )
    assert process.state.keys() >= {"at", "email", "failed_attempts", "resend_count"}
    assert (process.record_invalid_attempt(), process.record_invalid_attempt()) == (True, False)
    assert process.ended == 1
    assert process.abort_if_invalid() is process
    process.state["at"] -= 61
    assert process.abort_if_invalid() is None
    process.record_resend()
    assert process.is_resend_quota_reached(1)


@pytest.mark.parametrize("typed", ["1234 5678", "1234-5678", "12345678"])
def test_codes_are_compared_as_they_are_typed(typed):
    assert compare_user_code(actual=typed, expected="12345678")
    assert not compare_user_code(actual="", expected="")
    assert not compare_user_code(actual="١٢٣٤٥٦٧٨", expected="12345678")


def test_a_network_is_an_ipv4_address_or_half_of_an_ipv6_one():
    assert truncate_ip("203.0.113.9") == "203.0.113.9"
    assert truncate_ip("2001:db8::1") == truncate_ip("2001:db8::2")
    assert truncate_ip("2001:db8::1") != truncate_ip("2001:db8:0:1::1")


def test_the_secret_of_an_app_that_is_set_up_lies_where_it_lay(db):
    from allauth.core import context

    request = RequestFactory().get("/")
    request.session = {}
    with context.request_context(request):
        secret = totp.get_totp_secret(regenerate=True)
    assert request.session == {allauth_internals.PENDING_APP: secret}
