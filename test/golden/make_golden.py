"""make_golden.py - write the golden files.

    /usr/bin/python3 make_golden.py [--out DIR] [CASE ...]

Cases: biggan32 biggan64 resnet18_32 resnet18_64 r1 adam step trajectory fairtlpp; all
without arguments. Each file depends on its own seed only. README.md says what they hold.
Everything is computed in float32 on one thread; a float64 run of the same thing from the
same float32 state tells how much of it is rounding (printed, and stored as attributes).
"""
import argparse
import copy
import os
import sys

import torch
import torch.nn.functional as F

import golden_tools as tools
import models
import training

SEEDS = {"biggan32": 11, "biggan64": 12, "resnet18_32": 13, "resnet18_64": 14, "r1": 15,
         "adam": 16, "step": 17, "trajectory": 18, "fairtlpp": 19}


def norms(gradients):
    return {n: float(g.norm()) for n, g in gradients.items()}


# ---- one network, forward and backward ---------------------------------------------------


def pass_through(net, x, w):
    """Training mode: output, gradients of sum(w * y), buffers afterwards."""
    net.train()
    x = x.clone().requires_grad_()
    y = net(x)
    loss = (w * y).sum()
    grads = tools.gradients(loss, net, retain_graph=True)
    grad_x, = torch.autograd.grad(loss, x)
    return y.detach(), grads, grad_x, tools.buffers(net)


def write_pass(file, group, x_name, net, draw):
    """One network's group; draws its input. `net` stays in its state. Gives (x, noise)."""
    net.eval()
    w = torch.randn_like(net(draw()))
    run = lambda x: pass_through(copy.deepcopy(net), x, w)
    x, (out, grads, grad_x, after) = tools.draw_clear_of_kinks(draw, run, group)
    out64, grads64, grad_x64, after64 = pass_through(
        copy.deepcopy(net).double(), x.double(), w.double())
    noise = tools.Noise()
    noise.add_values({"out": out, **after}, {"out": out64, **after64})
    noise.add_gradients(grads, grads64)
    noise.add_gradients({"x": grad_x}, {"x": grad_x64})
    file.put_all(group + "/params", tools.params(net))
    file.put_all(group + "/buffers", tools.buffers(net))
    file.put(group + "/" + x_name, x)
    file.put(group + "/w", w)
    file.put(group + "/out_train", out)
    file.put(group + "/out_eval", net(x))
    file.put_all(group + "/buffers_after", after)
    file.put_gradients(group + "/grad", grads, norms(grads64))
    file.put(group + "/grad_" + x_name, grad_x)
    return x, noise


def make_biggan(path, resolution, ch, z_dim, channels, batch, settled):
    file = tools.File(path, resolution=resolution, ch=ch, z_dim=z_dim, channels=channels,
                      batch=batch)
    draw_z = lambda: torch.randn(batch, z_dim)
    draw_x = lambda: tools.images(batch, channels, resolution)
    g = tools.perturb(models.Generator(resolution, ch, z_dim, channels))
    d = tools.perturb(models.Discriminator(resolution, ch, channels))
    if settled:
        tools.settle(g, draw_z)
        tools.settle(d, draw_x)
    tools.tune_scores(d, tools.images(32, channels, resolution))
    _, noise = write_pass(file, "/G", "z", g, draw_z)
    _, noise_d = write_pass(file, "/D", "x", d, draw_x)
    noise.values = max(noise.values, noise_d.values)
    noise.gradients = max(noise.gradients, noise_d.gradients)
    file.close(noise)
    return noise


def make_resnet(path, size, width, channels, batch, n_classes):
    file = tools.File(path, resolution=size, width=width, channels=channels, batch=batch,
                      n_classes=n_classes)
    net = tools.perturb(models.ResNet18(width, channels, n_classes))
    x, noise = write_pass(file, "/C", "x", net, lambda: tools.images(batch, channels, size))
    labels = torch.arange(batch) % n_classes

    def cross_entropy(net, x):
        logits = net.train()(x)
        losses = F.cross_entropy(logits, labels, reduction="none")
        grads = tools.gradients(losses.mean(), net, retain_graph=True)
        grad_logits, = torch.autograd.grad(losses.mean(), logits)
        return {"losses": losses.detach(), "grad_logits": grad_logits}, grads

    values, grads = cross_entropy(copy.deepcopy(net), x)
    values64, grads64 = cross_entropy(copy.deepcopy(net).double(), x.double())
    noise.add_values(values, values64)
    noise.add_gradients(grads, grads64)
    file.put("/C/labels", labels)
    file.put("/C/ce/losses", values["losses"])
    file.put("/C/ce/loss", values["losses"].mean())
    file.put("/C/ce/grad_logits", values["grad_logits"])
    file.put_gradients("/C/ce/grad", grads, norms(grads64))
    file.close(noise)
    return noise


# ---- second derivatives ------------------------------------------------------------------


def make_r1(path, resolution=32, ch=4, channels=1, batch=4, gamma=10.0):
    file = tools.File(path, resolution=resolution, ch=ch, channels=channels, batch=batch,
                      gamma=gamma)
    draw = lambda: tools.images(batch, channels, resolution)
    start = tools.perturb(models.Discriminator(resolution, ch, channels))
    tools.tune_scores(tools.settle(start, draw), tools.images(32, channels, resolution))

    def penalty(net, x):
        x = x.clone().requires_grad_()
        out = net.train()(x)
        slope, = torch.autograd.grad(out.sum(), x, create_graph=True)
        per_sample = slope.square().sum([1, 2, 3])
        loss = gamma / 2 * per_sample.mean()
        values = {"out": out, "grad_x": slope, "per_sample": per_sample, "loss": loss}
        grads = tools.gradients(loss, net)
        return {n: v.detach() for n, v in values.items()}, grads, tools.buffers(net)

    run = lambda x: penalty(copy.deepcopy(start), x)
    x, (values, grads, after) = tools.draw_clear_of_kinks(draw, run, "r1")
    values64, grads64, after64 = penalty(copy.deepcopy(start).double(), x.double())
    noise = tools.Noise()
    noise.add_values({**values, **after}, {**values64, **after64})
    noise.add_gradients(grads, grads64)
    file.put_all("/D/params", tools.params(start))
    file.put_all("/D/buffers", tools.buffers(start))
    file.put("/D/x", x)
    file.put_all("/D/r1", values)
    file.put_all("/D/buffers_after", after)
    file.put_gradients("/D/grad", grads, norms(grads64))
    file.close(noise)
    return noise


# ---- the optimiser alone -----------------------------------------------------------------


def make_adam(path, steps=10):
    file = tools.File(path, steps=steps, adam_eps=1e-8)
    variants = {  # lr, beta1, beta2, steps in which p1 has no gradient
        "plain": (5e-4, 0.0, 0.999, 0), "momentum": (5e-4, 0.5, 0.999, 0),
        "skip": (5e-4, 0.0, 0.999, 5), "skip_momentum": (5e-4, 0.5, 0.999, 5),
        "classifier": (1e-3, 0.9, 0.999, 0)}
    for variant, (lr, beta1, beta2, n_skipped) in variants.items():
        p = {"p0": torch.randn(5, 3, 3, 3), "p1": torch.randn(17)}
        for value in p.values():
            value.requires_grad_()
        optimiser = torch.optim.Adam(list(p.values()), lr, (beta1, beta2), 1e-8)
        log = {n: {"param": [v.detach().clone()], "grad": [], "m": [torch.zeros_like(v)],
                   "v": [torch.zeros_like(v)], "count": [0]} for n, v in p.items()}
        for k in range(steps):
            for n, value in p.items():
                # Magnitudes from 1e-9 (where eps counts) to 1e1, and exact zeros.
                grad = torch.randn_like(value) * 10 ** torch.empty_like(value).uniform_(-9, 1)
                grad[torch.rand_like(grad) < 0.1] = 0
                skipped = n == "p1" and k < n_skipped
                value.grad = None if skipped else grad
                log[n]["grad"].append(torch.zeros_like(grad) if skipped else grad)
            optimiser.step()
            for n, value in p.items():
                state = optimiser.state.get(value) or {}
                log[n]["param"].append(value.detach().clone())
                log[n]["m"].append(state.get("exp_avg", log[n]["m"][0]).clone())
                log[n]["v"].append(state.get("exp_avg_sq", log[n]["v"][0]).clone())
                log[n]["count"].append(int(state.get("step", 0)))
        for n in p:
            for kind, values in log[n].items():
                stacked = torch.tensor(values) if kind == "count" else torch.stack(values)
                file.put("/%s/%s/%s" % (variant, kind, n), stacked)
        file.attributes.update({variant + "_lr": lr, variant + "_beta1": beta1,
                                variant + "_beta2": beta2,
                                variant + "_n_skipped": n_skipped})
    file.close()


# ---- training ----------------------------------------------------------------------------

NET = dict(resolution=32, ch=2)


def make_run(path, world, n_images, every_state, steps, frozen_at=lambda world, k: None, **attributes):
    """Walk `steps` whole training steps; store the states, the inputs, what came out.

    every_state: states 0 to steps and all gradients, and the float64 run starts from each
    state anew; else states 0 and steps only, and the float64 run walks all the way.
    frozen_at(world, k) sets what is frozen before step k."""
    batch, channels = training.BATCH, attributes["channels"]
    file = tools.File(path, batch=batch, steps=steps, d_steps=training.D_STEPS,
                      adam_beta1=training.BETAS[0], adam_beta2=training.BETAS[1],
                      adam_eps=training.ADAM_EPS, ema_decay=training.EMA_DECAY,
                      **attributes)
    z_dim = attributes["z_dim"]
    data = tools.images(n_images, channels, attributes["resolution"])
    walk = lambda world, data, inputs: training.walk(
        world, data[inputs["x_index"]], inputs["z_d"], inputs["z_g"])

    def draw():
        return {"x_index": torch.randint(n_images, (training.D_STEPS, batch)),
                "z_d": torch.randn(training.D_STEPS, batch, z_dim),
                "z_g": torch.randn(batch, z_dim)}

    # Second moments away from 0: Adam's very first update is the gradient's sign.
    frozen_at(world, 0)
    for _ in range(2):
        walk(world, data, draw())
    noise, log = tools.Noise(), training.Log(world)

    def well_conditioned(run_result):
        """No loss so near to 0 that rounding of scores of order 1 is much of it, and D
        has something to learn in each D step."""
        losses = run_result[1]["scalars"]
        d_losses = losses["loss_d_real"] + losses["loss_d_fake"]
        return bool((d_losses > 0.1).all()) and all(
            bool(((loss == 0) | (loss.abs() > 0.05)).all()) for loss in losses.values())

    for k in range(steps):
        frozen_at(world, k)

        def run(inputs):
            world_k = training.clone(world)
            return world_k, walk(world_k, data, inputs)

        inputs, (after, result) = tools.draw_clear_of_kinks(
            draw, run, "step %d" % k, well_conditioned, 5e-6)
        if every_state or k == 0:  # else it walks on by itself, as float64 does
            double = training.to_double(world)
        inputs64 = {n: v.double() if v.is_floating_point() else v for n, v in inputs.items()}
        result64 = walk(double, data.double(), inputs64)
        for n in ("scalars", "values"):
            noise.add_values(result[n], result64[n])
        noise.add_values(training.buffers(after), training.buffers(double))
        for name in result["grads"]:
            noise.add_gradients(result["grads"][name], result64["grads"][name])
        world = after
        log.add(world, inputs, result, result64)
    if not every_state:
        for name in ("G", training.trained(world)):
            noise.add_values(tools.params(world[name]), tools.params(double[name]))
    file.put("/images", data)
    log.write(file, every_state)
    file.close(noise)
    return noise


def new_world(channels, z_dim, discriminators, lr_scale=1.0):
    """Random networks with fresh optimisers; no two of them have equal weights."""
    draw_z = lambda: torch.randn(8, z_dim)
    draw_x = lambda: tools.images(8, channels, NET["resolution"])
    world = {}
    for name in ("G", "EMA"):
        net = tools.perturb(models.Generator(NET["resolution"], NET["ch"], z_dim, channels))
        world[name] = tools.settle(net, draw_z, 50)
    with torch.no_grad():
        fake = world["G"].eval()(torch.randn(32, z_dim))
        world["G"].train()
    for name in discriminators:
        net = tools.perturb(models.Discriminator(NET["resolution"], NET["ch"], channels))
        tools.settle(net, draw_x)
        x = tools.images(32, channels, NET["resolution"])
        world[name] = tools.tune_scores(net, torch.cat([fake, x]))
    training.add_optimisers(world, lr_scale)
    return world


def make_step(path):
    world = new_world(1, 8, ["D"])
    return make_run(path, world, 24, True, 10, lr_g=training.LR_G, lr_d=training.LR_D,
                    channels=1, z_dim=8, **NET)


def make_trajectory(path):
    world = new_world(1, 8, ["D"], 1 / 50)
    return make_run(path, world, 24, False, 10, lr_g=training.LR_G / 50,
                    lr_d=training.LR_D / 50, channels=1, z_dim=8, **NET)


def make_fairtlpp(path, lp_steps=3, ft_steps=2):
    world = new_world(3, 8, ["D_t", "D_s"])

    def frozen_at(world, k):
        training.freeze(world["D_s"])
        training.unfreeze(world["D_t"])
        if k < lp_steps:
            training.freeze(world["D_t"].blocks[0])

    return make_run(path, world, 12, True, lp_steps + ft_steps, frozen_at,
                    lr_g=training.LR_G, lr_d=training.LR_D, channels=3, z_dim=8,
                    lp_steps=lp_steps, **{"lambda": training.LAMBDA}, **NET)


CASES = {
    "biggan32": lambda p: make_biggan(p, 32, ch=4, z_dim=16, channels=1, batch=4,
                                      settled=False),
    "biggan64": lambda p: make_biggan(p, 64, ch=2, z_dim=16, channels=3, batch=2,
                                      settled=True),
    "resnet18_32": lambda p: make_resnet(p, 32, 6, 1, 4, 2),
    "resnet18_64": lambda p: make_resnet(p, 64, 4, 3, 3, 4),
    "r1": make_r1,
    "adam": make_adam,
    "step": make_step,
    "trajectory": make_trajectory,
    "fairtlpp": make_fairtlpp,
}


def main():
    parser = argparse.ArgumentParser(description="Write the golden files.")
    parser.add_argument("--out", default=os.path.dirname(os.path.abspath(__file__)))
    parser.add_argument("cases", nargs="*", metavar="CASE", help=" ".join(CASES))
    arguments = parser.parse_args()
    for case in arguments.cases or CASES:
        if case not in CASES:
            sys.exit("%s: no such case; there are %s" % (case, " ".join(CASES)))
    torch.set_num_threads(1)
    for case in arguments.cases or CASES:
        torch.manual_seed(SEEDS[case])
        path = os.path.join(arguments.out, case + ".h5")
        noise = CASES[case](path)
        text = "" if noise is None else (
            "  float32 noise: values %.1e, gradients %.1e" % (noise.values, noise.gradients))
        print("%-12s %7d bytes%s" % (case, os.path.getsize(path), text))


if __name__ == "__main__":
    main()
