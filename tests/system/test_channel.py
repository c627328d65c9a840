# tests/system/test_channel.py - tools/vmlib/channel.py, without a machine
# SPDX-License-Identifier: MIT

import random
import re

from vmlib.channel import OutputSplitter, ReadyFinder, run_request

TOKEN = b"0123456789abcdef"
END = TOKEN + b" EXIT 7\n"


def feed_in_pieces(splitter, data, sizes):
    output, at = b"", 0
    for size in sizes:
        output += splitter.feed(data[at:at + size])
        at += size
    return output


def test_request():
    assert run_request(b"t", b"a\nb") == b"RUN t 3\na\nb"


def test_whole_answer():
    splitter = OutputSplitter(TOKEN)
    assert splitter.feed(b"hello\n" + END) == b"hello\n"
    assert splitter.status == 7


def test_no_output():
    splitter = OutputSplitter(TOKEN)
    assert splitter.feed(END) == b""
    assert splitter.status == 7


def test_output_is_not_held_back():
    splitter = OutputSplitter(TOKEN)
    assert splitter.feed(b"prompt> ") == b"prompt> "
    assert splitter.feed(b"line\n") == b"line\n"
    assert splitter.feed(TOKEN[:3]) == b""
    assert splitter.feed(b"next") == TOKEN[:3] + b"next"


def test_lookalikes_are_output():
    for lookalike in (TOKEN + b" EXIT x\n", TOKEN[:-1] + b"\n",
                      TOKEN + b" EXIT \n", TOKEN + b" EXIT 7000\n",
                      TOKEN[:5] + TOKEN[:9], TOKEN + b"\n"):
        splitter = OutputSplitter(TOKEN)
        assert splitter.feed(lookalike + END) == lookalike
        assert splitter.status == 7


def test_any_pieces_of_any_bytes():
    seed = random.randrange(1 << 32)
    print("seed", seed)
    rng = random.Random(seed)
    parts = [b"\n", b"\0", b"\r\n", TOKEN, b" EXIT ", b"\xff\xfe", b"12",
             END[:9], TOKEN[:1]]
    for _ in range(2000):
        output = b"".join(rng.choices(parts, k=rng.randrange(12)))
        data = output + END
        if re.search(rb"%s EXIT \d{1,3}\n" % TOKEN, data).start() < len(output):
            continue  # by chance an end of its own
        splitter = OutputSplitter(TOKEN)
        sizes = []
        while sum(sizes) < len(data):
            sizes.append(rng.randrange(1, 9))
        assert feed_in_pieces(splitter, data, sizes) == output
        assert splitter.status == 7


def test_ready_among_other_text():
    finder = ReadyFinder()
    assert finder.feed(b"\x1b[2JBdsDxe: FAULTLINE REA") is None
    assert finder.feed(b"DY\nrest") == b"rest"
