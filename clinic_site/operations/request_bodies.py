"""What may be sent here: how much, whether files, and that a body without a length is read all the same."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

# of a form with a picture: a little more than a picture may have, so that the form can say so on its field
MAX_STAFF_BYTES = 32 * 1024**2
MAX_DISCARDED = 64 * 1024**2
_BELOW_STAFF = "/admin/"


def most_bytes(path: str) -> int:
    """How much may be sent to an address. Files go to staff's forms alone."""
    return MAX_STAFF_BYTES if path.startswith(_BELOW_STAFF) else settings.DATA_UPLOAD_MAX_MEMORY_SIZE


class NamesOnly(FileUploadHandler):
    """Reads past the files in a form, and keeps what they are called."""

    def receive_data_chunk(self, raw_data, start):
        return None

    def file_complete(self, file_size):
        return SimpleUploadedFile(self.file_name or "file", b"")


def request_bodies(get_response):
    """Middleware, inside authentication: what is too much is refused before any of it is read, and a file
    reaches the disk from staff alone.

    Raises RequestDataTooBig.
    """

    def checked(request):
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > most_bytes(request.path):
            raise RequestDataTooBig("The body is longer than any form of this site.")
        is_multipart = request.META.get("CONTENT_TYPE", "").startswith("multipart/")
        if is_multipart and not (request.path.startswith(_BELOW_STAFF) and request.user.is_staff):
            request.upload_handlers = [NamesOnly(request)]
        return get_response(request)

    return checked


def with_lengths(application):
    """WSGI middleware: a body that comes in chunks has no length, and Django would read none of it. Behind a
    server that ends such a body itself (`wsgi.input_terminated`) it's read, as far as a form may be long.
    """

    def measured(environ: dict[str, Any], start_response):
        is_chunked = not environ.get("CONTENT_LENGTH") and environ["REQUEST_METHOD"] not in ("GET", "HEAD")
        if is_chunked and environ.get("wsgi.input_terminated"):
            stream = environ["wsgi.input"]
            body = b"".join(_parts(stream, most_bytes(environ.get("PATH_INFO", "")) + 1))
            environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
            discard(stream)
        return application(environ, start_response)

    return measured


def _parts(stream, most: int) -> Iterator[bytes]:
    while most > 0 and (part := stream.read(min(most, 64 * 1024))):
        yield part
        most -= len(part)


def discard(stream) -> None:
    """Read past what is left of a body, up to a limit: a browser that is answered while it still sends shows
    a broken line, and not the answer.
    """
    for _ in _parts(stream, MAX_DISCARDED):
        pass
