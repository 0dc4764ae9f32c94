"""Writes sampling.json: what torchvision's own samplers draw, as counts and quantiles, and the
magnitudes of RandAugment's operations at 100 levels.

    python3 make_sampling.py    # needs torchvision, torch, pillow
"""

import collections
import json
import pathlib

import torch
import torchvision
from PIL import Image
from torchvision.transforms import ColorJitter, RandAugment, RandomResizedCrop

torch.manual_seed(20221025)
DRAWS = 100_000


def crops(height, width, min_scale):
    """Counts of each value of top, left, height and width over DRAWS crops."""
    picture = Image.new("RGB", (width, height))
    counts = [collections.Counter() for _ in range(4)]
    for _ in range(DRAWS):
        box = RandomResizedCrop.get_params(picture, (min_scale, 1.0), (3 / 4, 4 / 3))
        for counter, value in zip(counts, box):
            counter[value] += 1
    dense = [[c[v] for v in range(max(height, width) + 1)] for c in counts]
    sides = dict(zip(["top", "left", "boxHeight", "boxWidth"], dense))
    return {"height": height, "width": width, "minScale": min_scale, **sides}


def jitters():
    """Quantiles of the factors and counts of the orders over DRAWS jitters."""
    jitter = ColorJitter(0.8, 0.8, 0.8, 0.2)
    orders, factors = collections.Counter(), []
    for _ in range(DRAWS):
        order, *values = jitter.get_params(
            jitter.brightness, jitter.contrast, jitter.saturation, jitter.hue
        )
        orders["".join("bcsh"[i] for i in order)] += 1
        factors.append(values)
    levels = torch.linspace(0, 1, 41, dtype=torch.float64)
    quantiles = torch.tensor(factors, dtype=torch.float64).quantile(levels, dim=0)
    names = ["brightness", "contrast", "saturation", "hue"]
    columns = {name: quantiles[:, i].tolist() for i, name in enumerate(names)}
    return {"orders": dict(sorted(orders.items())), "quantiles": columns}


def magnitudes(height, width):
    space = RandAugment(num_magnitude_bins=100)._augmentation_space(100, (height, width))
    values = {name: m.tolist() for name, (m, _) in space.items() if m.ndim}
    return {"height": height, "width": width, **values}


golden = {
    "torchvision": torchvision.__version__,
    "draws": DRAWS,
    "crops": [crops(32, 32, 0.08), crops(16, 16, 0.35), crops(24, 40, 0.08), crops(8, 40, 0.08)],
    "jitter": jitters(),
    "magnitudes": [magnitudes(32, 32), magnitudes(16, 24), magnitudes(96, 64)],
}
pathlib.Path(__file__).with_name("sampling.json").write_text(json.dumps(golden) + "\n")
