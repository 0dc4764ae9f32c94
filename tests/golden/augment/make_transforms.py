"""Writes transforms.json: transformations of generated images by torchvision on Pillow images.

    python3 make_transforms.py    # needs torchvision, pillow, numpy

A case is [image kind, seed, height, width, box, output size, mirror, operations, digest]: the box
[top, left, height, width] and the output size [height, width] are null where there is no resize;
an operation is [kind] or [kind, value]; the digest is the first 16 hexadecimal digits of the
SHA-256 of the output's bytes. The first case of each group is small and carries its whole output
in hexadecimal as well, so that a failure can be examined.
"""

import hashlib
import json
import pathlib
import random

import numpy as np
import PIL
import torchvision
from images import KINDS, image
from PIL import Image
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F
from torchvision.transforms.autoaugment import RandAugment, _apply_op

HERE = pathlib.Path(__file__).parent
rng = random.Random(20221025)

# Our kinds of operation under torchvision's names.
RANDAUGMENT = {
    "identity": "Identity",
    "shear-x": "ShearX",
    "shear-y": "ShearY",
    "translate-x": "TranslateX",
    "translate-y": "TranslateY",
    "rotate": "Rotate",
    "brightness": "Brightness",
    "saturation": "Color",
    "contrast": "Contrast",
    "sharpness": "Sharpness",
    "posterize": "Posterize",
    "solarize": "Solarize",
    "autocontrast": "AutoContrast",
    "equalize": "Equalize",
}
ENHANCE = {
    "brightness": F.adjust_brightness,
    "contrast": F.adjust_contrast,
    "saturation": F.adjust_saturation,
    "sharpness": F.adjust_sharpness,
    "hue": F.adjust_hue,
}


def apply(picture, operation):
    kind, *values = operation
    if kind in ENHANCE:
        return ENHANCE[kind](picture, *values)
    if kind == "grayscale":
        return F.rgb_to_grayscale(picture, 3)
    magnitude = values[0] if values else 0.0
    return _apply_op(picture, RANDAUGMENT[kind], magnitude, InterpolationMode.NEAREST, None)


def case(source, box=None, size=None, mirror=False, operations=()):
    picture = Image.fromarray(image(*source))
    if box:
        picture = F.resized_crop(picture, *box, size or [source[2], source[3]])
    elif size:
        picture = picture.resize((size[1], size[0]), Image.Resampling.BILINEAR)
    if mirror:
        picture = F.hflip(picture)
    for operation in operations:
        picture = apply(picture, operation)
    out = np.asarray(picture).tobytes()
    digest = hashlib.sha256(out).hexdigest()[:16]
    row = [*source, box, size, mirror, [list(o) for o in operations], digest]
    return row, out


def source(height=None, width=None):
    sides = [1, 2, 3, 5, 8, 12, 16, 16, 17, 23, 24, 31, 32, 32, 32, 40]
    return (
        rng.choice(KINDS),
        rng.getrandbits(32),
        height or rng.choice(sides),
        width or rng.choice(sides),
    )


def box_within(height, width):
    h, w = rng.randint(1, height), rng.randint(1, width)
    return [rng.randint(0, height - h), rng.randint(0, width - w), h, w]


def operation(kind):
    if kind in ("brightness", "contrast", "saturation", "sharpness"):
        return [kind, rng.choice([0.0, 0.5, 1.0, 2.0] + 12 * [rng.uniform(0.1, 1.9)])]
    if kind == "hue":
        return [kind, rng.choice([0.0, 0.5, -0.5] + 12 * [rng.uniform(-0.5, 0.5)])]
    if kind in ("shear-x", "shear-y"):
        return [kind, rng.uniform(-0.3, 0.3)]
    if kind in ("translate-x", "translate-y"):
        return [kind, rng.randint(-20, 20)]
    if kind == "rotate":
        return [kind, rng.choice([0.0, 90.0, 180.0] + 12 * [rng.uniform(-30, 30)])]
    if kind == "posterize":
        return [kind, rng.randint(1, 8)]
    if kind == "solarize":
        return [kind, rng.choice([0.0, 128.0, 255.0, 256.0] + 12 * [rng.uniform(0, 256)])]
    return [kind]


def jitter():
    operations = [
        ["brightness", rng.uniform(0.2, 1.8)],
        ["contrast", rng.uniform(0.2, 1.8)],
        ["saturation", rng.uniform(0.2, 1.8)],
        ["hue", rng.uniform(-0.2, 0.2)],
    ]
    rng.shuffle(operations)
    return operations


def full(square):
    side = rng.choice([16, 32])
    src = source(side, side) if square else source()
    size = [side, side] if square else [rng.randint(1, 40), rng.randint(1, 40)]
    operations = jitter() if rng.random() < 0.8 else []
    if rng.random() < 0.2:
        operations.append(["grayscale"])
    return case(src, box_within(src[2], src[3]), size, rng.random() < 0.5, operations)


def randaugment(strength, height, width):
    """As RandAugment.forward does at this strength, with its magnitudes."""
    count, level = int(10 * strength / 3 + 1), min(int(100 * strength), 99)
    space = RandAugment(num_magnitude_bins=100)._augmentation_space(100, (height, width))
    operations = []
    for _ in range(count):
        kind = rng.choice(list(RANDAUGMENT))
        magnitudes, signed = space[RANDAUGMENT[kind]]
        value = float(magnitudes[level]) if magnitudes.ndim else 0.0
        if signed and rng.random() < 0.5:
            value = -value
        if kind in ("brightness", "saturation", "contrast", "sharpness"):
            value = 1.0 + value
        if kind in ("translate-x", "translate-y", "posterize"):
            value = int(value)
        has_value = kind not in ("identity", "autocontrast", "equalize")
        operations.append([kind, value] if has_value else [kind])
    return case(source(height, width), operations=operations)


def every_level(kind):
    """All 100 levels of a geometric operation with both signs, on two shapes."""
    for height, width in ((32, 32), (23, 17)):
        space = RandAugment(num_magnitude_bins=100)._augmentation_space(100, (height, width))
        for magnitude in space[RANDAUGMENT[kind]][0].tolist():
            for value in (magnitude, -magnitude):
                yield case(("noise", 7, height, width), operations=[[kind, value]])


small = lambda: ("noise", rng.getrandbits(32), 6, 5)
groups = {
    "resize": [case(small(), size=[4, 8])]
    + [case(source(), size=[rng.randint(1, 48), rng.randint(1, 48)]) for _ in range(400)]
    + [case(source(96, 96), size=[32, 32]) for _ in range(20)]
    + [case(source(64, 48), size=[200, 7]) for _ in range(3)],
    "crop": [case(small(), [1, 2, 4, 3], [6, 6])]
    + [
        case(s, box_within(s[2], s[3]), [rng.randint(1, 40), rng.randint(1, 40)], m)
        for s, m in [(source(), rng.random() < 0.5) for _ in range(500)]
    ],
    "mirror": [case(small(), mirror=True)] + [case(source(), mirror=True) for _ in range(40)],
}
for kind in [*RANDAUGMENT, "hue", "grayscale"]:
    count = 10 if kind == "identity" else 400 if kind == "hue" else 150
    groups[kind] = [case(small(), operations=[operation(kind)])]
    groups[kind] += [case(source(), operations=[operation(kind)]) for _ in range(count)]
for kind in ("shear-x", "shear-y", "rotate"):
    groups[f"{kind}, every level"] = [case(small(), operations=[operation(kind)])]
    groups[f"{kind}, every level"] += every_level(kind)
groups["jitter"] = [case(small(), operations=jitter())]
groups["jitter"] += [case(source(), operations=jitter()) for _ in range(400)]
groups["full"] = [case(small(), [0, 1, 5, 4], [5, 5], True, [*jitter(), ["grayscale"]])]
groups["full"] += [full(square=i % 2 == 0) for i in range(800)]
groups["randaugment"] = [randaugment(0.5, 6, 5)]
groups["randaugment"] += [
    randaugment(rng.random(), *rng.choice([(16, 16), (32, 32), (24, 31)])) for _ in range(500)
]

lines = []
for name, cases in groups.items():
    rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row, _ in cases)
    lines.append(f'{json.dumps(name)}: {{"first": "{cases[0][1].hex()}", "cases": [\n{rows}\n]}}')
text = (
    f'{{"pillow": "{PIL.__version__}", "torchvision": "{torchvision.__version__}", "groups": {{\n'
    + ",\n".join(lines)
    + "\n}}\n"
)
json.loads(text)
(HERE / "transforms.json").write_text(text)
print(sum(len(c) for c in groups.values()), "cases,", len(text), "bytes")
