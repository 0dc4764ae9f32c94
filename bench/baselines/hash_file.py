"""The time of hashlib's SHA-256 (OpenSSL) of a file, read in pieces of 4 MiB."""

import hashlib
import ssl
import sys
import time

print(f"hashlib.sha256, {ssl.OPENSSL_VERSION}", flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    digest = hashlib.sha256()
    with open(sys.argv[1], "rb") as file:
        while piece := file.read(4 * 1024 * 1024):
            digest.update(piece)
    print(1000 * (time.perf_counter() - start), flush=True)
