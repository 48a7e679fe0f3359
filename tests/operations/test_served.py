"""What only a real server shows: bodies in chunks, lengths, and names that the site doesn't go by."""

import http.client
import re
from urllib.parse import urlencode, urlsplit

import pytest

from tests import running


@pytest.fixture(scope="module")
def site():
    with running.site() as address:
        yield urlsplit(address).netloc


def ask(site, method, path, body=None, chunked=False, **headers):
    connection = http.client.HTTPConnection(site, timeout=30)
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, path, body, headers, encode_chunked=chunked)
        answer = connection.getresponse()
        answer.body = answer.read()
    finally:
        connection.close()
    return answer


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_balancer_asks_by_number(site, path):
    assert ask(site, "GET", path, Host="10.1.2.3:8000").status in (
        (200,) if path == "/healthz" else (200, 503)
    )
    assert ask(site, "GET", "/", Host="10.1.2.3:8000").status == 400


def test_a_form_that_a_proxy_hands_on_in_chunks_is_taken(site):
    form = ask(site, "GET", "/contact/")
    cookie = form.headers["Set-Cookie"].partition(";")[0]
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.body.decode())[1]
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form.body.decode()))
    fields = {"name": "Ann", "email": "ann@example.com", "words": "Hello é"}
    words = urlencode(hidden | fields | {"csrfmiddlewaretoken": token}).encode()
    answer = ask(
        site,
        "POST",
        "/contact/",
        iter([words[:10], words[10:]]),
        chunked=True,
        Cookie=cookie,
        Content_Type="application/x-www-form-urlencoded",
        Transfer_Encoding="chunked",
    )
    assert answer.status == 302
    assert "/contact/sent/?reference=" in answer.headers["Location"]


def endless(megabytes):
    for _ in range(megabytes):
        yield b"x" * 1024**2


@pytest.mark.parametrize("is_chunked", [True, False], ids=["in chunks", "with its length"])
def test_far_too_much_is_refused(site, is_chunked):
    headers = {"Content_Type": "multipart/form-data; boundary=x"}
    headers |= {"Transfer_Encoding": "chunked"} if is_chunked else {"Content_Length": str(40 * 1024**2)}
    answer = ask(site, "POST", "/contact/", endless(40), chunked=is_chunked, **headers)
    assert answer.status == 413
    assert b"Nothing was saved" in answer.body


def test_a_refused_encoding_is_not_sent_of_static_files_either(site):
    page = ask(site, "GET", "/").body.decode()
    style = re.search(r'href="(/static/css/site[^"]+)"', page)[1]
    for accepts, sent in (("br;q=0, gzip", "gzip"), ("br", "br"), ("br;q=0, gzip;q=0", None)):
        for path in ("/", style):
            assert ask(site, "GET", path, Accept_Encoding=accepts).headers["Content-Encoding"] == sent
