# tools/tracelib/names.py - what tasks and files are called
# SPDX-License-Identifier: MIT
"""Records have numbers of tasks and files; what those are called other records
say, before. A task that was forked is called as its parent until it is named.
Tell() everything in order, and ask about what was told last: numbers are used
again.
"""

from .records import Record
from .schema import PROCESSES

FORKS = {PROCESSES.index("fork"), PROCESSES.index("thread")}
PIECE_BYTES = 12
PIECES_MAX = 4096 // PIECE_BYTES + 1  # of the longest path that there is


class Names:
    def __init__(self) -> None:
        self.tasks: dict[int, str] = {}
        self.files: dict[int, str] = {}
        self._pieces: dict[int, dict[int, bytes]] = {}

    def tell(self, record: Record) -> None:
        teller = self.TELLERS.get(record.type)
        if teller:
            teller(self, record)

    def _name(self, record: Record) -> None:
        self.tasks[record.values[0]] = task_name(record)

    def _process(self, record: Record) -> None:
        parent = self.tasks.get(record.pid)
        if record["what"] in FORKS and parent is not None:
            self.tasks[record["number"]] = parent

    def _file(self, record: Record) -> None:
        self.add_piece(*record.values)

    def add_piece(self, number: int, piece: int, *words: int) -> None:
        """As a FILE record has it."""
        if piece == 0:
            self._pieces[number] = {}  # a number that was given again
        pieces = self._pieces.setdefault(number, {})
        pieces[piece] = _raw(words)
        # What was lost on the way is seen.
        raw = b"".join(pieces.get(i, b"?" * PIECE_BYTES)
                       for i in range(min(max(pieces) + 1, PIECES_MAX)))
        self.files[number] = _text(raw)

    TELLERS = {"name": _name, "process": _process, "file": _file}

    def task(self, pid: int) -> str:
        return self.tasks.get(pid, "idle" if pid == 0 else "?")

    def file(self, number: int) -> str:
        if number == 0:
            return "none"
        return self.files.get(number, f"file:{number:#x}")


def printable(raw: bytes) -> str:
    """Bytes of a name as text of one line: what is none, or would end a line, is
    written as C would."""
    text = raw.decode("utf-8", "backslashreplace")
    return "".join(each if each.isprintable() else
                   each.encode("unicode_escape").decode() for each in text)


def _raw(words: tuple[int, ...]) -> bytes:
    return b"".join(word.to_bytes(4, "little") for word in words)


def _text(raw: bytes) -> str:
    return printable(raw.partition(b"\0")[0])


def name_of(words: tuple[int, ...]) -> str:
    """What a NAME says, in the words behind its number."""
    return _text(_raw(words))


def task_name(record: Record) -> str:
    """Of a NAME."""
    return name_of(record.values[1:])
