"""A worker process: reads the files that it is told to read, one after another, within limits that it cannot lift.

Started as `python -P -m index.worker MEGABYTES`. A request is a line of JSON on standard input; a reply is eight
bytes of length and a pickle on what was standard output, which the parent loads with `Replies`: of the classes of a
parsed document it makes objects, of nothing else. A file has a reply for each document in it, and a last one.
"""

from __future__ import annotations

import json
import os
import pickle
import struct
import sys
from pathlib import Path
from typing import Any, BinaryIO

from index.errors import ReadError

PART, DONE, REFUSED, TOO_LARGE = "part", "done", "refused", "too large"
"""What a reply is: a part of the file; the file's id after the last part; why it is not read; that it needs too much
memory."""

LENGTH = struct.Struct(">Q")
_PROGRAMS = frozenset({"tesseract", "tesseract.exe"})
_FORBIDDEN = frozenset(
    {"socket.connect", "socket.bind", "socket.getaddrinfo", "os.system", "os.exec", "os.posix_spawn"}
)


class Replies(pickle.Unpickler):
    """Loads a reply. A parser that a document has taken over could write anything into it: only our data count."""

    def find_class(self, module: str, name: str) -> Any:
        """Return a class of the data of `index/`, and no other."""
        if module == "index.types":
            found = getattr(sys.modules[module], name, None)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"a reply holds {module}.{name}")


def main() -> None:
    """Answer requests until standard input ends."""
    _limit_memory(int(sys.argv[1]) << 20)
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a native library prints must not stand among the replies
    from index import parse  # noqa: F401 # so that the first file does not pay for it

    sys.addaudithook(_refuse)
    for line in sys.stdin.buffer:
        request = json.loads(line)
        _reply(replies, request["path"], request["max_bytes"])


def _reply(replies: BinaryIO, path: str, max_bytes: int) -> None:
    from index.parse import parse

    try:
        for part in parse(Path(path), max_bytes):
            _say(replies, DONE if isinstance(part, str) else PART, part)
    except ReadError as error:
        _say(replies, REFUSED, str(error))
    except MemoryError:
        _say(replies, TOO_LARGE, "")


def _say(replies: BinaryIO, kind: str, what: object) -> None:
    data = pickle.dumps((kind, what), protocol=5)
    replies.write(LENGTH.pack(len(data)))
    replies.write(data)
    replies.flush()


def _limit_memory(limit: int) -> None:
    if sys.platform == "win32":
        return
    import resource

    # Of a thread's reserve only what it may write counts as data; macOS knows the address space only.
    kind = resource.RLIMIT_DATA if sys.platform == "linux" else resource.RLIMIT_AS
    hard = resource.getrlimit(kind)[1]
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(kind, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse what no reader has to do: to connect, or to start a program that is not the one for scans."""
    allowed = event == "subprocess.Popen" and Path(str(arguments[0])).name.lower() in _PROGRAMS
    if event in _FORBIDDEN or (event == "subprocess.Popen" and not allowed):
        raise PermissionError(f"a reader may not do {event}")


if __name__ == "__main__":
    main()
