"""A text as a QR code, drawn on the server."""

from itertools import groupby

from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M

QUIET = 4  # modules of nothing on every side, as the standard (ISO/IEC 18004) has it


def qr(text: str) -> tuple[int, str]:
    """The side in modules, quiet zone included, and an SVG path over the dark ones."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET)
    code.add_data(text)
    code.make()
    rows = code.get_matrix()
    path = ""
    for y, row in enumerate(rows):
        x = 0
        for is_dark, run in groupby(row):
            width = len(list(run))
            if is_dark:
                path += f"M{x} {y}h{width}v1h-{width}z"
            x += width
    return len(rows), path
