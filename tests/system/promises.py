# tests/system/promises.py - what has to be there after a cut
# SPDX-License-Identifier: MIT
"""A model of files and directories that knows, besides what they are, what was
promised of them: by fsync(2) and the like the content, the names and the way to
them, by sync(2) everything. What was done since may be there or not, but may not
harm what was promised.
"""

import array
import random

SEED_SHIFT = 20  # as userland/tests/fsops_replay.c
ROOT = ""
NAMES = 60


def content(seed: int, size: int) -> bytes:
    first = seed << SEED_SHIFT
    return array.array("I", range(first, first + (size + 3) // 4)
                       ).tobytes()[:size]


class Node:
    """A file, or a directory (with entries)."""

    def __init__(self, is_dir: bool):
        self.entries = {} if is_dir else None
        self.data = bytearray()
        self.links = set()     # (directory, name)
        self.possible = set()  # ... that the disk may have
        self.must = False      # be there
        self.promise = None    # content
        self.changed = False   # since
        self.low = 0           # the least size since
        self.touched = []      # ranges of bytes since

    @property
    def is_dir(self) -> bool:
        return self.entries is not None

    def sees(self, data: bytes) -> bool:
        """Can a disk that kept the promise hold this?"""
        if self.promise is None:
            return True
        if not self.changed:
            return data == self.promise
        mine, theirs = bytearray(self.promise[:self.low]), bytearray(data)
        for start, end in self.touched:
            end = min(end, len(mine))
            if start < end and end <= len(theirs):
                theirs[start:end] = mine[start:end]
        return mine == theirs[:len(mine)]


class Model:
    """What a script has made so far."""

    def __init__(self):
        self.root = Node(is_dir=True)
        self.nodes = [self.root]

    # ---- paths

    def find(self, path: str) -> Node | None:
        node = self.root
        for name in path.split("/"):
            if name not in ("", "."):
                node = node.entries.get(name)
        return node

    def _place(self, path: str):
        parent, _, name = path.rpartition("/")
        return self.find(parent), name

    def _paths(self, node: Node, links, seen=()) -> set[str]:
        if node is self.root:
            return {ROOT}
        return {f"{path}/{name}".lstrip("/")
                for parent, name in getattr(node, links)
                if parent not in seen
                for path in self._paths(parent, links, (*seen, node))}

    def tree(self) -> dict[str, bytes | None]:
        """Each path's content; None: a directory."""
        return {path: None if node.is_dir else bytes(node.data)
                for node in self.nodes if node is not self.root
                for path in self._paths(node, "links")}

    # ---- changes

    def _hang(self, node: Node, path: str) -> None:
        parent, name = self._place(path)
        parent.entries[name] = node
        node.links.add((parent, name))
        node.possible.add((parent, name))

    def _drop(self, path: str) -> Node:
        parent, name = self._place(path)
        node = parent.entries.pop(name)
        node.links.remove((parent, name))
        if not node.links:
            node.must = False
        return node

    def _make(self, path: str, is_dir: bool) -> Node:
        node = Node(is_dir)
        self.nodes.append(node)
        self._hang(node, path)
        return node

    def write(self, path, at, size, seed):
        node = self.find(path) or self._make(path, False)
        node.data.extend(bytes(max(0, at + size - len(node.data))))
        node.data[at:at + size] = content(seed, size)
        node.touched.append((at, at + size))
        node.changed = True

    def osync(self, path, at, size, seed):
        self.write(path, at, size, seed)
        self.fsync(path)

    store = osync

    def truncate(self, path, size):
        node = self.find(path)
        node.data.extend(bytes(max(0, size - len(node.data))))
        del node.data[size:]
        node.low = min(node.low, size)
        node.changed = True

    def mkdir(self, path):
        self._make(path, True)

    def link(self, old, new):
        self._hang(self.find(old), new)

    def unlink(self, path):
        self._drop(path)

    rmdir = unlink

    def rename(self, old, new):
        if self.find(new):
            self._drop(new)
        must = self.find(old).must
        node = self._drop(old)
        self._hang(node, new)
        node.must = must

    # ---- promises

    def _keep_content(self, node: Node) -> None:
        node.promise = bytes(node.data)
        node.low, node.touched = len(node.data), []
        node.changed = False

    def _keep_names(self, node: Node) -> None:
        node.must = bool(node.links) or node is self.root
        node.possible = set(node.links)
        for parent, _ in node.links:
            self._keep_names(parent)

    def fsync(self, path):
        node = self.find(path)
        self._keep_names(node)
        if not node.is_dir:
            self._keep_content(node)
            return
        for other in self.nodes:
            other.possible = {link for link in other.possible
                              if link[0] is not node or link in other.links}
        for child in node.entries.values():
            child.must = True

    fdatasync = fsync

    def sync(self):
        self.nodes = [node for node in self.nodes
                      if node.links or node is self.root]
        for node in self.nodes:
            self._keep_names(node)
            self._keep_content(node)

    def apply(self, operation) -> None:
        getattr(self, operation[0])(*operation[1:])

    # ---- after a cut

    def broken(self, tree) -> list[str]:
        """Which promises a tree (as that of tree()) does not keep."""
        wrong = []
        for node in self.nodes:
            if not node.must or node is self.root:
                continue
            paths = self._paths(node, "possible")
            there = [path for path in paths if path in tree
                     and (tree[path] is None) == node.is_dir]
            if not any(node.is_dir or node.sees(tree[path])
                       for path in there):
                wrong.append(f"{'changed' if there else 'missing'}: "
                             + " or ".join(sorted(paths)))
        return wrong


DURABLE = ("osync", "store", "fsync", "fdatasync", "sync")


class Writer:
    """Makes up scripts that can be done."""

    def __init__(self, seed: int):
        self._rng = random.Random(seed)
        self._model = Model()
        self._number = 0
        self._script = []

    def _do(self, *operation) -> None:
        self._model.apply(operation)
        self._script.append(operation)

    def _pick(self, is_dir, is_root=False) -> str | None:
        found = [path for path, data in self._model.tree().items()
                 if (data is None) == is_dir]
        if is_root:
            found.append(ROOT)
        return self._rng.choice(sorted(found)) if found else None

    def _new_path(self) -> str:
        self._number += 1
        name = f"n{self._number}" + "-" * self._rng.choice((0, 0, 3, 20, 90))
        parent = self._pick(True, True)
        while parent.count("/") > 1:
            parent = parent.rpartition("/")[0]
        return f"{parent}/{name}".lstrip("/")

    def _size(self) -> int:
        return self._rng.choice((1, 300, 512, 5000, 20000, 60000))

    def _create(self):
        self._number += 1
        self._do(self._rng.choice(("write", "write", "osync")),
                 self._new_path(), 0, self._size(), self._number)

    def _change(self):
        path = self._pick(False)
        size = len(self._model.find(path).data)
        kind = self._rng.choice(("append", "overwrite", "store", "truncate"))
        self._number += 1
        if kind == "truncate":
            new = self._rng.choice((0, size // 2, size + 3000))
            self._do("truncate", path, new)
        elif kind == "append" or not size:
            at = size + self._rng.choice((0, 0, 50000))
            self._do("write", path, at, self._size(), self._number)
        else:
            at = self._rng.randrange(size)
            self._do("write" if kind == "overwrite" else "store", path, at,
                     min(self._size(), size - at), self._number)

    def _rename(self):
        old = self._pick(self._rng.random() < 0.3) or self._pick(False)
        is_dir = self._model.find(old).is_dir
        new = self._new_path()
        if not is_dir and self._rng.random() < 0.4:
            new = self._pick(False)
        inside = (new + "/").startswith(old + "/")
        same = self._model.find(new) is self._model.find(old)
        if not inside and not same:
            self._do("rename", old, new)

    def _link(self):
        self._do("link", self._pick(False), self._new_path())

    def _remove(self):
        path = self._pick(self._rng.random() < 0.3) or self._pick(False)
        node = self._model.find(path)
        if not node.is_dir:
            self._do("unlink", path)
        elif not node.entries:
            self._do("rmdir", path)

    def _mkdir(self):
        self._do("mkdir", self._new_path())

    def _sync(self):
        kind = self._rng.choice(("fsync", "fsync", "fsync", "fdatasync",
                                 "directory", "sync"))
        if kind == "sync":
            self._do("sync")
        elif kind == "directory":
            self._do("fsync", self._pick(True, True) or ".")
        else:
            self._do(kind, self._pick(False))

    def script(self, length: int) -> list[tuple]:
        """So many operations, of which some make things durable."""
        kinds = (self._create, self._change, self._change, self._rename,
                 self._rename, self._link, self._remove, self._mkdir,
                 self._sync, self._sync)
        self._do("mkdir", "d")
        self._do("write", "d/first", 0, 1000, 1)
        self._do("sync")
        while len(self._script) < length:
            files = sum(1 for data in self._model.tree().values()
                        if data is not None)
            if files < 6:
                self._create()
            elif files > NAMES:
                self._remove()
            else:
                self._rng.choice(kinds)()
        return self._script
