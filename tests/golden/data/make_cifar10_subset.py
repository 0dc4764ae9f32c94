"""Writes cifar10_subset.json: facts about a subset of CIFAR-10, read with nothing but NumPy.

Run from this folder: python make_cifar10_subset.py "$CIFAR10_SUBSET"
The images themselves are not part of the project; the test that uses these facts runs only where
CIFAR10_SUBSET names the same archive.
"""

import hashlib
import json
import sys
import tarfile

import numpy as np

FILES = {
    "train": [f"cifar-10-batches-bin/data_batch_{i}.bin" for i in range(1, 6)],
    "test": ["cifar-10-batches-bin/test_batch.bin"],
}


def describe(archive, names):
    raw = b"".join(archive.extractfile(name).read() for name in names)
    records = np.frombuffer(raw, np.uint8).reshape(-1, 3073)
    labels = records[:, 0].astype("<i4")
    images = np.ascontiguousarray(records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
    scaled = images.reshape(-1, 3) / 255
    return {
        "count": len(labels),
        "countByClass": np.bincount(labels, minlength=10).tolist(),
        "mean": scaled.mean(0).tolist(),
        "standardDeviation": scaled.std(0).tolist(),
        "pixelSha256": hashlib.sha256(images.tobytes()).hexdigest(),
        "labelSha256": hashlib.sha256(labels.tobytes()).hexdigest(),
    }


with open(sys.argv[1], "rb") as file:
    digest = hashlib.sha256(file.read()).hexdigest()
with tarfile.open(sys.argv[1]) as archive:
    golden = {
        "source": f"NumPy {np.__version__}",
        "archiveSha256": digest,
        **{split: describe(archive, names) for split, names in FILES.items()},
    }
with open("cifar10_subset.json", "w") as out:
    json.dump(golden, out, indent=1)
    out.write("\n")
