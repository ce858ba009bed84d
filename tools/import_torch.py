#!/usr/bin/python3
"""import_torch.py - BigGAN checkpoints of PyTorch <-> checkpoints of fairtl.

    import_torch.py import --g G.pth --d D.pth [--ema G_ema.pth] [--class N]
                     [--config CONFIG.yaml] -o OUT.h5
    import_torch.py export CHECKPOINT.h5 -o DIR

The .pth files are those that ajbrock/BigGAN-PyTorch and the code of fairTL write: state
dicts of one network each. Every tensor of the source is mapped or named as left out, with
the reason; every tensor of the target is filled; a missing one, one too many or one of
another shape is an error that names it. docs/pretrained.md says which models fit.

Debian: apt-get install python3-torch python3-h5py python3-numpy (and python3-yaml for
--config). Neither their code nor a GPU is needed.
"""
import argparse
import hashlib
import io
import os
import re
import sys
from typing import Dict, List, Tuple

sys.dont_write_bytecode = True  # leave nothing beside the sources
try:
    import h5py
    import numpy as np

    import import_torch_files as files
except ImportError as error:
    sys.exit(
        "import_torch.py: %s: install python3-torch, python3-h5py and python3-numpy, and "
        "run it with /usr/bin/python3" % error
    )
from import_torch_model import (
    Model,
    Refusal,
    Tensors,
    check_layout,
    discriminator_layout,
    generator_layout,
    infer_model,
    refuse,
)

# ---- import ------------------------------------------------------------------------------


def check_config(path: str, model: Model) -> None:
    """Does a run's configuration describe this model?"""
    try:
        import yaml
    except ImportError:
        refuse("--config needs python3-yaml: install it, or leave --config out")
    try:
        with open(path, encoding="utf-8") as file:
            config = yaml.safe_load(file)
    except yaml.YAMLError as error:
        refuse("%s: %s", path, " ".join(str(error).split()))
    section = config.get("model") if isinstance(config, dict) else None
    wanted = dict(arch="biggan", resolution=64, ch=64, z_dim=128)  # fairtl's defaults
    wanted.update(section if isinstance(section, dict) else {})
    found = dict(model._asdict(), arch="biggan")
    del found["channels"]  # of the images, in no configuration
    for key, value in found.items():
        if wanted[key] != value:
            refuse(
                "%s: model.%s is %s; that of the checkpoint is %s",
                path,
                key,
                wanted[key],
                value,
            )


def digest_of(path: str) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def run_import(options: argparse.Namespace) -> None:
    """The command `import`."""
    left_out: List[str] = []
    g = files.read_network(options.g, options.index, left_out)
    model = infer_model(g, options.g)
    check_layout(g, generator_layout(model), options.g, model)
    ema = g
    if options.ema:
        ema = files.read_network(options.ema, options.index, left_out)
        check_layout(ema, generator_layout(model), options.ema, model)
    d = files.read_network(options.d, options.index, left_out)
    check_layout(d, discriminator_layout(model), options.d, model)
    if options.config:
        check_config(options.config, model)
    sources = {"G": options.g, "G_ema": options.ema or options.g, "D": options.d}
    lines = [
        "%s: %s, sha256 %s" % (name, os.path.basename(path), digest_of(path))
        for name, path in sources.items()
    ]
    lines += ["left out: " + line for line in left_out]
    image = files.build_checkpoint(
        model, {"G": g, "G_ema": ema, "D": d}, "\n".join(lines) + "\n"
    )
    files.write_sealed(options.out, image)
    print(model)
    print("\n".join(lines))
    if not options.ema:
        print(
            "no --ema: the averaged generator, which is what fairtl samples and measures, "
            "is G itself"
        )
    print("written: %s" % options.out)


# ---- export ------------------------------------------------------------------------------

# What a run's checkpoint holds beside networks of the GAN. A prefix, and why it stays.
STAYS = {
    "adam.": "the optimisers' moments, which no state dict of a network has",
    "C.": "the attribute classifier",
    "G_best": "the best generators: checkpoints/*-best-*.h5 hold each as its G",
    "G_last.": "the last generator, where the best was chosen",
    "best_": "which looks were the best",
    "confusion": "the classifier's error counts",
    "looks": "the run's evaluations",
    "before": "the picture of the pre-trained generator",
    "importance": "weights of images",
    "lecam.": "LeCam's running means",
    "ewc.": "EWC's anchor",
}


def read_checkpoint(path: str) -> Tuple[Dict[str, Tensors], List[str]]:
    """The GAN's networks by name, and lines on what is left out."""
    networks: Dict[str, Tensors] = {}
    stays: Dict[str, int] = {}
    with h5py.File(io.BytesIO(files.read_sealed(path)), "r") as file:
        check_root(file, path)
        for full, dataset in file["tensors"].items():
            network, _, name = full.partition(".")
            prefix = next((p for p in STAYS if full.startswith(p)), None)
            if prefix:
                stays[prefix] = stays.get(prefix, 0) + 1
            elif name and re.fullmatch(r"G|G_ema|D|D_[^.]+", network):
                networks.setdefault(network, {})[name] = np.array(
                    dataset[()], dtype="<f4"
                )
            else:
                refuse(
                    "%s: holds a tensor %s, of which this program knows nothing",
                    path,
                    full,
                )
    for name in ("G", "G_ema", "D"):
        if name not in networks:
            refuse("%s: holds no network %s", path, name)
    return networks, [
        "left out: %s (%d tensors): %s" % (p.rstrip("."), n, STAYS[p])
        for p, n in stays.items()
    ]


def check_root(file: h5py.File, path: str) -> None:
    """Is it a checkpoint that this program can read?"""

    def text(name: str) -> str:
        value = file.attrs.get(name, b"")
        return value.decode() if isinstance(value, bytes) else str(value)

    if text("format") != files.FORMAT:
        refuse('%s: is no checkpoint: its format is "%s"', path, text("format"))
    version = tuple(int(n) for n in file.attrs["format_version"])
    if version != files.VERSION:
        refuse(
            "%s: has format version %d.%d; this program reads %d.%d",
            path,
            *version,
            *files.VERSION
        )
    if text("kind") not in ("training", "generator", "imported"):
        refuse("%s: is a %s checkpoint: it holds no GAN", path, text("kind"))


def run_export(options: argparse.Namespace) -> None:
    """The command `export`."""
    networks, left_out = read_checkpoint(options.checkpoint)
    model = infer_model(networks["G"], options.checkpoint)
    out: Dict[str, bytes] = {}
    for name, tensors in networks.items():
        layout = (
            generator_layout(model) if name[0] == "G" else discriminator_layout(model)
        )
        check_layout(tensors, layout, "%s: %s" % (options.checkpoint, name), model)
        out[os.path.join(options.out, name + ".pth")] = files.to_pth(tensors, layout)
    os.makedirs(options.out, exist_ok=True)
    for path in out:
        if os.path.exists(path):
            refuse("%s is there already; give another -o", path)
    for path, data in out.items():
        files.write_file(path, data)
    print("\n".join([str(model)] + left_out + ["written: " + path for path in out]))


# ---- the command line --------------------------------------------------------------------


def parse_arguments() -> argparse.Namespace:
    """Both commands' options."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser(
        "import", help="from .pth files to a checkpoint of fairtl"
    )
    command.add_argument("--g", metavar="G.pth", required=True, help="the generator")
    command.add_argument(
        "--d",
        metavar="D.pth",
        required=True,
        help="the discriminator (fairTL++ writes two: D_Quality.pth is the "
        "pre-trained one, D_Fair.pth the adapted one)",
    )
    command.add_argument(
        "--ema",
        metavar="G_ema.pth",
        help="the averaged generator, which is sampled and measured; without it: G",
    )
    command.add_argument(
        "--class",
        dest="index",
        metavar="N",
        type=int,
        help="of a model of several classes: the one to keep, from 0",
    )
    command.add_argument(
        "--config",
        metavar="CONFIG.yaml",
        help="refuse a model other than the one that it describes",
    )
    command.add_argument("-o", "--out", metavar="OUT.h5", required=True)
    command.set_defaults(run=run_import)
    command = commands.add_parser(
        "export", help="from a checkpoint of fairtl to .pth files"
    )
    command.add_argument("checkpoint", metavar="CHECKPOINT.h5")
    command.add_argument(
        "-o",
        "--out",
        metavar="DIR",
        required=True,
        help="where G.pth, G_ema.pth and D.pth go, and D_s.pth if there is one",
    )
    command.set_defaults(run=run_export)
    return parser.parse_args()


def main() -> int:
    """0: done, 1: the disk, 2: refused."""
    options = parse_arguments()
    try:
        options.run(options)
    except Refusal as refusal:
        print("import_torch.py: %s" % refusal, file=sys.stderr)
        return 2
    except OSError as error:
        print(
            "import_torch.py: %s: %s" % (error.filename or options.out, error.strerror),
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
