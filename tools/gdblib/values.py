# tools/gdblib/values.py - the kernel's data as gdb gives it
# SPDX-License-Identifier: MIT
"""A kernel that is looked at may be broken: lists are followed for so many
steps and no further, and what cannot be read is an error of one command.
"""

import gdb

STEPS_MAX = 1 << 16
PAGE_SIZE = 4096
PAGE_OFFSET = 0xc0000000


def look(expression: str) -> gdb.Value:
    """A global, or anything else that C can say."""
    return gdb.parse_and_eval(expression)


def pointer_to(type_name: str) -> gdb.Type:
    return gdb.lookup_type(type_name).pointer()


def at(address: int, type_name: str) -> gdb.Value:
    """The object of that type at @address."""
    return gdb.Value(address).cast(pointer_to(type_name)).dereference()


def container(member: gdb.Value, type_name: str, name: str) -> gdb.Value:
    """The struct that *@member is the member @name of."""
    offset = gdb.lookup_type(type_name)[name].bitpos // 8
    return at(int(member) - offset, type_name)


def entries(head: gdb.Value, type_name: str, name: str):
    """Of a struct list_head, by their member @name."""
    link = head["next"]
    for _ in range(STEPS_MAX):
        if int(link) == int(head.address):
            return
        yield container(link, type_name, name)
        link = link["next"]
    raise gdb.GdbError("the list has no end")


def tree(node: gdb.Value, type_name: str, name: str, depth: int = 0):
    """Of an rb_root's node, in order."""
    if not int(node):
        return
    if depth > 64:
        raise gdb.GdbError("the tree has no end")
    yield from tree(node["left"], type_name, name, depth + 1)
    yield container(node, type_name, name)
    yield from tree(node["right"], type_name, name, depth + 1)


def enum_names(type_name: str, prefix: str) -> dict[int, str]:
    """value -> name without @prefix, in lower case."""
    return {field.enumval: field.name.removeprefix(prefix).lower()
            for field in gdb.lookup_type(f"enum {type_name}").fields()}


def flag_names(value: int, type_name: str, prefix: str,
               shifted: bool = False) -> str:
    """The flags that are set. @shifted: the enum has numbers of bits."""
    names = enum_names(type_name, prefix)
    return " ".join(name for bit, name in sorted(names.items())
                    if value & (1 << bit if shifted else bit))


def text(value: gdb.Value) -> str:
    """Of a char array or a char pointer."""
    if value.type.code == gdb.TYPE_CODE_PTR and not int(value):
        return "-"
    return value.string("utf-8", "replace")


def code_name(address: int) -> str:
    """function+offset."""
    block = gdb.block_for_pc(address)
    while block is not None and block.function is None:
        block = block.superblock
    if block is None:
        # Of assembly only the symbol is known: "name + 5 in section .text".
        words = gdb.execute(f"info symbol {address:#x}", to_string=True)
        return words.partition(" in ")[0].replace(" ", "") \
            if " in " in words else f"{address:#x}"
    while block.superblock is not None and not (
            block.function is not None and block.superblock.is_static):
        block = block.superblock  # out of what was inlined
    return f"{block.function}+{address - block.start:#x}"
