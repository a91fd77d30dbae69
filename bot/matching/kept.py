"""The library as it was read last time, in a file: a start need not read every text again.

Rule 1: the file's name is a digest of all that it was made from: the texts, the lexicon, this
  package and what it stands on. Anything else about it is another file.
Rule 2: only our own tables and plain arrays are read from it; it can call nothing.
Rule 3: a file that cannot be read or written costs time, never an answer.
"""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
import platform
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import opencc

from .index import Postings, Rows
from .library import Library
from .likelihood import Likelihood
from .reading import Reader
from .types import Document

log = logging.getLogger(__name__)

OURS = {kind.__name__: kind for kind in (Library, Likelihood, Postings, Rows)}
ARRAYS = {("numpy", "dtype"), ("numpy", "ndarray")}
FROM = {"_frombuffer", "_reconstruct"}  # how numpy's own pickles begin an array
KEEP = 2  # files: the texts in use and those before them
HERE = Path(__file__).parent


class Kept:
    """Reads libraries from a folder, and puts there what it had to build."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, documents: Sequence[Document], reader: Reader) -> Library:
        path = self.folder / f"{_digest(documents, reader)}.library"
        found = self._read(path)
        if found is None:
            found = Library(documents, reader)
            self._write(path, found)
        found.documents = tuple(documents)
        return found

    def _read(self, path: Path) -> Library | None:
        try:
            with path.open("rb") as file:
                found = _Plain(file).load()
        except FileNotFoundError:
            return None
        except Exception as problem:  # whatever is wrong with it, the texts are there
            log.warning("kept library not read file=%s problem=%s", path.name, problem)
            return None
        return found if isinstance(found, Library) else None

    def _write(self, path: Path, library: Library) -> None:
        documents, library.documents = library.documents, ()
        part = path.with_suffix(f".{os.getpid()}")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(pickle.dumps(library, protocol=5))
            part.replace(path)
            by_age = sorted(self.folder.glob("*.library"), key=lambda one: one.stat().st_mtime)
            for old in by_age[:-KEEP]:
                old.unlink(missing_ok=True)
        except OSError as problem:
            log.warning("library not kept problem=%s", problem)
            with suppress(OSError):
                part.unlink(missing_ok=True)  # a full disk need not hold the half of it
        finally:
            library.documents = documents


class _Plain(pickle.Unpickler):
    """Refuses everything but our tables and numpy's arrays."""

    def find_class(self, module: str, name: str) -> Any:
        if module.startswith(f"{__package__}.") and name in OURS:
            return OURS[name]
        if (module, name) in ARRAYS or (module.startswith("numpy.") and name in FROM):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} does not belong in a library")


def _digest(documents: Sequence[Document], reader: Reader) -> str:
    made_of = hashlib.sha256(_package())
    made_of.update(repr(documents).encode())
    made_of.update(reader.lexicon.digest.encode())
    return made_of.hexdigest()[:32]


@cache
def _package() -> bytes:
    """What our own code and the libraries under it are."""
    code = b"".join(path.read_bytes() for path in sorted(HERE.glob("*.py")))
    stand = (platform.python_version(), np.__version__, opencc.__version__, platform.machine())
    return code + repr(stand).encode()
