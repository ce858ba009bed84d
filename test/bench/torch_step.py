"""torch_step.py - the steps of bench_step.c in PyTorch, as well as it can do them.

    torch_step.py CASE PRECISION LAYOUT [STEPS]

    PRECISION  fp32 | bf16 (autocast)
    LAYOUT     contiguous | channels_last

Two steps warm up. Then, without STEPS, a line on standard input asks for one step more.
Prints "ready" when warm, "ms <milliseconds>" for each step, and at the end
"mib <peak resident set>". The networks are those of the golden files.
"""
import os
import resource
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "golden"))

import torch
import torch.nn.functional as F

import models

IMAGES, D_STEPS, Z_DIM, WARM_UP, SAMPLE_BATCH = 2048, 2, 128, 2, 64
CASES = {
    "biggan64-ch32-b16": ("gan", 64, 32, 16),
    "biggan64-ch64-b8": ("gan", 64, 64, 8),
    "biggan32-ch64-b64": ("gan", 32, 64, 64),
    "resnet18-b64": ("classifier", 64, 64, 64),
    "sample-biggan64-10k": ("sample", 64, 32, SAMPLE_BATCH),
}


class Images:
    """Batches from packed bytes, every other image mirrored."""

    def __init__(self, px, layout):
        self.bytes = torch.randint(0, 256, (IMAGES, px, px, 3), dtype=torch.uint8)
        self.layout, self.position = layout, 0

    def next(self, batch):
        index = torch.arange(self.position, self.position + batch) * 7919 % IMAGES
        self.position += batch
        x = self.bytes[index].permute(0, 3, 1, 2).float().div_(127.5).sub_(1)
        x[1::2] = x[1::2].flip(3)
        return x.contiguous(memory_format=self.layout)


def adam(network, rate, beta1):
    """The fastest that this PyTorch has: fused from 2.4 on."""
    options = dict(lr=rate, betas=(beta1, 0.999))
    try:
        return torch.optim.Adam(network.parameters(), fused=True, **options)
    except (RuntimeError, TypeError):
        return torch.optim.Adam(network.parameters(), **options)


# Autocast stands around forward passes and losses; backward passes run outside, in the
# types of the forward pass, as PyTorch's guide has it.


def gan_step(px, ch, batch, layout, autocast):
    g = models.Generator(px, ch, Z_DIM, 3).to(memory_format=layout)
    d = models.Discriminator(px, ch, 3).to(memory_format=layout)
    ema = models.Generator(px, ch, Z_DIM, 3).to(memory_format=layout)
    opt_g, opt_d = adam(g, 5e-4, 0.0), adam(d, 2e-4, 0.0)
    images = Images(px, layout)
    averaged = [t for t in ema.state_dict().values()]
    live = [t for t in g.state_dict().values()]

    def step():
        d.requires_grad_(True)
        for _ in range(D_STEPS):
            with autocast():
                with torch.no_grad():
                    fake = g(torch.randn(batch, Z_DIM))
                x = torch.cat([fake, images.next(batch)])
                fake_score, real_score = d(x).flatten().split(batch)
                loss = F.relu(1 - real_score).mean() + F.relu(1 + fake_score).mean()
            opt_d.zero_grad(set_to_none=True)
            loss.backward()
            opt_d.step()
        d.requires_grad_(False)  # no weight gradients of D in G's step
        with autocast():
            loss = -d(g(torch.randn(batch, Z_DIM))).mean()
        opt_g.zero_grad(set_to_none=True)
        loss.backward()
        opt_g.step()
        with torch.no_grad():
            if hasattr(torch, "_foreach_lerp_"):
                torch._foreach_lerp_(averaged, live, 0.001)
            else:
                torch._foreach_mul_(averaged, 0.999)
                torch._foreach_add_(averaged, live, alpha=0.001)

    return step


def classifier_step(px, width, batch, layout, autocast):
    c = models.ResNet18(width, 3, 2).to(memory_format=layout)
    optimiser = adam(c, 1e-3, 0.9)
    images, label = Images(px, layout), torch.arange(batch) % 2

    def step():
        optimiser.zero_grad(set_to_none=True)
        with autocast():
            loss = F.cross_entropy(c(images.next(batch)), label)
        loss.backward()
        optimiser.step()

    return step


def sample_step(px, ch, batch, layout, autocast):
    g = models.Generator(px, ch, Z_DIM, 3).to(memory_format=layout).eval()

    def step():
        with torch.inference_mode(), autocast():
            x = g(torch.randn(batch, Z_DIM)).float()
            x.add(1).mul(127.5).add(0.5).clamp(0, 255).byte().permute(0, 2, 3, 1).contiguous()

    return step


def asked(steps):
    """As many steps as were named, or as lines come in."""
    print("ready", flush=True)
    return range(steps) if steps else sys.stdin


def main():
    if len(sys.argv) not in (4, 5) or sys.argv[1] not in CASES:
        sys.exit(__doc__)
    case, precision, mode = sys.argv[1:4]
    torch.manual_seed(1)
    # PyTorch counts cores in ways of its own; every one that we may use is meant.
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", len(os.sched_getaffinity(0)))))
    kind, px, ch, batch = CASES[case]
    layout = torch.channels_last if mode == "channels_last" else torch.contiguous_format
    make = {"gan": gan_step, "classifier": classifier_step, "sample": sample_step}[kind]
    step = make(px, ch, batch, layout,
                lambda: torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"))
    for _ in range(WARM_UP):
        step()
    for _ in asked(int(sys.argv[4]) if len(sys.argv) > 4 else 0):
        start = time.perf_counter()
        step()
        print("ms %.3f" % ((time.perf_counter() - start) * 1e3), flush=True)
    print("mib %.1f" % (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


if __name__ == "__main__":
    main()
