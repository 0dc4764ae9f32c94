"""Writes colors.json: digests of operations on all 2^24 colours by torchvision on Pillow images.

    python3 make_colors.py    # needs torchvision, pillow, numpy

Image r of 256 is 256 x 256 pixels: red r, green the row, blue the column. A digest is the SHA-256
of the 256 outputs, one after the other.
"""

import hashlib
import json
import pathlib

import numpy as np
import PIL
import torchvision
from PIL import Image
from torchvision.transforms import functional as F

OPERATIONS = {
    "hue": [0.2, -0.1],
    "saturation": [1.8],
    "grayscale": [None],
}
ADJUST = {
    "hue": F.adjust_hue,
    "saturation": F.adjust_saturation,
    "grayscale": lambda picture, _: F.rgb_to_grayscale(picture, 3),
}

cases = []
for kind, values in OPERATIONS.items():
    for value in values:
        digest = hashlib.sha256()
        for red in range(256):
            colors = np.empty((256, 256, 3), np.uint8)
            colors[..., 0] = red
            colors[..., 1] = np.arange(256)[:, None]
            colors[..., 2] = np.arange(256)
            digest.update(np.asarray(ADJUST[kind](Image.fromarray(colors), value)).tobytes())
        cases.append({"kind": kind, "value": value, "digest": digest.hexdigest()})

golden = {"pillow": PIL.__version__, "torchvision": torchvision.__version__, "cases": cases}
pathlib.Path(__file__).with_name("colors.json").write_text(json.dumps(golden, indent=1) + "\n")
