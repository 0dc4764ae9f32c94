"""Writes portable.json: values and gradients of the networks' operations, computed by PyTorch.

Run: python make_portable.py   (torch 2.14.1, float64 inside, written as float32 would hold them)
Images are NHWC and filters [K,K,C,O], as TensorFlow.js has them.
"""

import json
import pathlib

import torch
import torch.nn.functional as F

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)


def draw(*shape):
    """Values that float32 holds exactly, so that both sides start from the same numbers."""
    return torch.randn(*shape).float().double()


def tensor(x):
    return {"shape": list(x.shape), "values": [float(f"{v:.9g}") for v in x.detach().flatten().tolist()]}


def nhwc(x):
    return x.permute(0, 2, 3, 1).contiguous()


def conv_case(size, kernel, stride, padding):
    x = draw(2, size, size + 1, 3).requires_grad_()
    w = draw(kernel, kernel, 3, 4).requires_grad_()
    y = nhwc(F.conv2d(x.permute(0, 3, 1, 2), w.permute(3, 2, 0, 1), stride=stride, padding=padding))
    dy = draw(*y.shape)
    y.backward(dy)
    return {"stride": stride, "padding": padding, "x": tensor(x), "filter": tensor(w), "y": tensor(y),
            "dy": tensor(dy), "dx": tensor(x.grad), "dfilter": tensor(w.grad)}


def pool_case():
    x = draw(2, 4, 6, 3).requires_grad_()
    y = nhwc(F.max_pool2d(x.permute(0, 3, 1, 2), 2))
    dy = draw(*y.shape)
    y.backward(dy)
    return {"x": tensor(x), "y": tensor(y), "dy": tensor(dy), "dx": tensor(x.grad)}


def norm_case(training):
    x = (draw(3, 4, 5, 6) * 2 + 3).float().double().requires_grad_()
    gamma, beta = draw(6).requires_grad_(), draw(6).requires_grad_()
    mean, variance = draw(6), draw(6).abs()
    case = {"x": tensor(x), "gamma": tensor(gamma), "beta": tensor(beta), "mean": tensor(mean), "variance": tensor(variance)}
    y = nhwc(F.batch_norm(x.permute(0, 3, 1, 2), mean, variance, gamma, beta, training=training, momentum=0.1, eps=1e-5))
    dy = draw(*y.shape)
    y.backward(dy)
    return case | {"y": tensor(y), "dy": tensor(dy), "dx": tensor(x.grad), "dgamma": tensor(gamma.grad),
                   "dbeta": tensor(beta.grad), "newMean": tensor(mean), "newVariance": tensor(variance)}


def optimiser_case(make, steps=3):
    w = draw(5).requires_grad_()
    optimiser = make([w])
    start, gradients, values = tensor(w), [], []
    for _ in range(steps):
        w.grad = draw(5)
        gradients.append(tensor(w.grad))
        optimiser.step()
        values.append(tensor(w))
    return {"start": start, "gradients": gradients, "values": values}


golden = {
    "source": f"PyTorch {torch.__version__}, float64, make_portable.py",
    "convolutions": [conv_case(*c) for c in [(6, 3, 1, 1), (7, 3, 2, 1), (8, 3, 2, 1), (6, 1, 2, 0), (5, 3, 1, 0), (7, 5, 2, 2)]],
    "pool": pool_case(),
    "normTraining": norm_case(True),
    "normInference": norm_case(False),
    "adam": optimiser_case(lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.9, 0.999), eps=1e-8)),
    "momentum": optimiser_case(lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9)),
}
path = pathlib.Path(__file__).with_name("portable.json")
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
