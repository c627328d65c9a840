# tools/tracelib/report/bins.py - time by equal pieces, and other summaries
# SPDX-License-Identifier: MIT

COLUMNS = 240
POINTS_MAX = 400


class Bins:
    """Of the time from @start_ns to @end_ns, @columns pieces."""

    def __init__(self, start_ns: int, end_ns: int, columns: int = COLUMNS):
        self.start_ns = start_ns
        self.columns = columns
        self.width_ns = max(-(-(end_ns - start_ns + 1) // columns), 1)

    def of(self, time_ns: int) -> int:
        at = (time_ns - self.start_ns) // self.width_ns
        return min(max(at, 0), self.columns - 1)

    def as_json(self) -> dict:
        return {"start": self.start_ns, "width": self.width_ns,
                "columns": self.columns}


def thin(points: list, most: int = POINTS_MAX) -> list:
    """Of a line of many points (time, value, ...): in each piece of time the
    smallest and the largest, for these are what one looks for."""
    if len(points) <= most:
        return points
    step = -(-len(points) * 2 // most)
    kept = []
    for at in range(0, len(points), step):
        piece = points[at:at + step]
        ends = {min(piece, key=lambda point: point[1]),
                max(piece, key=lambda point: point[1])}
        kept += sorted(ends)
    return kept


def half_octave(value: int) -> int:
    """Bucket of a histogram: two for each power of two; 0 for 0 and 1."""
    bits = value.bit_length()
    return 0 if bits < 2 else 2 * (bits - 1) + (value >> (bits - 2) & 1)


def bucket_start(bucket: int) -> int:
    """The smallest value in it."""
    whole = 1 << bucket // 2
    return whole + (whole >> 1 if bucket % 2 else 0)


def histogram(values) -> dict | None:
    """By half octaves: the first bucket, and how many are in each."""
    counts: dict[int, int] = {}
    for value in values:
        bucket = half_octave(value)
        counts[bucket] = counts.get(bucket, 0) + 1
    if not counts:
        return None
    first, last = min(counts), max(counts)
    return {"first": first,
            "counts": [counts.get(i, 0) for i in range(first, last + 1)]}
