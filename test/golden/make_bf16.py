"""make_bf16.py - write bf16.h5: how well PyTorch's gradients in bf16 agree with its own
in float32.

    /usr/bin/python3 make_bf16.py [--out DIR]

BigGAN's D and G phases with hinge losses, once in float32, once under CPU autocast to
bf16; of each parameter's two gradients the cosine of their angle, as
/<case>/<network>/<parameter>. Weights and inputs are too large to be stored: they follow
from a hash of their names, which test_bf16_gradients.c computes too. Parameters whose
true gradient is 0 are left out.
"""
import argparse
import copy
import os

import numpy as np
import torch
import torch.nn.functional as F

import golden_tools as tools
import models

DRAWS = 4  # batches of latents whose cosines are averaged
SETTLE = 20  # passes in training mode: singular vectors follow the weights
CASES = {"biggan32": dict(resolution=32, ch=16, z_dim=32, channels=3, batch=16),
         "biggan64": dict(resolution=64, ch=8, z_dim=32, channels=3, batch=16)}


def noise(name, shape):
    """Uniform numbers of mean 0 and deviation 1: SplitMix64 from the FNV-1a hash of name."""
    start = 0xcbf29ce484222325
    for byte in name.encode():
        start = (start ^ byte) * 0x100000001b3 % 2 ** 64
    count = int(np.prod(shape))
    with np.errstate(over="ignore"):
        x = np.uint64(start) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9e3779b97f4a7c15)
        x = (x ^ x >> np.uint64(30)) * np.uint64(0xbf58476d1ce4e5b9)
        x = (x ^ x >> np.uint64(27)) * np.uint64(0x94d049bb133111eb)
        x ^= x >> np.uint64(31)
    uniform = (x >> np.uint64(11)).astype(np.float64) * 2.0 ** -53
    return torch.from_numpy(((2 * uniform - 1) * 3 ** 0.5).astype(np.float32)).reshape(shape)


def fill(net, prefix):
    """Weights of variance 1 / fan-in, gains about 1, small biases, random u0."""
    with torch.no_grad():
        for name, p in net.named_parameters():
            p.copy_(noise(prefix + "." + name, tuple(p.shape)))
            if name.endswith((".gain.weight", "bias.weight", "bias")):
                p.mul_(0.05)
            elif p.dim() == 1:
                p.mul_(0.05).add_(1)
            else:
                p.mul_(p[0].numel() ** -0.5)
        for name, b in net.named_buffers():
            if name.endswith("u0"):
                b.copy_(noise(prefix + "." + name, tuple(b.shape)))
    return net.train()


def blurred(name, n, channels, size):
    """Images of squares, 8 px wide, with some noise."""
    coarse = noise(name + ".coarse", (n, channels, size // 8, size // 8))
    x = coarse.repeat_interleave(8, 2).repeat_interleave(8, 3)
    return torch.tanh(x + 0.2 * noise(name + ".fine", (n, channels, size, size)))


def d_phase(g, d, x, z, half):
    g, d = copy.deepcopy(g), copy.deepcopy(d)
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        with torch.no_grad():
            fake = g(z).float()
        real, fake = d(torch.cat([x, fake])).float().chunk(2)
        loss = F.relu(1 - real).mean() + F.relu(1 + fake).mean()
    return loss, tools.gradients(loss, d)


def g_phase(g, d, x, z, half):
    g, d = copy.deepcopy(g), copy.deepcopy(d)
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        loss = -d(g(z)).float().mean()
    return loss, tools.gradients(loss, g)


def cosines(single, half):
    largest = max(float(g.norm()) for g in single.values())
    for name, a in single.items():
        a, b = a.double().flatten(), half[name].double().flatten()
        if a.norm() > 1e-6 * largest:
            yield name, a @ b / (a.norm() * b.norm())


def make_case(file, case, resolution, ch, z_dim, channels, batch):
    g = fill(models.Generator(resolution, ch, z_dim, channels), "G")
    d = fill(models.Discriminator(resolution, ch, channels), "D")
    x, z = blurred("x", batch, channels, resolution), noise("z0", (batch, z_dim))
    with torch.no_grad():
        for k in range(SETTLE):
            d(g(noise("settle%d" % k, (batch, z_dim))))
        scores = copy.deepcopy(d)(torch.cat([x, copy.deepcopy(g)(z)]))
        shift = float(scores.mean())  # so that hinges are active
        d.linear.bias -= shift
    file.attributes[case + "_shift"] = shift
    for network, phase in (("D", d_phase), ("G", g_phase)):
        found = {}
        for draw in range(DRAWS):
            z = noise("z%d" % draw, (batch, z_dim))
            loss, single = phase(g, d, x, z, False)
            _, half = phase(g, d, x, z, True)
            if draw == 0:
                file.attributes["%s_loss_%s" % (case, network)] = float(loss)
            for name, value in cosines(single, half):
                found[name] = found.get(name, 0) + value / DRAWS
        file.put_all("/%s/%s" % (case, network), found)
        worst = min(found, key=found.get)
        print("%s %s: %d gradients, the worst cosine is %.4f (%s)" %
              (case, network, len(found), found[worst], worst))


def main():
    parser = argparse.ArgumentParser(description="Write bf16.h5.")
    parser.add_argument("--out", default=os.path.dirname(os.path.abspath(__file__)))
    torch.set_num_threads(1)
    file = tools.File(os.path.join(parser.parse_args().out, "bf16.h5"), settle=SETTLE, draws=DRAWS)
    file.attributes["script"] = "test/golden/make_bf16.py"
    for case, options in CASES.items():
        file.attributes.update({case + "_" + key: value for key, value in options.items()})
        make_case(file, case, **options)
    file.close()


if __name__ == "__main__":
    main()
