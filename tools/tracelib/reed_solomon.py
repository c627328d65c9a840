# tools/tracelib/reed_solomon.py - mends what a line has damaged
# SPDX-License-Identifier: MIT
"""The reading end of lib/reed_solomon.c: GF(2^7) by x^7 + x^3 + 1, twelve
symbols of parity, roots 2^0 to 2^11. Errors are found by the algorithm of
Berlekamp and Massey, by Chien's search and Forney's formula. Symbols that are
known to be missing count half. No more than MENDED_MAX are used up for mending:
what is left says that the result is right, as a CRC of 28 bits would.
"""

from functools import reduce
from operator import getitem, xor

PARITY = 12
MENDED_MAX = 8
BITS = 7
ORDER = 127  # of the field without 0
EXP = [0] * (2 * ORDER)
LOG = [0] * (ORDER + 1)


def _tables() -> None:
    value = 1
    for power in range(ORDER):
        EXP[power] = EXP[power + ORDER] = value
        LOG[value] = power
        value <<= 1
        if value > ORDER:
            value ^= 0x89


_tables()


def _multiply(a: int, b: int) -> int:
    return EXP[LOG[a] + LOG[b]] if a and b else 0


def _product(a: list[int], b: list[int]) -> list[int]:
    """Lowest power first."""
    result = [0] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            result[i + j] ^= _multiply(x, y)
    return result


def _at_power(polynomial, power: int) -> int:
    """Of 2^power; highest power first."""
    result = 0
    for coefficient in polynomial:
        if result:
            result = EXP[LOG[result] + power]
        result ^= coefficient
    return result


def _generator() -> list[int]:
    result = [1]
    for power in range(PARITY):
        result = _product(result, [EXP[power], 1])
    return result[::-1]


def _remainders() -> list[list[int]]:
    """What each symbol adds to the remainder, by its place: a code is linear.
    The place of the highest power is the first, the last ones are the parity's.
    A remainder is one number, the highest power on top."""
    table = [[symbol << BITS * power for symbol in range(ORDER + 1)]
             for power in range(PARITY)]
    top = BITS * (PARITY - 1)
    generator = _generator()[1:]
    leaves = []  # what a symbol that leaves the top does to the rest
    for symbol in range(ORDER + 1):
        packed = 0
        for coefficient in generator:
            packed = packed << BITS | _multiply(coefficient, symbol)
        leaves.append(packed)
    while len(table) < ORDER:
        table.append([(rest << BITS & (1 << BITS * PARITY) - 1) ^
                      leaves[rest >> top] for rest in table[-1]])
    return table[::-1]


_TABLE = _remainders()
_OF_WORD = [_TABLE[ORDER - count:] for count in range(ORDER + 1)]


def _difference(word) -> int:
    """Of the parity that a word has to the one that it should have. Most of
    the time that it takes to find frames is taken here."""
    return reduce(xor, map(getitem, _OF_WORD[len(word)], word), 0)


def is_whole(word) -> bool:
    return not _difference(word)


def parity(data) -> bytes:
    rest = _difference(bytes(data) + bytes(PARITY))
    return bytes(rest >> BITS * (PARITY - 1 - i) & ORDER
                 for i in range(PARITY))


def _syndromes(difference: int) -> list[int]:
    """As they are those of the word."""
    symbols = [difference >> BITS * (PARITY - 1 - i) & ORDER
               for i in range(PARITY)]
    return [_at_power(symbols, power) for power in range(PARITY)]


def _erasures(places: list[int]) -> list[int]:
    """The locator of powers that are known. Lowest power first."""
    locator = [1]
    for place in places:
        longer = locator + [0]
        for i, x in enumerate(locator):
            if x:
                longer[i + 1] ^= EXP[LOG[x] + place]
        locator = longer
    return locator


def _discrepancy(locator: list[int], syndrome: list[int], step: int) -> int:
    result = 0
    for i, x in enumerate(locator[:step + 1]):
        if x and syndrome[step - i]:
            result ^= EXP[LOG[x] + LOG[syndrome[step - i]]]
    return result


def _locator(syndrome: list[int], erased: int, locator: list[int]) -> list[int]:
    """Berlekamp-Massey, begun with the places that are known."""
    before = locator
    length = erased
    for step in range(erased, PARITY):
        delta = _discrepancy(locator, syndrome, step)
        before = [0] + before
        if not delta:
            continue
        changed = [0] * max(len(locator), len(before))
        for i, x in enumerate(locator):
            changed[i] ^= x
        for i, x in enumerate(before):
            changed[i] ^= _multiply(x, delta)
        if 2 * length <= step + erased:
            length = step + 1 + erased - length
            before = [EXP[(LOG[x] - LOG[delta]) % ORDER] if x else 0
                      for x in locator]
        locator = changed
    while locator and not locator[-1]:
        locator.pop()
    return locator


def _mend(data, locator: list[int], syndrome: list[int]) -> bytes | None:
    """The values at the roots of @locator."""
    count = len(data)
    highest_first = locator[::-1]
    places = [power for power in range(count)
              if not _at_power(highest_first, (ORDER - power) % ORDER)]
    if len(places) != len(locator) - 1:
        return None
    # Forney: with roots from 2^0 on, a factor of the place itself.
    evaluator = _product(syndrome, locator)[:PARITY][::-1]
    derivative = [x if i % 2 == 0 else 0
                  for i, x in enumerate(locator[1:])][::-1]
    mended = bytearray(data)
    for power in places:
        inverse = (ORDER - power) % ORDER
        below = _at_power(derivative, inverse)
        if not below:
            return None
        above = _at_power(evaluator, inverse)
        if above:
            mended[count - 1 - power] ^= EXP[
                (LOG[above] - LOG[below] + power) % ORDER]
    return bytes(mended) if is_whole(mended) else None


def correct(data, missing=(), most: int = MENDED_MAX) -> bytes | None:
    """The code word nearest to @data; None: more than @most away. @missing:
    places whose symbols are not known, and are 0."""
    difference = _difference(data)
    if not difference:
        return bytes(data)
    if len(missing) > most:
        return None
    syndrome = _syndromes(difference)
    erased = _erasures([len(data) - 1 - at for at in missing])
    locator = _locator(syndrome, len(missing), erased)
    errors = len(locator) - 1
    if errors < 1 or 2 * errors - len(missing) > most:
        return None
    return _mend(data, locator, syndrome)


def fill(data, missing) -> bytes | None:
    """As correct() with nothing wrong but what is missing: sooner when there
    is."""
    difference = _difference(data)
    if not difference:
        return bytes(data)
    if len(missing) > MENDED_MAX:
        return None
    syndrome = _syndromes(difference)
    erased = _erasures([len(data) - 1 - at for at in missing])
    if any(_discrepancy(erased, syndrome, step)
           for step in range(len(missing), PARITY)):
        return None
    return _mend(data, erased, syndrome)
