# tests/system/screen.py - what is on a machine's screen, as text
# SPDX-License-Identifier: MIT
"""QEMU's monitor takes a picture of the screen, and the kernel's font, which is
known, tells which characters are on it: each cell has two colours at most, and
one of them makes a glyph of the font.

`python3 tests/system/screen.py PICTURE.ppm` prints one; of SOCKET, that of a
monitor (`-qmp`), what is on the screen now.
"""

import dataclasses
import re
import sys
import tempfile
import time
from pathlib import Path

import monitor

TOP = Path(__file__).resolve().parents[2]
sys.path.append(str(TOP / "tools"))

import mkfont  # noqa: E402 - reads the font that the kernel has

FONT = "i386/usr/share/fonts/X11/misc/ter-u16n_unicode.pcf.gz"
START_TIMEOUT_S = 30
LOOKS_MAX = 20
WIDTH, HEIGHT = mkfont.WIDTH, mkfont.HEIGHT

# The colours of drivers/video/framebuffer.c, by SGR's numbers.
COLOURS = {
    (0x00, 0x00, 0x00): 0, (0xaa, 0x00, 0x00): 1, (0x00, 0xaa, 0x00): 2,
    (0xaa, 0x55, 0x00): 3, (0x00, 0x00, 0xaa): 4, (0xaa, 0x00, 0xaa): 5,
    (0x00, 0xaa, 0xaa): 6, (0xaa, 0xaa, 0xaa): 7, (0x55, 0x55, 0x55): 8,
    (0xff, 0x55, 0x55): 9, (0x55, 0xff, 0x55): 10, (0xff, 0xff, 0x55): 11,
    (0x55, 0x55, 0xff): 12, (0xff, 0x55, 0xff): 13, (0x55, 0xff, 0xff): 14,
    (0xff, 0xff, 0xff): 15,
}

# QEMU's names of keys that are not called as what they type.
KEYS = {
    " ": ("spc",), "\n": ("ret",), "-": ("minus",), "=": ("equal",),
    "/": ("slash",), ".": ("dot",), ",": ("comma",), ";": ("semicolon",),
    "'": ("apostrophe",), "\033": ("esc",), "\t": ("tab",),
    ":": ("shift", "semicolon"), ">": ("shift", "dot"), "!": ("shift", "1"),
    "%": ("shift", "5"), "_": ("shift", "minus"), "|": ("shift", "backslash"),
    '"': ("shift", "apostrophe"), "$": ("shift", "4"), "&": ("shift", "7"),
}


def _key(character: str) -> tuple[str, ...]:
    if character.isupper():
        return ("shift", character.lower())
    return (character,)


@dataclasses.dataclass(frozen=True)
class Cell:
    text: str
    ink: int | None
    paper: int | None
    underline: bool = False


class Picture:
    """A binary PPM."""

    def __init__(self, data: bytes):
        head = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", data)
        assert head, f"not a PPM: {data[:20]!r}"
        self.width, self.height = int(head[1]), int(head[2])
        self.pixels = data[head.end():]
        assert len(self.pixels) == self.width * self.height * 3

    def line(self, x: int, y: int, count: int) -> bytes:
        """@count pixels from (x, y) on."""
        at = (y * self.width + x) * 3
        return self.pixels[at:at + count * 3]


def load_glyphs(build: Path) -> dict[bytes, str]:
    """Rows -> character. Of two that look the same, the lower one."""
    glyphs = {}
    for code, rows in sorted(mkfont.read_font(str(build / FONT)).items()):
        if code >= 0x20:
            glyphs.setdefault(rows, chr(code))
    return glyphs


class Screen:
    """The cells of a picture. @scale: pixels on a side for one of the font."""

    def __init__(self, picture: Picture, glyphs: dict[bytes, str],
                 scale: int = 1):
        self.columns = picture.width // (WIDTH * scale)
        self.rows = picture.height // (HEIGHT * scale)
        self._known: dict[bytes, Cell] = {}
        self._glyphs = glyphs
        self.cells = [[self._cell(picture, column, row, scale)
                       for column in range(self.columns)]
                      for row in range(self.rows)]

    def _cell(self, picture, column, row, scale) -> Cell:
        """Most cells look like one that has been seen."""
        lines = b"".join([picture.line(column * WIDTH * scale,
                                       (row * HEIGHT + y) * scale,
                                       WIDTH * scale)
                          for y in range(HEIGHT)])
        if lines not in self._known:
            self._known[lines] = self._decode(lines, scale)
        return self._known[lines]

    def _decode(self, data: bytes, scale: int) -> Cell:
        pixels = [data[at:at + 3] for at in range(0, len(data), 3 * scale)]
        lines = [pixels[at:at + WIDTH] for at in range(0, len(pixels), WIDTH)]
        colours = sorted(set(pixels), key=lambda pixel: pixel != pixels[0])
        if len(colours) == 1:
            return Cell(" ", None, COLOURS.get(tuple(colours[0])))
        if len(colours) > 2:
            return Cell("\ufffd", None, None)
        for paper, ink in (colours, colours[::-1]):
            cell = self._match(lines, ink)
            if cell is not None:
                text, underline = cell
                return Cell(text, COLOURS.get(tuple(ink)),
                            COLOURS.get(tuple(paper)), underline)
        return Cell("\ufffd", None, None)

    def _match(self, lines, ink) -> tuple[str, bool] | None:
        rows = bytes(sum(0x80 >> x for x, pixel in enumerate(line)
                         if pixel == ink) for line in lines)
        if rows in self._glyphs:
            return self._glyphs[rows], False
        if rows[-1] == 0xff and rows[:-1] + b"\0" in self._glyphs:
            return self._glyphs[rows[:-1] + b"\0"], True
        return None

    @property
    def lines(self) -> list[str]:
        return ["".join(cell.text for cell in row).rstrip()
                for row in self.cells]

    @property
    def text(self) -> str:
        return "\n".join(self.lines).rstrip("\n")

    def find(self, text: str) -> tuple[int, int]:
        """Row and column of the first place."""
        for row, line in enumerate(self.lines):
            if text in line:
                return row, line.index(text)
        raise AssertionError(f"no {text!r} on the screen:\n{self.text}")


class Watcher:
    """Looks at a machine's screen, and types at its keyboard. `options` are
    QEMU's, for the machine."""

    def __init__(self, folder: Path, build: Path, scale: int = 1):
        self.options = monitor.options(folder / "qmp")
        self._folder = folder
        self._scale = scale
        self._glyphs = load_glyphs(build)
        self._monitor = None

    def ask(self, command: str, **arguments):
        if self._monitor is None:
            self._monitor = self._connect()
        return self._monitor.ask(command, **arguments)

    def _connect(self) -> monitor.Monitor:
        """As soon as QEMU has made its socket."""
        end = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                return monitor.Monitor(self._folder / "qmp")
            except OSError:
                assert time.monotonic() < end, "QEMU has not started"
                time.sleep(0.05)

    def close(self) -> None:
        if self._monitor is not None:
            self._monitor.__exit__()

    def picture(self) -> Picture:
        path = self._folder / "screen.ppm"
        self.ask("screendump", filename=str(path))
        return Picture(path.read_bytes())

    def look(self) -> Screen:
        """QEMU reads the pixels while the machine writes them: what two
        pictures in a row have was there at one time, one may be half of what
        was and half of what is. A screen that never rests is shown as it is.
        """
        picture = self.picture()
        for _ in range(LOOKS_MAX):
            before, picture = picture, self.picture()
            if picture.pixels == before.pixels:
                break
        return Screen(picture, self._glyphs, self._scale)

    def press(self, *keys: str) -> None:
        """Keys by QEMU's names, held together: "ctrl", "c"."""
        self.ask("send-key",
                 keys=[{"type": "qcode", "data": key} for key in keys])

    def type(self, text: str) -> None:
        """On a keyboard with a US layout."""
        for character in text:
            self.press(*KEYS.get(character, ()) or _key(character))

    def expect(self, *texts: str, timeout: float = 60) -> Screen:
        """Wait until all these are on the screen."""
        return self.until(lambda screen: all(text in screen.text
                                             for text in texts),
                          f"{texts}", timeout)

    def until(self, is_right, what: str, timeout: float = 60) -> Screen:
        end = time.monotonic() + timeout
        while True:
            screen = self.look()
            if is_right(screen):
                return screen
            assert time.monotonic() < end, \
                f"not on the screen: {what}\n{screen.text}"
            time.sleep(0.1)


if __name__ == "__main__":
    source = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        if source.is_socket():
            picture_path = Path(folder, "screen.ppm")
            with monitor.Monitor(source) as qemu:
                qemu.ask("screendump", filename=str(picture_path))
            source = picture_path
        print(Screen(Picture(source.read_bytes()),
                     load_glyphs(TOP / "build")).text)
