# tools/tracelib/reed_solomon.py - mends what a line has damaged
# SPDX-License-Identifier: MIT
"""The reading end of lib/reed_solomon.c: GF(2^8) by 0x11d, eight bytes of
parity, roots 2^0 to 2^7. Errors are found by the algorithm of Berlekamp and
Massey, by Chien's search and Forney's formula. Bytes that are known to be
missing count half.
"""

PARITY = 8
EXP = [1] * 512
LOG = [0] * 256


def _tables() -> None:
    value = 1
    for power in range(255):
        EXP[power] = EXP[power + 255] = value
        LOG[value] = power
        value <<= 1
        if value & 0x100:
            value ^= 0x11d
    EXP[510:] = EXP[:2]


_tables()


def _multiply(a: int, b: int) -> int:
    return EXP[LOG[a] + LOG[b]] if a and b else 0


def _evaluate(polynomial, x: int) -> int:
    """Highest power first."""
    result = 0
    for coefficient in polynomial:
        result = _multiply(result, x) ^ coefficient
    return result


def syndromes(data) -> list[int]:
    return [_evaluate(data, EXP[i]) for i in range(PARITY)]


def _product(a: list[int], b: list[int]) -> list[int]:
    """Lowest power first."""
    result = [0] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            result[i + j] ^= _multiply(x, y)
    return result


def _locator(syndrome: list[int], erasures: list[int]) -> list[int]:
    """Berlekamp-Massey, begun with the places that are known. Lowest power
    first."""
    locator = [1]
    for place in erasures:
        locator = _product(locator, [1, EXP[place]])
    before = locator
    length = len(erasures)
    for step in range(len(erasures), PARITY):
        delta = syndrome[step]
        for i in range(1, len(locator)):
            if i <= step:
                delta ^= _multiply(locator[i], syndrome[step - i])
        before = [0] + before
        if not delta:
            continue
        changed = [0] * max(len(locator), len(before))
        for i, x in enumerate(locator):
            changed[i] ^= x
        for i, x in enumerate(before):
            changed[i] ^= _multiply(x, delta)
        if 2 * length <= step + len(erasures):
            length = step + 1 + len(erasures) - length
            before = [EXP[(LOG[x] - LOG[delta]) % 255] if x else 0
                      for x in locator]
        locator = changed
    while locator and not locator[-1]:
        locator.pop()
    return locator


def correct(data: bytes, missing=()) -> bytes | None:
    """The code word nearest to @data; None: too far. @missing: places whose
    bytes are not known."""
    syndrome = syndromes(data)
    if not any(syndrome):
        return bytes(data)
    count = len(data)
    erasures = [count - 1 - at for at in missing]
    if len(erasures) > PARITY:
        return None
    locator = _locator(syndrome, erasures)
    errors = len(locator) - 1
    if errors < 1 or 2 * errors - len(erasures) > PARITY:
        return None
    places = [power for power in range(count)
              if not _evaluate(locator[::-1], EXP[(255 - power) % 255])]
    if len(places) != errors:
        return None
    # Forney: with roots from 2^0 on, a factor of the place itself.
    evaluator = _product(syndrome, locator)[:PARITY]
    derivative = [x if i % 2 == 0 else 0 for i, x in enumerate(locator[1:])]
    mended = bytearray(data)
    for power in places:
        inverse = EXP[(255 - power) % 255]
        below = _evaluate(derivative[::-1], inverse)
        if not below:
            return None
        above = _evaluate(evaluator[::-1], inverse)
        value = EXP[(LOG[above] - LOG[below] + power) % 255] if above else 0
        mended[count - 1 - power] ^= value
    return None if any(syndromes(mended)) else bytes(mended)
