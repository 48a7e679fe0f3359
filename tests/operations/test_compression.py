"""Answers are compressed as the browser asked for it, and a browser that has one isn't sent it again."""

import gzip
import time
from io import BytesIO

import brotli
import pytest
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory

from clinic_site.operations import modified
from clinic_site.operations.compression import accepted_encodings, compression

PAGE = b"<p>Words that patients read.</p>" * 100


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("gzip, deflate, br, zstd", ["br", "gzip"]),
        ("br;q=0, gzip", ["gzip"]),
        ("br; q=0.000,gzip ;q=0", []),
        ("gzip;q=1.0, br;q=0.5", ["gzip", "br"]),
        ("*", ["br", "gzip"]),
        ("*;q=0, gzip", ["gzip"]),
        ("BR", ["br"]),
        ("brotli, x-gzip", []),
        ("br;q=.;, gzip;q=nonsense", []),
        ("identity", []),
        ("", []),
    ],
)
def test_what_is_refused_is_not_sent(header, accepted):
    assert accepted_encodings(header) == accepted


def answer(response, accepts="gzip, br"):
    return compression(lambda request: response)(RequestFactory().get("/", HTTP_ACCEPT_ENCODING=accepts))


@pytest.mark.parametrize(("accepts", "unpack"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_a_page_comes_out_as_it_went_in(accepts, unpack):
    response = answer(HttpResponse(PAGE), accepts)
    assert response["Content-Encoding"] == accepts
    assert response["Vary"] == "Accept-Encoding"
    assert int(response["Content-Length"]) == len(response.content) < len(PAGE)
    assert unpack(response.content) == PAGE


@pytest.mark.parametrize(
    "kind",
    [
        "image/png",
        "image/webp",
        "image/avif",
        "image/jpeg",
        "font/woff2",
        "application/pdf",
        "application/zip",
    ],
)
def test_what_is_compressed_already_is_left_alone(kind):
    response = answer(HttpResponse(PAGE, content_type=kind))
    assert "Content-Encoding" not in response
    assert response.content == PAGE


@pytest.mark.parametrize(
    "kind",
    [
        "text/html; charset=utf-8",
        "text/csv",
        "text/calendar",
        "application/json",
        "application/ld+json",
        "application/atom+xml; charset=utf-8",
        "application/xml",
        "image/svg+xml",
    ],
)
def test_text_is_compressed_whatever_its_name(kind):
    assert answer(HttpResponse(PAGE, content_type=kind))["Content-Encoding"] == "br"


def test_a_stream_and_a_file_and_a_few_words():
    streamed = answer(StreamingHttpResponse([PAGE, PAGE]))
    assert gzip.decompress(b"".join(streamed)) == PAGE * 2
    assert "Content-Encoding" not in answer(FileResponse(BytesIO(PAGE), content_type="text/plain"))
    assert answer(HttpResponse(b"alive")).content == b"alive"


@pytest.mark.parametrize("accepts", ["", "gzip", "br", "br, gzip"])
@pytest.mark.usefixtures("starter_site")
@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/", "/treatments/", "/blog/", "/blog/feed/", "/sitemap.xml", "/treatments/jowls/"]
)
def test_a_browser_that_has_the_page_is_not_sent_it_again(path, accepts):
    client = Client(HTTP_ACCEPT_ENCODING=accepts)
    first = client.get(path)
    assert first.status_code == 200
    again = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(path, headers={"If-None-Match": '"another"'}).status_code == 200


@pytest.mark.usefixtures("starter_site")
@pytest.mark.django_db
def test_a_picture_that_is_drawn_is_sent_once_and_never_packed_twice():
    client = Client(HTTP_ACCEPT_ENCODING="br, gzip")
    first = client.get("/og/treatment/jowls.png")
    assert "Content-Encoding" not in first
    assert first.content.startswith(b"\x89PNG")
    assert client.get("/og/treatment/jowls.png", headers={"If-None-Match": first["ETag"]}).status_code == 304


@pytest.mark.usefixtures("starter_site")
@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/blog/", "/blog/feed/", "/sitemap.xml", "/treatments/"])
def test_a_reader_that_asks_by_date_is_not_sent_it_again_either(path, monkeypatch):
    client = Client(HTTP_ACCEPT_ENCODING="br")
    client.get(path)
    later = time.time() + 60
    monkeypatch.setattr(modified.time, "time", lambda: later)
    first = client.get(path)
    assert client.get(path, headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 304
