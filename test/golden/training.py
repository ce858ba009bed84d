"""training.py - one whole training step in PyTorch, as our method defines it.

A world is a dict: networks "G" and "EMA" (G's average), discriminators "D" or "D_t" and
"D_s", and the Adam optimisers "opt_G" and "opt_D". The trained discriminator is "D" or
"D_t"; "D_s" is frozen.

Each D step and the G step is a phase: one power iteration for each network that trains,
since each network is called once in it. Frozen modules are in eval mode: one power
iteration from the stored u, nothing written.
"""
import copy

import torch
import torch.nn.functional as F

import golden_tools as tools
import models

BATCH, D_STEPS = 4, 2
LR_G, LR_D, BETAS, ADAM_EPS = 5e-4, 2e-4, (0.0, 0.999), 1e-8
EMA_DECAY = 0.999
LAMBDA = 0.5  # the weight of D_t in G's loss; 1 - LAMBDA is D_s's


def trained(world):
    return "D" if "D" in world else "D_t"


def freeze(module):
    module.eval().requires_grad_(False)


def unfreeze(module):
    module.train().requires_grad_(True)


def add_optimisers(world, lr_scale):
    for name, net, lr in (("opt_G", "G", LR_G), ("opt_D", trained(world), LR_D)):
        world[name] = torch.optim.Adam(world[net].parameters(), lr * lr_scale, BETAS,
                                       ADAM_EPS)


def clone(world):
    return copy.deepcopy(world)  # in one call: the optimisers follow their parameters


def to_double(world):
    """A float64 copy."""
    world = clone(world)
    for item in world.values():
        if isinstance(item, torch.nn.Module):
            item.double()
        else:
            for state in item.state.values():
                state["exp_avg"] = state["exp_avg"].double()
                state["exp_avg_sq"] = state["exp_avg_sq"].double()
    return world


def hinge(margin):
    """relu, whose kink the inputs must stay away from; margin is of order 1: 1e-3 is near."""
    models.note_kink(margin, 100.0)
    return F.relu(margin)


def apply(optimiser, net, gradients):
    """One update. A frozen parameter has no gradient: Adam leaves it and its count.

    With beta1 = 0 a parameter's first update is lr times the sign of its gradient: a kink,
    for elements near 0 (1e-4 of the RMS is near), but not for those that are truly 0."""
    largest = max(models.rms(g) for g in gradients.values())
    for name, p in net.named_parameters():
        p.grad = gradients.get(name)
        if p.grad is not None and p not in optimiser.state:
            rms = models.rms(p.grad)
            if rms > 1e-5 * largest:
                models.note_kink(p.grad[p.grad != 0], 20 * rms, True)
    optimiser.step()


def walk(world, x, z_d, z_g):
    """One whole step, in place: D_STEPS D phases, one G phase, the EMA.

    x [D_STEPS, BATCH, channels, size, size], z_d [D_STEPS, BATCH, z_dim], z_g [BATCH,
    z_dim]. Gives losses, scores, and the gradients of the last D phase and of G."""
    g, d = world["G"], world[trained(world)]
    assert g.training and d.linear.training
    scalars = {"loss_d_real": [], "loss_d_fake": []}
    values = {"d_real": [], "d_fake": []}
    for i in range(D_STEPS):
        with torch.no_grad():  # training mode: writes BN statistics and u
            fake = g(z_d[i])
        score_fake, score_real = d(torch.cat([fake, x[i]])).flatten().split(BATCH)
        real, fake = hinge(1 - score_real).mean(), hinge(1 + score_fake).mean()
        d_grads = tools.gradients(real + fake, d)
        apply(world["opt_D"], d, d_grads)
        for name, value in (("loss_d_real", real), ("loss_d_fake", fake)):
            scalars[name].append(value.detach())
        values["d_real"].append(score_real.detach())
        values["d_fake"].append(score_fake.detach())
    fake = g(z_g)
    score = d(fake).flatten()
    loss = -score.mean()
    values["g_score"] = score.detach()
    if "D_s" in world:
        score_s = world["D_s"](fake).flatten()
        loss = -(LAMBDA * score + (1 - LAMBDA) * score_s).mean()
        values["g_score_s"] = score_s.detach()
    g_grads = tools.gradients(loss, g)
    apply(world["opt_G"], g, g_grads)
    with torch.no_grad():
        ema, live = world["EMA"].state_dict(), g.state_dict()
        for name in ema:
            ema[name].copy_(EMA_DECAY * ema[name] + (1 - EMA_DECAY) * live[name])
    stack = lambda d: {n: torch.stack(v) if isinstance(v, list) else v for n, v in d.items()}
    return {"scalars": stack({**scalars, "loss_g": loss.detach()}), "values": stack(values),
            "grads": {"G": g_grads, trained(world): d_grads}}


def buffers(world):
    return {name + "." + n: b for name in ("G", trained(world))
            for n, b in tools.buffers(world[name]).items()}


def state(world):
    """All state as {path: tensor}; Adam's step counts as "<net>/count/<name>"."""
    result = {}
    for net in ("G", "EMA", trained(world)) + (("D_s",) if "D_s" in world else ()):
        for kind, tensors in (("params", tools.params(world[net])),
                              ("buffers", tools.buffers(world[net]))):
            result.update({"%s/%s/%s" % (net, kind, n): t for n, t in tensors.items()})
    for net, optimiser in (("G", "opt_G"), (trained(world), "opt_D")):
        for n, p in world[net].named_parameters():
            s = world[optimiser].state.get(p) or {}
            result["%s/v/%s" % (net, n)] = s.get("exp_avg_sq", torch.zeros_like(p)).clone()
            result["%s/count/%s" % (net, n)] = torch.tensor(int(s.get("step", 0)))
    return {n: t.detach() for n, t in result.items()}


class Log:
    """Everything of a run, to be stacked along a leading axis of states or steps."""

    def __init__(self, world):
        self.states, self.steps = [state(world)], []

    def add(self, world, inputs, result, result64):
        self.states.append(state(world))
        self.steps.append((inputs, result, result64))

    def write(self, file, every_state):
        for path in self.states[0]:
            states = self.states
            if path.startswith("D_s/"):
                assert all(torch.equal(s[path], states[0][path]) for s in states)
                file.put("/" + path, states[0][path])
                continue
            if not every_state:
                states = [states[0], states[-1]]
            elif path.startswith("EMA/"):
                states = states[:2]
            file.put("/" + path, torch.stack([s[path] for s in states]))
        for key in self.steps[0][0]:
            file.put("/" + key, torch.stack([s[0][key] for s in self.steps]))
        for kind in ("scalars", "values"):
            for key in self.steps[0][1][kind]:
                file.put("/" + key, torch.stack([s[1][kind][key] for s in self.steps]))
        if every_state:
            self.write_gradients(file)

    def write_gradients(self, file):
        for net in self.steps[-1][1]["grads"]:
            stacked, norms = {}, {}
            for name, like in self.steps[-1][1]["grads"][net].items():
                zero = torch.zeros_like(like)  # a frozen parameter has none
                pick = lambda i: [s[i]["grads"][net].get(name, zero) for s in self.steps]
                stacked[name] = torch.stack(pick(1))
                norms[name] = [float(g.norm()) for g in pick(2)]
            file.put_gradients("/%s/grad" % net, stacked, norms)
