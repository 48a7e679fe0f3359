"""What is sent here: a body in chunks is read, a body that is too long isn't, and files come from staff."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from clinic_site.operations.request_bodies import MAX_STAFF_BYTES, with_lengths

pytestmark = pytest.mark.django_db
MEGABYTE = 1024**2


class Sent:
    """A body as a server hands it on; notes how much of it was read."""

    def __init__(self, length: int):
        self.left, self.read_so_far = length, 0

    def read(self, wanted: int = -1) -> bytes:
        part = b"x" * min(self.left, wanted if wanted >= 0 else self.left)
        self.left -= len(part)
        self.read_so_far += len(part)
        return part


def measured(body, **environ):
    """The WSGI environment that reaches Django."""
    reached = {}
    application = with_lengths(lambda environ, start: reached.update(environ))
    application({"wsgi.input": body, "REQUEST_METHOD": "POST", "PATH_INFO": "/contact/"} | environ, None)
    return reached


def test_a_body_in_chunks_gets_its_length():
    reached = measured(BytesIO(b"name=Ann"), **{"wsgi.input_terminated": True})
    assert (reached["CONTENT_LENGTH"], reached["wsgi.input"].read()) == ("8", b"name=Ann")


@pytest.mark.parametrize(
    "environ",
    [
        {"wsgi.input_terminated": True, "CONTENT_LENGTH": "8"},
        {"wsgi.input_terminated": True, "REQUEST_METHOD": "GET"},
        {},
    ],
    ids=["its length is known", "nothing is sent", "the server wouldn't end it"],
)
def test_any_other_body_is_left_to_django(environ):
    body = Sent(100)
    assert measured(body, **environ)["wsgi.input"] is body
    assert body.read_so_far == 0


def test_a_body_in_chunks_is_read_no_further_than_a_form_may_be_long(settings):
    body = Sent(300 * MEGABYTE)
    reached = measured(body, **{"wsgi.input_terminated": True})
    assert len(reached["wsgi.input"].read()) == settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1
    assert int(reached["CONTENT_LENGTH"]) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert body.read_so_far < 100 * MEGABYTE


@pytest.mark.parametrize("path", ["/contact/", "/refer-a-friend/join/", "/r/K7M4QX2/introduce/", "/search/"])
def test_too_much_is_refused_before_it_is_read(path):
    body = b"".join(
        (
            b'--x\r\nContent-Disposition: form-data; name="words"; filename="x.bin"\r\n\r\n',
            b"x" * 17 * MEGABYTE,
            b"\r\n--x--\r\n",
        )
    )
    response = Client().post(path, body, content_type="multipart/form-data; boundary=x")
    assert response.status_code == 413
    assert "Nothing was saved." in response.content.decode()


def test_a_file_that_no_form_asks_for_reaches_no_disk(monkeypatch):
    def refused(*args, **kwargs):
        raise AssertionError("written to the disk")

    monkeypatch.setattr("django.core.files.uploadhandler.TemporaryUploadedFile", refused)
    big = SimpleUploadedFile("x.bin", b"x" * 8 * MEGABYTE)
    assert Client().post("/contact/", {"name": "Ann", "words": "Hello", "big": big}).status_code == 422
    for path in ("/admin/publishing/picture/add/", "/admin/login/"):
        big.seek(0)
        assert Client().post(path, {"file": big}).status_code in (200, 302, 403)


def test_staff_are_told_on_the_field_that_a_picture_is_too_large(editor):
    client = Client()
    client.force_login(editor)
    file = SimpleUploadedFile("x.jpg", b"x" * 30 * MEGABYTE)
    html = client.post("/admin/publishing/picture/add/", {"file": file}).content.decode()
    assert "This file has 30 MB. At most 25 MB" in html
    file = SimpleUploadedFile("x.jpg", b"x" * (MAX_STAFF_BYTES + 1))
    assert client.post("/admin/publishing/picture/add/", {"file": file}).status_code == 413
