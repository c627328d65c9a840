# image/tree.py - what goes into an image: folders merged into one tree
# SPDX-License-Identifier: MIT
"""A tree is a sorted list of entries, so that what is built from it does not
depend on the order in which the build host's file system lists a folder, on
who built it, or on their umask.
"""

import dataclasses
import os
import stat
from pathlib import Path

# What does not belong to root, or is not for everybody: path, user, group, mode.
OWNERS = Path(__file__).resolve().parent / "owners"

# FAT cannot say an earlier time than 1980-01-01.
EARLIEST_TIME = 315532800


@dataclasses.dataclass(frozen=True)
class Entry:
    path: str      # from the root of the tree, no leading slash
    source: Path   # on the build host
    mode: int      # type and permissions, as in st_mode
    target: str    # of a symbolic link
    uid: int = 0
    gid: int = 0

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.mode)

    @property
    def is_link(self) -> bool:
        return stat.S_ISLNK(self.mode)

    def size(self) -> int:
        return self.source.stat().st_size if stat.S_ISREG(self.mode) else 0


def build_time() -> int:
    """The time of everything in an image, in seconds since 1970."""
    return max(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), EARLIEST_TIME)


def _normal_mode(mode: int) -> int:
    """The mode in the image: what the owner may, everyone may (but write)."""
    if stat.S_ISLNK(mode):
        return stat.S_IFLNK | 0o777
    if stat.S_ISDIR(mode):
        return stat.S_IFDIR | (0o1777 if mode & stat.S_ISVTX else 0o755)
    if stat.S_ISREG(mode):
        special = mode & (stat.S_ISUID | stat.S_ISGID)
        return stat.S_IFREG | special | (0o755 if mode & 0o100 else 0o644)
    raise ValueError("neither a file, a folder nor a symbolic link")


def _entry(top: Path, path: Path) -> Entry:
    mode = path.lstat().st_mode
    try:
        mode = _normal_mode(mode)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    target = os.readlink(path) if stat.S_ISLNK(mode) else ""
    return Entry(path.relative_to(top).as_posix(), path, mode, target)


def _set_owners(entries: dict[str, Entry]) -> None:
    for line in OWNERS.read_text().splitlines():
        fields = line.partition("#")[0].split()
        if not fields:
            continue
        path, uid, gid, mode = fields
        if path in entries:
            entry = entries[path]
            entries[path] = dataclasses.replace(
                entry, uid=int(uid), gid=int(gid),
                mode=stat.S_IFMT(entry.mode) | int(mode, 8))


def read_trees(tops) -> list[Entry]:
    """The folders in `tops`, merged: a later one's entry replaces an earlier
    one's of the same path. Parents come before their children. All belongs to
    root but what OWNERS names."""
    entries: dict[str, Entry] = {}
    for top in map(Path, tops):
        if not top.is_dir():
            raise ValueError(f"{top}: no such folder")
        for folder, folders, files in os.walk(top):
            for name in folders + files:
                entry = _entry(top, Path(folder) / name)
                old = entries.get(entry.path)
                if old and old.is_folder != entry.is_folder:
                    raise ValueError(f"{entry.source}: hides {old.source}")
                entries[entry.path] = entry
    _set_owners(entries)
    # By components, or "a-b" would come between "a" and "a/b".
    return sorted(entries.values(), key=lambda entry: entry.path.split("/"))
