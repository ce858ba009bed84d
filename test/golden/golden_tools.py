"""golden_tools.py - what every golden case needs: weights, images, files, comparisons."""
import copy
import math

import h5py
import numpy as np
import torch
import torch.nn.functional as F

import models

MAX_DRAWS = 3000


def perturb(net):
    """Random parameters and buffers that leave nothing at a value that hides a mistake.

    Weights N(0, 1 / fan-in), biases N(0, 0.3^2), gains about 1, means about 0, variances
    in (0.5, 1.5), u0 N(0, 1)."""
    with torch.no_grad():
        for name, p in net.named_parameters():
            if name.endswith((".gain.weight", ".bias.weight", "bias")):
                p.normal_(0, 0.3)
            elif p.dim() == 1:
                p.normal_(1, 0.3)
            else:
                p.normal_(0, p[0].numel() ** -0.5)
        for name, b in net.named_buffers():
            if name.endswith("mean"):
                b.normal_(0, 0.3)
            elif name.endswith("var"):
                b.uniform_(0.5, 1.5)
            elif name.endswith("u0"):
                b.normal_(0, 1)
    return net


def settle(net, draw, passes=20):
    """Let u0 and the statistics follow the weights by training-mode passes on drawn
    inputs; then move each u0 a little, so that the next power iteration shows."""
    with torch.no_grad():
        for _ in range(passes):
            net.train()(draw())
        for name, b in net.named_buffers():
            if name.endswith("u0"):
                b.add_(torch.randn_like(b), alpha=0.3 * b.numel() ** -0.5)
    return net


def tune_scores(d, x):
    """Give D's scores on x mean 0 and a spread of order 1, with about the same mean on
    x's first half as on its second; D's buffers stay.

    Sum pooling makes large scores, and float32 rounding with them. So the last block's
    biases go down until a fifth of its outputs pass the last ReLU, and the vector of
    embed is the best of many at 60 to 140 degrees from that of linear."""
    caught = []
    last = d.blocks[-1][0]
    hook = last.register_forward_hook(lambda m, i, out: caught.append(out))
    with torch.no_grad():
        d.eval()(x)
        last.conv2.bias -= caught[0].transpose(0, 1).flatten(1).quantile(0.8, dim=1)
        d(x)
        hook.remove()
        h = F.relu(caught[1]).sum([2, 3])
        unit = F.normalize(d.linear.weight, dim=1)
        best = None
        for _ in range(1000):
            other = torch.randn_like(unit)
            other = F.normalize(other - (other @ unit.t()) * unit, dim=1)
            angle = math.radians(60 + 80 * float(torch.rand(())))
            vector = math.cos(angle) * unit + math.sin(angle) * other
            scores = h @ (unit + vector).t()
            real, fake = scores.chunk(2)
            off = abs(math.log(float(scores.std()))) + abs(float(real.mean() - fake.mean()))
            if best is None or off < best[0]:
                best = off, vector
        d.embed.weight.copy_(1.5 * best[1])
        d.linear.bias -= d(x).mean()
    return d.train()


def images(n, channels, size):
    """Smooth random images in (-1, 1), of different brightness and contrast."""
    contrast = torch.empty(n, 1, 1, 1).uniform_(0.2, 2)
    brightness = torch.randn(n, channels, 1, 1) * 0.5
    coarse = torch.randn(n, channels, size // 4, size // 4)
    x = F.interpolate(coarse, size=size, mode="bilinear", align_corners=False)
    x = x + 0.2 * torch.randn(n, channels, size, size)
    return torch.tanh(brightness + contrast * x)


def params(net):
    return {n: p.detach().clone() for n, p in net.named_parameters()}


def buffers(net):
    """Without num_batches_tracked, which nothing here reads."""
    return {n: b.detach().clone() for n, b in net.named_buffers()
            if not n.endswith("num_batches_tracked")}


def gradients(loss, net, retain_graph=False):
    """d loss / d each parameter; zeros where the loss does not depend on it."""
    named = {n: p for n, p in net.named_parameters() if p.requires_grad}
    g = torch.autograd.grad(loss, list(named.values()), retain_graph=retain_graph,
                            allow_unused=True)
    return {n: torch.zeros_like(p) if d is None else d.detach()
            for (n, p), d in zip(named.items(), g)}


def draw_clear_of_kinks(draw, run, what, good=lambda result: True, distance=1e-5):
    """Draw inputs until run(inputs) meets no kink and is good: (inputs, its result).

    No differentiated ReLU input, max-pool runner-up or hinge then lies nearer to its kink
    than `distance`, relative to the RMS of its tensor: 5 to 10 times and more what float32
    rounding moves it."""
    for i in range(MAX_DRAWS):
        inputs = draw()
        with models.kink_distances() as distances:
            result = run(inputs)
        if min(distances) > distance and good(result):
            return inputs, result
    raise RuntimeError("%s: every one of %d draws met a kink or was no good" % (what, MAX_DRAWS))


def relative(a, b):
    """max |a - b| / max |b|"""
    a, b = a.detach().double(), b.detach().double()
    return float((a - b).abs().max() / max(float(b.abs().max()), 1e-30))


class Noise:
    """What float32 itself does: differences between the float32 and float64 runs.

    `values` is the largest ||a - b|| / ||b|| of outputs, losses and buffers, `gradients`
    the largest ||a - b|| / (||b|| + 1e-2 s), s the network's largest gradient norm."""

    def __init__(self):
        self.values, self.gradients = 0.0, 0.0

    def add_values(self, single, double):
        for n in single:
            a, b = single[n].double(), double[n]
            self.values = max(self.values, float((a - b).norm() / (b.norm() + 1e-30)))

    def add_gradients(self, single, double):
        scale = max(float(g.norm()) for g in double.values())
        for n in single:
            a, b = single[n].double(), double[n]
            self.gradients = max(self.gradients,
                                 float((a - b).norm() / (b.norm() + 1e-2 * scale)))


class File:
    """One golden file: float32 datasets (int32 for counts and labels), root attributes."""

    def __init__(self, path, **attributes):
        self.path, self.datasets = path, {}
        self.attributes = dict(torch=torch.__version__, numpy=np.__version__,
                               h5py=h5py.__version__, script="test/golden/make_golden.py",
                               bn_eps=models.BN_EPS, bn_momentum=models.BN_MOMENTUM,
                               sn_eps=models.SN_EPS, **attributes)

    def put(self, path, value, **attributes):
        value = torch.as_tensor(value).detach()
        kind = np.float32 if value.is_floating_point() else np.int32
        assert path not in self.datasets
        self.datasets[path] = value.numpy().astype(kind), attributes

    def put_all(self, group, tensors):
        for name, value in tensors.items():
            self.put(group + "/" + name, value)

    def put_gradients(self, group, single, norm64):
        """Gradients; the attribute norm64 of each is the norm of the float64 gradient (an
        array over the steps for a sequence), which shows those that are truly 0."""
        for name, value in single.items():
            self.put(group + "/" + name, value, norm64=norm64[name])

    def close(self, noise=None):
        """Write it all, in the order of the names: equal contents give equal bytes."""
        if noise is not None:
            self.attributes.update(float32_noise_values=noise.values,
                                   float32_noise_gradients=noise.gradients)
        draft = h5py.File("draft", "w", driver="core", backing_store=False)
        for path, (value, attributes) in sorted(self.datasets.items()):
            draft.create_dataset(path, data=value).attrs.update(attributes)
        with h5py.File(self.path, "w") as h5:
            for key, value in sorted(self.attributes.items()):
                h5.attrs[key] = np.bytes_(value) if isinstance(value, str) else value
            for group in draft:  # a copy has no gaps: 5 % smaller
                draft.copy(group, h5)
        draft.close()
