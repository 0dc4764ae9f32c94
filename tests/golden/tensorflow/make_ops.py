"""Values and gradients of the backend's operations, as PyTorch computes them.

Run: python make_ops.py (needs torch 2.14.1 and numpy; writes ops.json beside itself).
Arrays are float32, row-major, base64; images are NHWC and filters HWIO, as the backend takes them.
"""
import base64
import json
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

generator = torch.Generator().manual_seed(20230401)
arrays = {}


def normal(*shape):
    return torch.randn(*shape, generator=generator)


def save(name, tensor):
    array = np.ascontiguousarray(tensor.detach().numpy(), dtype="<f4")
    arrays[name] = {"shape": list(array.shape), "data": base64.b64encode(array).decode()}


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def hwio(w):
    return w.permute(2, 3, 1, 0)


def conv(kernel, stride, padding, side):
    name = f"conv k{kernel} s{stride} p{padding} {side}x{side}"
    x = normal(2, 3, side, side).requires_grad_()
    w = normal(4, 3, kernel, kernel).requires_grad_()
    y = F.conv2d(x, w, stride=stride, padding=padding)
    dy = normal(*y.shape)
    y.backward(dy)
    for key, value in dict(x=x, y=y, dy=dy, dx=x.grad).items():
        save(f"{name}/{key}", nhwc(value))
    save(f"{name}/w", hwio(w))
    save(f"{name}/dw", hwio(w.grad))


def batch_norm():
    norm = nn.BatchNorm2d(3)
    with torch.no_grad():
        norm.weight.copy_(normal(3))
        norm.bias.copy_(normal(3))
        norm.running_mean.copy_(normal(3))
        norm.running_var.copy_(normal(3).exp())
    for key in ("weight", "bias", "running_mean", "running_var"):
        save(f"norm/{key}", getattr(norm, key))
    for mode in ("training", "inference"):  # The second uses what the first left.
        norm.train(mode == "training")
        norm.zero_grad()
        x = (normal(4, 3, 5, 5) * 2 + 1).requires_grad_()
        y = norm(x)
        dy = normal(*y.shape)
        y.backward(dy)
        for key, value in dict(x=x, y=y, dy=dy, dx=x.grad).items():
            save(f"norm/{mode}/{key}", nhwc(value))
        save(f"norm/{mode}/dweight", norm.weight.grad)
        save(f"norm/{mode}/dbias", norm.bias.grad)
        save(f"norm/{mode}/running_mean", norm.running_mean)
        save(f"norm/{mode}/running_var", norm.running_var)


def max_pool():
    x = normal(2, 3, 6, 6).requires_grad_()
    y = F.max_pool2d(x, 2)
    dy = normal(*y.shape)
    y.backward(dy)
    for key, value in dict(x=x, y=y, dy=dy, dx=x.grad).items():
        save(f"pool/{key}", nhwc(value))


def optimiser(name, make):
    """Ten steps with a gradient of its own and another learning rate each."""
    w = normal(11).requires_grad_()
    optimiser = make([w])
    save(f"{name}/initial", w)
    gradients, values = [], []
    for step in range(10):
        optimiser.param_groups[0]["lr"] = 0.01 / (1 + step)
        w.grad = normal(11) * 10.0 ** -(step % 4)
        gradients.append(w.grad.clone())
        optimiser.step()
        values.append(w.detach().clone())
    save(f"{name}/gradients", torch.stack(gradients))
    save(f"{name}/values", torch.stack(values))


for kernel, padding in ((1, 0), (3, 1), (3, 0)):
    for stride in (1, 2):
        for side in (6, 7):
            conv(kernel, stride, padding, side)
batch_norm()
max_pool()
optimiser("adam 1e-8", lambda w: torch.optim.Adam(w, eps=1e-8))
optimiser("adam 1e-2", lambda w: torch.optim.Adam(w, eps=1e-2))
optimiser("momentum", lambda w: torch.optim.SGD(w, lr=1, momentum=0.9))
save("images", torch.arange(256, dtype=torch.uint8).div(255))  # torchvision's ToTensor

path = Path(__file__).with_name("ops.json")
path.write_text(json.dumps({"source": f"PyTorch {torch.__version__}, CPU", "arrays": arrays}))
