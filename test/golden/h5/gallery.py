#!/usr/bin/python3
"""Makes gallery.h5: images as another program may store them, compressed and planar.

Written with h5py 3.7.0, HDF5 1.10.8. Run in this folder.
"""
import h5py
import numpy as np

n, c, y, x = np.ogrid[:5, :3, :4, :6]
with h5py.File("gallery.h5", "w", libver="earliest") as f:
    f.create_dataset("images", data=(n * 40 + c * 9 + y * 7 + x).astype("u1"),
                     chunks=(2, 3, 4, 6), compression="gzip")
