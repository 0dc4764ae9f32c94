"""Writes jpeg.json: JPEG files and the SHA-256 of the RGB pixels that Pillow decodes them to.

Run from this folder with Pillow 13.0.0 (libjpeg-turbo 3.2.0) and NumPy: python make_jpeg.py
The files cover what TinyImageNet holds and more: grey and colour, every chroma subsampling that
Pillow writes, baseline and progressive, restart markers, and sizes that fill no whole block.
"""

import base64
import hashlib
import io
import json

import numpy as np
import PIL
from PIL import Image, features

CASES = 160


def make_image(rng, index):
    width, height = (64, 64) if index % 2 else map(int, rng.integers(1, 70, 2))
    coarse = rng.integers(1, 9, 2)
    shape = (max(1, height // coarse[0]), max(1, width // coarse[1]), 3)
    noise = Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8))
    image = noise.resize((width, height), Image.Resampling.BICUBIC)
    return image.convert("L") if index % 7 == 0 else image


def make_case(rng, index):
    image = make_image(rng, index)
    settings = {
        "quality": int(rng.integers(5, 101)),
        "progressive": index % 5 == 0,
        "optimize": index % 3 == 0,
    }
    if image.mode == "RGB":
        settings["subsampling"] = ["4:4:4", "4:2:2", "4:2:0"][rng.integers(3)]
    if index % 11 == 0:
        settings["restart_marker_blocks"] = int(rng.integers(1, 5))
    file = io.BytesIO()
    image.save(file, "JPEG", **settings)
    decoded = np.asarray(Image.open(file).convert("RGB"))
    return {
        "about": f"{image.mode} {settings}",
        "width": image.width,
        "height": image.height,
        "file": base64.b64encode(file.getvalue()).decode(),
        "rgbSha256": hashlib.sha256(decoded.tobytes()).hexdigest(),
    }


rng = np.random.default_rng(0)
golden = {
    "source": f"Pillow {PIL.__version__}, libjpeg-turbo {features.version('libjpeg_turbo')}",
    "cases": [make_case(rng, index) for index in range(CASES)],
}
with open("jpeg.json", "w") as out:
    json.dump(golden, out, indent=1)
    out.write("\n")
