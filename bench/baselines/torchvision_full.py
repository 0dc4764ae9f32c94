"""torchvision's side of bench/augment_bench.ts: the paper's full augmentation on Pillow images, on
one thread.

    torchvision_full.py IMAGES SIDE VIEWS

IMAGES is a file of uint8 [n, SIDE, SIDE, 3]. Prints what it is; then, for each line on stdin, the
microseconds a view, measured over VIEWS views of each image, from Pillow image to Pillow image.
"""

import sys
import time

import numpy
import PIL
import torch
import torchvision
from PIL import Image
from torchvision import transforms

path, side, views = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(1)
torch.manual_seed(42)
arrays = numpy.fromfile(path, dtype=numpy.uint8).reshape(-1, side, side, 3)
images = [Image.fromarray(array) for array in arrays]
augment = transforms.Compose(
    [
        transforms.RandomResizedCrop(side),
        transforms.RandomHorizontalFlip(),
        transforms.RandomApply([transforms.ColorJitter(0.8, 0.8, 0.8, 0.2)], p=0.8),
        transforms.RandomGrayscale(p=0.2),
    ]
)

print(f"torchvision {torchvision.__version__}, Pillow {PIL.__version__}, 1 thread", flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    for image in images:
        for _ in range(views):
            augment(image)
    print((time.perf_counter() - start) * 1e6 / (len(images) * views), flush=True)
