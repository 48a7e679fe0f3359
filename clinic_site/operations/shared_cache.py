"""The cache where no server for one is named: files in the data folder, which all workers of a machine
share.
"""

import os
import tempfile

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.filebased import FileBasedCache


class SharedFileCache(FileBasedCache):
    """Django's own, with an `add` that one of two simultaneous callers loses.

    Django's looks first and writes then, so both would win; what counts attempts takes its lock with `add`.
    """

    def add(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        if self.has_key(key, version):
            return False
        self._createdir()
        self._cull()
        handle, new = tempfile.mkstemp(dir=self._dir)
        try:
            with open(handle, "wb") as file:
                self._write_content(file, timeout, value)
            os.link(new, self._key_to_file(key, version))
        except FileExistsError:
            return False
        finally:
            os.remove(new)
        return True
