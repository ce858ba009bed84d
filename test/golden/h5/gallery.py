#!/usr/bin/python3
"""Makes gallery.h5 and gallery_latest.h5: images as another program may store them,
compressed and planar, in the oldest and the newest format of HDF5.

Written with h5py 3.7.0, HDF5 1.10.8. Run in this folder.
"""
import h5py
import numpy as np

n, c, y, x = np.ogrid[:5, :3, :4, :6]
for name, libver in ("gallery.h5", "earliest"), ("gallery_latest.h5", "latest"):
    with h5py.File(name, "w", libver=libver) as f:
        f.create_dataset("images", data=(n * 40 + c * 9 + y * 7 + x).astype("u1"),
                         chunks=(2, 3, 4, 6), compression="gzip")
