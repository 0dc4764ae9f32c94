"""The input images of the golden cases, from integers alone so that ../../augment/golden.ts makes
the same ones. An image is (kind, seed, height, width)."""

import numpy as np

KINDS = ["noise", "waves", "constant", "faint", "gray", "blocks", "dark"]


def words(seed, count):
    """32-bit hashes of seed and 0, 1, ..., count - 1 (the finaliser of MurmurHash3)."""
    x = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9) + np.uint32(seed)
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x85EBCA6B)
    x ^= x >> np.uint32(13)
    x *= np.uint32(0xC2B2AE35)
    x ^= x >> np.uint32(16)
    return x


def image(kind, seed, height, width):
    """A uint8 array [height, width, 3]."""
    noise = words(seed, height * width * 3).reshape(height, width, 3)
    if kind == "noise":
        out = noise >> 24
    elif kind == "waves":
        # Triangle waves along a direction of each channel's own, with a little noise.
        a = words(seed ^ 0xABCD, 9).reshape(3, 3).astype(np.int64)
        y, x, c = np.mgrid[0:height, 0:width, 0:3]
        phase = (a[c, 0] % 31 * x + a[c, 1] % 31 * y + a[c, 2] % 512) % 512
        out = np.where(phase < 256, phase, 511 - phase) * 7 // 8 + (noise >> 27)
    elif kind == "constant":
        out = np.broadcast_to(words(seed, 3) >> 24, noise.shape)
    elif kind == "faint":
        base = words(seed ^ 0x1234, 3) % 236
        out = base + noise % 20
    elif kind == "gray":
        out = np.broadcast_to(noise[:, :, :1] >> 24, noise.shape)
    elif kind == "blocks":
        palette = (words(seed ^ 0x5678, 12) >> 24).reshape(4, 3)
        y, x = np.mgrid[0:height, 0:width]
        out = palette[(x // 3 + 2 * (y // 4)) % 4]
    elif kind == "dark":
        out = (noise >> 24) * (noise >> 16 & 255) >> 12
    else:
        raise ValueError(kind)
    return out.astype(np.uint8)
