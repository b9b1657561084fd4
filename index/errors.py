"""What can go wrong in `index/`. Each message holds the value and the remedy.

LibraryError
├── ReadError           one file cannot be read (the others are)
├── StoreError          the library itself: missing, locked, newer than this version, damaged
│   └── BusyError       a collection that is to be removed is being written to (`index.collections`)
├── EmbedderError       weights missing, or not those the library was built with
├── GivenError          what a user writes about a document cannot be taken
└── NotFoundError       no such document, citation or path
"""

from __future__ import annotations


class LibraryError(Exception):
    """A problem that the user can do something about; the text says what."""

    exit_code = 1


class ReadError(LibraryError):
    """A file cannot be read."""


class StoreError(LibraryError):
    """The library cannot be opened or written."""


class EmbedderError(LibraryError):
    """The embedding model cannot be loaded, or is another than the library's."""


class GivenError(LibraryError):
    """A value that a user writes about a document cannot be taken: which, why, and what can."""


class NotFoundError(LibraryError):
    """What was asked for is not there."""

    exit_code = 2
