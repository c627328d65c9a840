# tests/unit/test_docs.py - what the documents name is there
# SPDX-License-Identifier: MIT
"""docs/ and README name files, functions and tests of this tree in code spans.
These forms are looked up; a document that they have left behind fails:

    `mm/fault.c`                    a file: its path, or the end of it; * as in
                                    a shell
    `swap_fault()`                  a function, a macro with arguments, or an
                                    operation of a struct, anywhere
    `mm/fault_anon.c:swap_fault()`       the same, in this file
    `tests/x.py::test_y`            a test: a function of pytest, TEST(y) of a
    `tests/x.c::y`                  unit test, a row {"y", ...} of a table, or
                                    a C function of a self-test

What belongs to other kernels is set in italics, or without the brackets.
System calls are written as in their manual, mmap(2). Indented and fenced
blocks are not looked at.
"""

import fnmatch
import os
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("docs/*.md"), ROOT / "README.md"])
SOURCE_SUFFIXES = {".c", ".h", ".S", ".ld", ".py"}

SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
FILE = r"(?P<file>[\w./*-]+\.(?:c|h|S|ld|py))"
FORMS = [re.compile(form) for form in (
    FILE, r"(?P<function>\w+)\(\)", FILE + r":(?P<function>\w+)\(\)",
    FILE + r"::(?P<test>[\w-]+)")]

# Of a C function only the head is looked at, from the first column on.
DEFINITIONS = {
    ".c": [r"^(?:[A-Za-z_][\w \t*]*[ \t*])?(\w+)\([^;{}]*\)\s*\{",
           r"\(\*(\w+)\)\("],
    ".S": [r"^(\w+):"],
    ".py": [r"^ *def (\w+)\("],
}
DEFINITIONS[".h"] = [*DEFINITIONS[".c"], r"^#[ \t]*define (\w+)\("]
DEFINITIONS[".c"].append(DEFINITIONS[".h"][-1])
TESTS = r'^TEST\((\w+)\)|^ *def (test_\w+)\(|\{"([\w-]+)",'

MECHANISMS = 158
STATUSES = {"kept", "superseded", "rejected", "open"}


class Tree:
    """The sources, and what each of them defines."""

    def __init__(self):
        self._texts = {}
        self._defined = {}
        for folder, folders, names in os.walk(ROOT):
            folders[:] = [name for name in folders
                          if name != "build" and name[0] not in "._"]
            for name in names:
                path = pathlib.Path(folder, name)
                if path.suffix in SOURCE_SUFFIXES:
                    self._texts[path.relative_to(ROOT).as_posix()] = path

    def files(self, pattern: str) -> list[str]:
        return [name for name in self._texts
                if fnmatch.fnmatchcase("/" + name, "*/" + pattern)]

    def defined(self, file: str) -> set[str]:
        if file not in self._defined:
            text = self._texts[file].read_text(encoding="utf-8")
            self._defined[file] = {
                name for form in DEFINITIONS.get(self._texts[file].suffix, [])
                for name in re.findall(form, text, re.M)}
        return self._defined[file]

    def has_test(self, file: str, test: str) -> bool:
        text = self._texts[file].read_text(encoding="utf-8")
        found = {name for names in re.findall(TESTS, text, re.M)
                 for name in names}
        return test in found or (self._texts[file].suffix == ".c"
                                 and test in self.defined(file))

    def wrong(self, span: str) -> str | None:
        """What is not there of a span; None if all is, or it is of no form."""
        match = next((m for m in (form.fullmatch(span) for form in FORMS)
                      if m), None)
        if not match or span.startswith("build/"):
            return None
        named = match.groupdict()
        files = self.files(named.get("file") or "*")
        if not files:
            return "no such file"
        function, test = named.get("function"), named.get("test")
        if function and not any(function in self.defined(file)
                                for file in files):
            return "no such function"
        if test and not any(self.has_test(file, test) for file in files):
            return "no such test"
        return None


@pytest.fixture(scope="module")
def tree():
    return Tree()


def prose(path: pathlib.Path):
    """(number, line) outside of fenced and indented blocks."""
    fenced = False
    for number, line in enumerate(
            path.read_text(encoding="utf-8").splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced and not line.startswith("    "):
            yield number, line


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_is_named_exists(tree, document):
    wrong = [f"{document.name}:{number}: {span}: {why}"
             for number, line in prose(document)
             for span in SPAN.findall(line) if (why := tree.wrong(span))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("span,why", [
    ("mm/fault.c", None), ("fault.c", None), ("tests/unit/test_vx*.c",
                                              "no such file"),
    ("mm/fault.cc", None),  # no form: not ours to judge
    ("mm_fault()", None), ("do_wp_page()", "no such function"),
    ("mm/fault.c:mm_fault()", None),
    ("mm/zone.c:mm_fault()", "no such function"),
    ("tests/unit/test_buddy.c::figure_3_4", None),
    ("tests/unit/test_buddy.c::figure_3_5", "no such test"),
    ("tests/system/test_swap.py::test_slots_come_back", None),
    ("userland/tests/cow.c::childs-writes-stay-its-own", None),
])
def test_the_forms(tree, span, why):
    assert tree.wrong(span) == why


def table(name: str, columns: int) -> list[list[str]]:
    """The rows of the tables of so many columns, without heads."""
    lines = [line for _, line in prose(ROOT / "docs" / name)]
    rows = [re.split(r" *(?<!\\)\| *", line.strip())[1:-1]
            for line in lines if line.startswith("|")]
    rules = [i for i, row in enumerate(rows)
             if all(re.fullmatch("-+:?", cell) for cell in row)]
    heads = {i - 1 for i in rules} | set(rules)
    return [row for i, row in enumerate(rows)
            if i not in heads and len(row) == columns]


def test_every_mechanism_once():
    numbers = [int(row[0]) for row in table("mechanisms.md", 5)]
    assert numbers == list(range(1, MECHANISMS + 1))


def test_mechanisms_say_who_and_what_shows_it():
    wrong = []
    for number, _, here, shown, status in table("mechanisms.md", 5):
        # open: the mechanism is not whole, so neither need the row be.
        complete = status == "open" or (
            here if status == "rejected" else
            re.search(r"`([^`]+\(\)|[\w./-]+\.(c|h|S|ld))`", here)
            and re.search(r"`[^`]+::[^`]+`|^none: .", shown))
        if status not in STATUSES or not complete:
            wrong.append(f"row {number}: {status}: {here} | {shown}")
    assert not wrong, "\n".join(wrong)


def test_glossary_explains_each_term_once():
    terms = [term for row in table("glossary.md", 3)
             for term in re.findall(r"\*\*(.+?)\*\*", row[0])]
    twice = {term for term in terms if terms.count(term) > 1}
    assert terms and not twice
    assert all(row[1] and row[2] for row in table("glossary.md", 3))


# ---- lists that say they are complete --------------------------------------

def section(name: str, title: str) -> str:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    return re.search(rf"^## {title}$(.*?)(?=^## |\Z)", text, re.M | re.S)[1]


def sources(pattern: str) -> str:
    return "\n".join(path.read_text(encoding="utf-8")
                     for path in sorted(ROOT.glob(pattern)))


def test_system_calls_that_are_not_there():
    """Those that Linux's header numbers and kernel/syscall.c has not."""
    header = pathlib.Path("/usr/i686-linux-gnu/include/asm/unistd_32.h")
    numbered = set(re.findall(r"^#define __NR_(\w+) \d+$",
                              header.read_text(), re.M))
    there = set(re.findall(r"^    SYSCALL\((\w+)",
                           sources("kernel/syscall.c"), re.M))
    assert len(there) > 250 and there <= numbered
    told = set(re.findall(r"[\w*]+", section(
        "processes.md", "System calls that are not there")))
    assert [call for call in sorted(numbered - there)
            if not any(fnmatch.fnmatchcase(call, word) for word in told
                       if len(word.strip("*")) > 1)] == []
    assert told & there == {"ipc"}  # it is, in part


def test_words_of_the_command_line():
    text = "".join(sources(f"{folder}/**/*.c") for folder in
                   ("arch", "drivers", "fs", "kernel", "lib", "mm"))
    read = set(re.findall(
        r'\b(?:cmdline_(?:get|get_nth|has)|set_from)\("([\w.]+)"', text))
    read |= set(re.findall(r'cmdline_last_of\("(\w+)", "(\w+)"\)', text)[0])
    read |= {"kernel", "faultline.run"}  # of the stub, and of init
    rows = section("processes.md", "Words of the command line")
    told = {word for row in re.findall(r"^\| (.*?) \| ", rows, re.M)[1:]
            for word in re.findall(r"(?:^|, )([\w.]+)(?==|, |$)", row)}
    assert len(read) > 30
    assert read - told == set()
    # crash= and keymap= have more words in their rows.
    assert {word for word in told - read
            if f'"{word}' not in text} == set()


def test_programs_of_the_guest():
    programs = {path.stem for path in ROOT.glob("userland/tests/*.c")
                if re.search(r"^int main", path.read_text(), re.M)}
    rows = section("testing.md", "An in-guest test")
    told = {word for row in re.findall(r"^\| (`.*?) \| ", rows, re.M)
            for word in re.findall(r"`([\w-]+)", row)}
    assert len(programs) > 30 and programs - told == set()
