"""Writes streams.json: first words of named streams, from a second implementation of the stream
format in plain Python integers, which is itself checked against Random123's kat_vectors.txt.

    python3 make_streams.py
"""

import json
import pathlib
import struct

HERE = pathlib.Path(__file__).parent
MASK = 0xFFFFFFFF


def philox(counter, key):
    x, k = list(counter), list(key)
    for _ in range(10):
        p0, p1 = 0xD2511F53 * x[0], 0xCD9E8D57 * x[2]
        x = [(p1 >> 32) ^ x[1] ^ k[0], p1 & MASK, (p0 >> 32) ^ x[3] ^ k[1], p0 & MASK]
        k = [(k[0] + 0x9E3779B9) & MASK, (k[1] + 0xBB67AE85) & MASK]
    return x


def purpose_key(seed, purpose, count):
    key = (seed & MASK, seed >> 32)
    data = purpose.encode()
    state = [0, 0, 0, 0]
    for start in range(0, len(data), 16):
        words = struct.unpack("<4I", data[start : start + 16].ljust(16, b"\0"))
        state = philox([s ^ w for s, w in zip(state, words)], key)
    state = philox([state[0] ^ len(data), state[1] ^ count, state[2], state[3]], key)
    return state[:2]


def stream_words(seed, purpose, counters, blocks):
    key = purpose_key(seed, purpose, len(counters))
    padded = list(counters) + [0] * (3 - len(counters))
    return [word for block in blocks for word in philox([block, *padded], key)]


for line in (HERE / "kat_vectors.txt").read_text().splitlines():
    if not line.startswith("#"):
        words = [int(word, 16) for word in line.split()[2:]]
        assert philox(words[:4], words[4:6]) == words[6:], line

names = [
    (0, "", []),
    (42, "augment", [0, 0]),
    (42, "augment", [7, 3]),
    (42, "augment", [7]),
    (17, "labels", []),
    (2**53 - 1, "a purpose of more than sixteen bytes, with ünïcode", [1, 2, 2**32 - 1]),
]
streams = [
    {
        "seed": seed,
        "purpose": purpose,
        "counters": counters,
        "first": stream_words(seed, purpose, counters, range(3)),
        "last": stream_words(seed, purpose, counters, [MASK]),
    }
    for seed, purpose, counters in names
]
(HERE / "streams.json").write_text(json.dumps({"streams": streams}, indent=1) + "\n")
