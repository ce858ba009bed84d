"""draw_jpegs.py - JPEG files that decode like photographs: noise of all sizes.

    /usr/bin/python3 draw_jpegs.py DIR N WIDTH HEIGHT
"""
import os
import sys

import numpy as np
from PIL import Image

out, n, width, height = sys.argv[1], *map(int, sys.argv[2:])
os.makedirs(out)
rng = np.random.default_rng(1)
for i in range(n):
    picture = np.full((height, width, 3), 128, np.float32)
    for cell in (2, 4, 8, 16, 32, 64):
        grid = rng.integers(0, 256, (max(2, height // cell), max(2, width // cell), 3), np.uint8)
        layer = Image.fromarray(grid).resize((width, height), Image.BICUBIC)
        picture += (np.asarray(layer, np.float32) - 128) * (cell / 64)
    pixels = np.clip(picture, 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save("%s/%06d.jpg" % (out, i), quality=90)
