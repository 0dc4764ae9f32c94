"""PyTorch's side of train_bench.ts: trains the network that the arguments name (network, batch
size, threads, steps a round, mode, precision, device); for each line of stdin it does a round and
prints the median milliseconds a step. Modes: eager (channels_last, fused Adam) and compile (the same
under torch.compile). Precisions: float32 (if none is named), tf32 and bfloat16 (autocast). Devices:
cpu (if none is named) and cuda.
"""

import os
import sys
import time

# Idle OpenMP threads would otherwise spin while the other side is measured.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
from torch import nn
from torch.nn import functional as F

NETWORK, MODE = sys.argv[1], sys.argv[5]
BATCH, THREADS, STEPS = map(int, sys.argv[2:5])
PRECISION = sys.argv[6] if len(sys.argv) > 6 else "float32"
DEVICE = sys.argv[7] if len(sys.argv) > 7 else "cpu"
if DEVICE == "cuda" and not torch.cuda.is_available():
    sys.exit(f"PyTorch {torch.__version__} finds no GPU")
torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = PRECISION == "tf32"
torch.backends.cudnn.benchmark = True
torch.set_num_threads(THREADS)
torch.manual_seed(0)


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        return F.relu(self.bn2(self.conv2(y)) + self.shortcut(x), inplace=True)


def build(widths, blocks):
    layers = [nn.Conv2d(3, widths[0], 3, 1, 1, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU(inplace=True)]
    inputs = widths[0]
    for group, (width, count) in enumerate(zip(widths, blocks)):
        for block in range(count):
            layers.append(Block(inputs, width, 2 if group and not block else 1))
            inputs = width
    head = [nn.Linear(inputs, 1024, bias=False), nn.ReLU(inplace=True), nn.Linear(1024, 10, bias=False)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), *head)


NETWORKS = {
    "narrow8": ([8, 16, 32], [1, 1, 1]),
    "narrow": ([16, 32, 64], [1, 1, 1]),
    "resnet18": ([64, 128, 256, 512], [2, 2, 2, 2]),
}
side = 32 if NETWORK == "resnet18" else 16
model = build(*NETWORKS[NETWORK])
model = model.to(DEVICE, memory_format=torch.channels_last)
optimiser = torch.optim.Adam(model.parameters(), 1e-3, fused=True)
images = torch.randint(0, 256, (BATCH, side, side, 3), dtype=torch.uint8)
labels = torch.randint(0, 10, (BATCH,))


def compute_loss(x, y):
    with torch.autocast(DEVICE, torch.bfloat16, enabled=PRECISION == "bfloat16"):
        return F.mse_loss(model(x).float(), y)


if MODE == "compile":
    compute_loss = torch.compile(compute_loss)


def step():
    start = time.perf_counter()
    x = images.to(DEVICE).permute(0, 3, 1, 2).float().div_(255)  # channels_last without a copy
    optimiser.zero_grad()
    loss = compute_loss(x, F.one_hot(labels.to(DEVICE), 10).float())
    loss.backward()
    optimiser.step()
    loss.item()
    return (time.perf_counter() - start) * 1000


for _ in range(3):
    step()
setting = "torch.compile, " if MODE == "compile" else ""
place = torch.cuda.get_device_name() if DEVICE == "cuda" else f"{THREADS} thread(s)"
if PRECISION != "float32":
    place += f", {PRECISION}"
print(f"PyTorch {torch.__version__}, {setting}channels_last, fused Adam, {place}", flush=True)
for _ in sys.stdin:
    times = sorted(step() for _ in range(STEPS))
    print(times[len(times) // 2], flush=True)
