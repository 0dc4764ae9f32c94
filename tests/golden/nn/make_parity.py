"""Golden values of the networks, made by PyTorch and torchvision in double precision.

Run: python make_parity.py (torch 2.14.1, torchvision 0.29.1, numpy, pyarrow); writes parity.arrow
and architectures.arrow beside this file.

parity.arrow has one row a tensor. `value` is computed in float64; `error` tells how far PyTorch's
own float32 is from it: the largest difference as a fraction of the tensor's largest value, and of
those the largest among the tensors of the same kind (all gradients, all parameters after Adam, ...),
as a single tensor may be exact by luck. This is how far a float32 implementation may be expected
to be off. Layouts are TensorFlow's: images NHWC, filters HWIO, matrices [inputs, outputs].
"""

import math
import pathlib

import numpy as np
import pyarrow as pa
import torch
from torch import nn
from torch.nn import functional as F
from torchvision.models import resnet, vgg

HERE = pathlib.Path(__file__).parent
STEPS = 10
ADAM_RATE = 1e-3
MOMENTUM_RATE = 1e-2
LARS_RATE, LARS_TRUST, LARS_FLOOR = 0.5, 0.001, 0.02


class ResNet(nn.Module):
    """Small-image ResNet from torchvision's own blocks."""

    def __init__(self, widths, blocks, stem_stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(3, widths[0], 3, stem_stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        inputs, self.groups = widths[0], []
        for group, (width, count) in enumerate(zip(widths, blocks)):
            layers = []
            for block in range(count):
                stride = 2 if group > 0 and block == 0 else 1
                shortcut = None
                if stride != 1 or inputs != width:
                    shortcut = nn.Sequential(resnet.conv1x1(inputs, width, stride), nn.BatchNorm2d(width))
                layers.append(resnet.BasicBlock(inputs, width, stride, shortcut))
                inputs = width
            setattr(self, f"layer{group + 1}", nn.Sequential(*layers))
            self.groups.append(f"layer{group + 1}")

    def forward(self, x, seen):
        x = seen("stem", torch.relu(self.bn1(self.conv1(x))))
        for name in self.groups:
            x = seen(name, getattr(self, name)(x))
        return seen("embedding", x.mean((2, 3)))


class Vgg(nn.Module):
    """torchvision's VGG features, cut after each maximum; flattened as NHWC."""

    def __init__(self, plan, stem_stride=1):
        super().__init__()
        self.features = vgg.make_layers(plan)
        self.features[0].stride = (stem_stride, stem_stride)

    def forward(self, x, seen):
        group = 0
        for layer in self.features:
            x = layer(x)
            if isinstance(layer, nn.MaxPool2d):
                group += 1
                seen(f"layer{group}", x)
        return seen("embedding", x.permute(0, 2, 3, 1).flatten(1))


class Mlp(nn.Sequential):
    """Linear layers with ReLU on images flattened as NHWC."""

    def __init__(self, inputs, widths):
        layers = []
        for width in widths:
            layers += [nn.Linear(inputs, width), nn.ReLU()]
            inputs = width
        super().__init__(*layers)

    def forward(self, x, seen):
        x = seen("input", x.permute(0, 2, 3, 1).flatten(1))
        for i in range(0, len(self), 2):
            last = i + 2 == len(self)
            x = seen("embedding" if last else f"layer{i // 2 + 1}", self[i + 1](self[i](x)))
        return x


class Net(nn.Module):
    def __init__(self, encoder, widths):
        super().__init__()
        self.encoder = encoder
        layers = []
        for i, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
            layers += [nn.ReLU()] if i else []
            layers.append(nn.Linear(inputs, outputs, bias=False))
        self.projector = nn.Sequential(*layers)

    def forward(self, x, seen=lambda name, value: value):
        x = self.encoder(x, seen)
        last = len(self.projector) - 1
        for i, layer in enumerate(self.projector):
            x = layer(x)
            if isinstance(layer, nn.ReLU):
                seen("P" if i == last - 1 else f"P{(i + 1) // 2}", x)
        return seen("O", x)


CLASSES = 5
CASES = {
    # name: (images' side, batch, network, loss)
    "resnet18": (16, 6, lambda: Net(ResNet([4, 6, 8, 10], [2, 2, 2, 2]), [10, 24, CLASSES]), "mse"),
    "resnet-stride2": (16, 6, lambda: Net(ResNet([4, 6], [1, 1], 2), [6, 16, CLASSES]), "cross-entropy"),
    "narrow": (16, 8, lambda: Net(ResNet([4, 8, 12], [1, 1, 1]), [12, 16, 12, CLASSES]), "mse-scaled"),
    "vgg11": (32, 4, lambda: Net(Vgg([4, "M", 6, "M", 8, 8, "M", 10, 10, "M", 10, 10, "M"]), [10, 16, CLASSES]), "mse"),
    "vgg-stride2": (16, 4, lambda: Net(Vgg([4, "M", 6, "M"], 2), [24, 16, CLASSES]), "cross-entropy"),
    "mlp": (8, 6, lambda: Net(Mlp(192, [16, 12]), [12, 16, CLASSES]), "mse"),
}


def loss_of(kind, outputs, labels):
    if kind == "cross-entropy":
        return F.cross_entropy(outputs, labels)
    loss = F.mse_loss(outputs, F.one_hot(labels, CLASSES).to(outputs.dtype))
    return CLASSES * loss if kind == "mse-scaled" else loss


def layout(name, tensor):
    """PyTorch's layout to TensorFlow's."""
    value = tensor.detach()
    if value.ndim == 4:
        value = value.permute(2, 3, 1, 0) if name.endswith(".weight") else value.permute(0, 2, 3, 1)
    if value.ndim == 2 and name.endswith(".weight"):
        value = value.T
    return value.double().numpy()


def fresh(make, state, dtype):
    model = make().to(dtype)
    model.load_state_dict(state)
    return model


def lars_factor(step):
    """Cosine from 1 to LARS_FLOOR over STEPS steps."""
    return LARS_FLOOR + (1 - LARS_FLOOR) * (1 + math.cos(math.pi * step / STEPS)) / 2


def train(model, images, labels, kind, optimiser):
    """STEPS steps on one batch; returns the losses."""
    losses = []
    adam = torch.optim.Adam(model.parameters(), ADAM_RATE)
    sgd = torch.optim.SGD(model.parameters(), MOMENTUM_RATE, momentum=0.9)
    velocities = [torch.zeros_like(p) for p in model.parameters()]
    for step in range(STEPS):
        model.zero_grad()
        loss = loss_of(kind, model(images), labels)
        loss.backward()
        losses.append(loss.item())
        if optimiser == "adam":
            adam.step()
        elif optimiser == "momentum":
            sgd.step()
        else:  # You et al. 2017, with vectors left alone and without weight decay
            with torch.no_grad():
                for p, v in zip(model.parameters(), velocities):
                    g = p.grad
                    if p.ndim > 1 and p.norm() > 0 and g.norm() > 0:
                        g = g * (LARS_TRUST * p.norm() / g.norm())
                    v.mul_(0.9).add_(g)
                    p.sub_(LARS_RATE * lars_factor(step) * v)
    return losses


def measure(make, state, images, labels, kind, dtype):
    """Everything that is compared, by name."""
    result, images = {}, images.to(dtype) / 255
    model = fresh(make, state, dtype)

    def see(prefix):
        def seen(name, value):
            result[f"{prefix}/{name}"] = layout("", value)
            return value
        return seen

    model.train()
    outputs = model(images)
    result["training/O"] = layout("", outputs)
    loss = loss_of(kind, outputs, labels)
    loss.backward()
    result["loss"] = np.array(loss.item())
    for name, p in model.named_parameters():
        result[f"gradient/{name}"] = layout(name, p.grad)
    for optimiser in ("adam", "momentum", "lars"):
        model = fresh(make, state, dtype).train()
        result[f"{optimiser}/losses"] = np.array(train(model, images, labels, kind, optimiser))
        for name, value in model.state_dict().items():
            if not name.endswith("num_batches_tracked"):
                result[f"{optimiser}/{name}"] = layout(name, value)
        if optimiser == "momentum":  # the running statistics are far from 0 and 1 by now
            model.eval()(images, see("evaluation"))
    return result


def kind_of(name):
    return name.split("/")[0]


def rows_of(case):
    side, batch, make, kind = CASES[case]
    torch.manual_seed(sum(map(ord, case)))
    model = make()
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        if isinstance(module, nn.BatchNorm2d):  # so that no gradient is right by symmetry
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
    state = {name: value.clone() for name, value in model.state_dict().items()}
    images = torch.randint(0, 256, (batch, 3, side, side))
    labels = torch.arange(batch) % CLASSES
    exact = measure(make, state, images, labels, kind, torch.float64)
    single = measure(make, state, images, labels, kind, torch.float32)
    values = {"images": layout("", images), "labels": labels.double().numpy()}
    values |= {f"initial/{name}": layout(name, v) for name, v in state.items() if not name.endswith("tracked")}
    values |= exact
    errors = {}
    for name, value in exact.items():
        error = np.abs(value - single[name]).max() / np.abs(value).max()
        errors[kind_of(name)] = max(error, errors.get(kind_of(name), 0))
    return [
        {
            "case": case,
            "name": name,
            "shape": list(value.shape),
            "value": value.astype(np.float32).ravel(),
            "error": float(errors.get(kind_of(name), 0)),
        }
        for name, value in values.items()
    ]


def architecture_rows():
    """Names and shapes of the full-size encoders' parameters."""
    small = resnet.resnet18()
    small.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
    del small.fc
    for case, module in {"resnet18": small, "vgg11": nn.ModuleDict({"features": vgg.vgg11().features})}.items():
        for name, p in module.named_parameters():
            shape = list(layout(name, p).shape)
            yield {"case": case, "name": f"encoder.{name}", "shape": shape}


def schedule_rows():
    """Learning rates by PyTorch's schedulers: base 2, 12 epochs of 5 steps."""
    schedulers = {
        "cosine": lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 60, eta_min=2 * 0.02),
        "thirds": lambda o: torch.optim.lr_scheduler.StepLR(o, 20, 0.1),
        "warm-up": lambda o: torch.optim.lr_scheduler.LinearLR(o, 1 / 10, 1, 9),
    }
    for name, make in schedulers.items():
        optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 2)
        scheduler, rates = make(optimiser), []
        for _ in range(60):
            rates.append(scheduler.get_last_lr()[0])
            optimiser.step()
            scheduler.step()
        yield {"case": "schedule", "name": name, "shape": [60], "value": rates, "error": 0.0}


def write(path, rows, schema):
    table = pa.Table.from_pylist(list(rows), schema)
    with pa.ipc.new_file(HERE / path, schema) as writer:
        writer.write_table(table)
    print(path, table.num_rows, "rows", (HERE / path).stat().st_size, "bytes")


if __name__ == "__main__":
    torch.set_num_threads(1)
    names = [("case", pa.utf8()), ("name", pa.utf8()), ("shape", pa.list_(pa.int32()))]
    values = [("value", pa.list_(pa.float32())), ("error", pa.float64())]
    rows = [row for case in CASES for row in rows_of(case)] + list(schedule_rows())
    write("parity.arrow", rows, pa.schema(names + values))
    write("architectures.arrow", architecture_rows(), pa.schema(names))
