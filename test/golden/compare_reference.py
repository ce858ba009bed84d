"""compare_reference.py - do models.py and the reference's own code agree?

    python3 compare_reference.py BIGGAN_DIR [CLASSIFIER_DIR]

BIGGAN_DIR holds BigGAN.py and layers.py of a checkout of ajbrock/BigGAN-PyTorch or of
the FairTL release; CLASSIFIER_DIR the release's clf_models.py. Copies random weights, runs
both in training and in eval mode, in float32 and in float64, and prints the largest
difference of outputs, gradients and buffers, relative to the tensor's largest element (of
gradients: in norm, relative to the tensor's norm plus 1e-2 of the network's largest). Exit
status 1 when one is above 1e-4 (float32) or 1e-10 (float64), or names differ.

The classifier is compared up to layer4: the release then pools to 2x2 (with zeros counted
in), ours pools to 1x1, so their fc differ.
"""
import sys

import torch

import golden_tools as tools
import models

failed = False


def report(what, difference):
    global failed
    limit = 1e-4 if torch.get_default_dtype() == torch.float32 else 1e-10
    print("%-44s %.2e" % (what, difference))
    failed = failed or not difference <= limit


def check(ours, theirs, x, run_ours, run_theirs, what, skip=()):
    mine, reference = ours.state_dict(), theirs.state_dict()
    names = [n for n in reference if not n.startswith(skip)] if skip else list(reference)
    if [n for n in mine if not (skip and n.startswith(skip))] != names:
        sys.exit("%s: names differ: %s" % (what, sorted(set(mine) ^ set(reference))))
    theirs.load_state_dict({**reference, **{n: mine[n] for n in names}})
    for mode in ("train", "eval"):
        ours.train(mode == "train")
        theirs.train(mode == "train")
        y, y_ref = run_ours(x), run_theirs(x)
        w = torch.randn_like(y)
        report("%s %s output" % (what, mode), tools.relative(y, y_ref))
        if mode == "train":
            params, params_ref = dict(ours.named_parameters()), dict(theirs.named_parameters())
            used = [n for n in params if n in names]
            g = torch.autograd.grad((w * y).sum(), [params[n] for n in used])
            g_ref = torch.autograd.grad((w * y_ref).sum(), [params_ref[n] for n in used])
            scale = max(float(b.norm()) for b in g_ref)
            report("%s gradients" % what,
                   max(float((a - b).norm() / (b.norm() + 1e-2 * scale))
                       for a, b in zip(g, g_ref)))
            after = theirs.state_dict()
            report("%s buffers after" % what,
                   max(tools.relative(b, after[n]) for n, b in ours.named_buffers()
                       if n in names))


def compare_all(dtype):
    torch.set_default_dtype(dtype)
    torch.manual_seed(1)
    print(dtype)
    import BigGAN
    for resolution in (32, 64):
        common = dict(resolution=resolution, n_classes=1, SN_eps=models.SN_EPS, G_attn="0",
                      D_attn="0", G_shared=False, BN_eps=models.BN_EPS)
        ref = BigGAN.Generator(G_ch=8, dim_z=16, **common)
        ours = tools.perturb(models.Generator(resolution, 8, 16, 3))
        y = torch.zeros(4, dtype=torch.long)
        check(ours, ref, torch.randn(4, 16), ours, lambda z: ref(z, y), "G%d" % resolution)
        ref_d = BigGAN.Discriminator(D_ch=8, D_wide=True, **common)
        ours = tools.perturb(models.Discriminator(resolution, 8, 3))
        x = tools.images(4, 3, resolution)
        check(ours, ref_d, x, ours, lambda x: ref_d(x, y), "D%d" % resolution)
    if len(sys.argv) > 2:
        import clf_models
        ref_c = clf_models.ResNet18(clf_models.BasicBlock, [2, 2, 2, 2], 2)
        ours = tools.perturb(models.ResNet18(64, 3, 2))
        caught = []
        ref_c.layer4.register_forward_hook(lambda m, i, o: caught.append(o))
        run = lambda x: (ref_c(x), caught.pop())[1]
        check(ours, ref_c, tools.images(4, 3, 64), ours.features, run, "ResNet18", ("fc.",))


def main():
    torch.set_num_threads(1)
    sys.path[:0] = sys.argv[1:]
    compare_all(torch.float32)
    compare_all(torch.float64)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
