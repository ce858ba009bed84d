"""make_resize.py - write resize.h5: one picture, fitted into squares by PyTorch.

    /usr/bin/python3 make_resize.py [--out DIR]

/pixels uint8 [height, width, 3]; /<fit>/<size> float32 [size, size, 3] in 0 .. 255, not
rounded. torch's antialiased bilinear interpolation is the same filter as ours.
"""
import argparse
import os

import h5py
import numpy as np
import torch
import torch.nn.functional as F

HEIGHT, WIDTH = 93, 71
SIZES = (24, 80)


def picture():
    """Noise, so that each tap counts, and flat blocks, so that rounding does."""
    rng = np.random.RandomState(7)
    pixels = rng.randint(0, 256, (HEIGHT, WIDTH, 3))
    pixels[10:40, 10:40] = (255, 0, 128)
    return pixels.astype(np.uint8)


def resize(pixels, height, width):
    x = torch.from_numpy(pixels).permute(2, 0, 1)[None].double()
    y = F.interpolate(x, (height, width), mode="bilinear", align_corners=False, antialias=True)
    return y[0].permute(1, 2, 0).numpy()


def crop(pixels, size):
    side = min(HEIGHT, WIDTH)
    top, left = (HEIGHT - side) // 2, (WIDTH - side) // 2
    return resize(pixels[top:top + side, left:left + side], size, size)


def pad(pixels, size):
    longer = max(HEIGHT, WIDTH)
    height, width = (int(np.floor(s * size / longer + 0.5)) for s in (HEIGHT, WIDTH))
    top, left = (size - height) // 2, (size - width) // 2
    out = np.zeros((size, size, 3))
    out[top:top + height, left:left + width] = resize(pixels, height, width)
    return out


def stretch(pixels, size):
    return resize(pixels, size, size)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default=os.path.dirname(os.path.abspath(__file__)))
    pixels = picture()
    with h5py.File(os.path.join(parser.parse_args().out, "resize.h5"), "w", track_order=False) as file:
        file.attrs["torch"] = np.bytes_(torch.__version__)
        file.attrs["script"] = np.bytes_("make_resize.py")
        file["pixels"] = pixels
        for fit in (crop, pad, stretch):
            for size in SIZES:
                file["%s/%d" % (fit.__name__, size)] = fit(pixels, size).astype(np.float32)


if __name__ == "__main__":
    main()
