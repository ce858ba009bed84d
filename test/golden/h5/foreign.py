#!/usr/bin/python3
"""Makes foreign.h5: what other programs write and fairtl must read, or refuse.

Written with h5py 3.7.0, HDF5 1.10.8. Run in this folder.
"""
import h5py
import numpy as np

with h5py.File("foreign.h5", "w", libver="earliest") as f:
    f.attrs["text"] = "variable, with an \u00e4"
    f.attrs["bytes"] = np.bytes_("fixed")
    f.attrs["texts"] = ["a", "b"]
    f.attrs["number"] = np.int64(-7)
    f.attrs["half"] = np.float16(1.5)
    f["big_endian"] = np.arange(6, dtype=">f4").reshape(2, 3)
    f.create_dataset("chunked", data=np.arange(100, dtype="u1"), chunks=(10,),
                     compression="gzip")
    f["deep/er/strings"] = np.array([b"one", b"three"], dtype="S5")
    f["half"] = np.arange(3, dtype="f2")
    f["bool"] = np.array([True, False])
    f["variable"] = np.array(["a", "bc"], dtype=h5py.string_dtype())
    f["empty"] = h5py.Empty("f4")
    f["soft"] = h5py.SoftLink("/chunked")
    f["external"] = h5py.ExternalLink("other.h5", "/chunked")
    f["deep/again"] = f["big_endian"]
    f["loop/loop"] = f.create_group("loop")
    f.create_dataset("elsewhere", shape=(4,), dtype="u1", external="/etc/hostname")
