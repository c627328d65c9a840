# tests/unit/test_trace_pack.py - what trace_pack.py packs is read back
# SPDX-License-Identifier: MIT

from trace_pack import fault_info, make, names, pack, paths, rounded

from tracelib import frames, records, schema


def test_every_type_is_read_back():
    sent = [make(kind.name, 1_000_000 * n, n % 3,
                 **{field.name: 77 * n + i
                    for i, field in enumerate(kind.fields)})
            for n, kind in enumerate(list(schema.TYPES.values()) * 20)]
    sent += names(7, "memwalk") + paths(0x10, "/bin/a/path/of/28/characters")
    sent.append(make("fault", info=fault_info("swapped", "write", "heap")))
    data = pack(sent)
    found = records.join(frames.find(data), len(data))
    assert found.records == [rounded(record) for record in sent]
    assert (found.lost, found.noise) == (0, 0)
