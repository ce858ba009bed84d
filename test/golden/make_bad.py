"""make_bad.py - write bad/: files that an importer must refuse, or survive.

    /usr/bin/python3 make_bad.py [--out DIR]          (needs python3-pil, python3-h5py)

test_bad.c has what each of them must give. Everything is drawn here.
"""
import argparse
import gzip
import hashlib
import io
import os
import struct
import zlib

import h5py
import numpy as np
from PIL import Image

WIDTH, HEIGHT = 40, 24


def picture(mode):
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    channels = [40 + 5 * x, 40 + 8 * y, 255 - 3 * x - 2 * y, 200 - 4 * y]
    pixels = np.stack(channels[:len(mode)], -1).astype(np.uint8)
    return Image.fromarray(pixels[..., 0] if len(mode) == 1 else pixels, mode)


def encode(mode, kind, **options):
    stream = io.BytesIO()
    picture(mode).save(stream, kind, **options)
    return stream.getvalue()


def grey16():
    stream = io.BytesIO()
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    Image.fromarray((1000 * x + 900 * y).astype(np.uint16)).save(stream, "PNG")
    return stream.getvalue()


def palette():
    stream = io.BytesIO()
    picture("RGB").quantize(32).save(stream, "PNG")
    return stream.getvalue()


def marker(jpeg, code):
    """Where a marker begins."""
    at = 2
    while jpeg[at + 1] != code:
        at += 2 + struct.unpack(">H", jpeg[at + 2:at + 4])[0]
    return at


def cuts(name, data, places):
    return {"%s-cut-%s" % (part, name): data[:at] for part, at in places.items()}


def jpeg_cuts(name, data, sof):
    scan = marker(data, 0xDA)
    return cuts(name, data, {"header": 11, "tables": marker(data, sof),
                             "scan": scan + (len(data) - scan) // 2, "end": len(data) - 2})


def claim(jpeg, sof, side):
    at = marker(jpeg, sof)
    return jpeg[:at + 5] + struct.pack(">HH", side, side) + jpeg[at + 9:]


def images():
    base = encode("RGB", "JPEG", quality=90)
    progressive = encode("RGB", "JPEG", quality=90, progressive=True)
    grey, inks = encode("L", "JPEG", quality=90), encode("CMYK", "JPEG", quality=90)
    adobe = marker(inks, 0xEE)
    ycck = inks[:adobe + 15] + b"\x02" + inks[adobe + 16:]
    png = encode("RGB", "PNG")
    data = png.index(b"IDAT")
    sof = marker(base, 0xC0)
    files = {}
    for name, jpeg, code in (("baseline.jpg", base, 0xC0), ("progressive.jpg", progressive, 0xC2),
                             ("grey.jpg", grey, 0xC0), ("cmyk.jpg", inks, 0xC0),
                             ("ycck.jpg", ycck, 0xC0)):
        files.update(jpeg_cuts(name, jpeg, code))
    files.update(cuts("rgb.png", png, {"signature": 8, "header": 20, "data": data + 40, "end": len(png) - 12}))
    for name, other in (("grey16.png", grey16()), ("palette.png", palette()), ("rgba.png", encode("RGBA", "PNG"))):
        at = other.index(b"IDAT")
        files.update(cuts(name, other, {"header": 20, "data": at + 40, "end": len(other) - 12}))
    turned = Image.Exif()
    turned[0x112] = 6
    exif = encode("RGB", "JPEG", quality=90, exif=turned)
    files.update(cuts("exif.jpg", exif, {"exif": marker(exif, 0xE1) + 12, "scan": len(exif) - 60}))
    files["crc.png"] = png[:data + 8] + bytes([png[data + 8] ^ 1]) + png[data + 9:]
    files["empty.jpg"] = files["empty.png"] = b""
    files["text.jpg"] = b"This is no image.\n"
    files["gif.png"] = encode("L", "GIF")
    files["png-named.jpg"] = png
    files["jpeg-named.png"] = base
    files["deep.jpg"] = base[:sof + 4] + b"\x0c" + base[sof + 5:]
    files["lossless.jpg"] = base[:sof + 1] + b"\xc3" + base[sof + 2:]
    files["bomb.jpg"] = claim(base, 0xC0, 60000)
    files["bomb-progressive.jpg"] = claim(progressive, 0xC2, 20000)
    header = struct.pack(">II", 60000, 60000) + png[24:29]
    files["bomb.png"] = png[:16] + header + struct.pack(">I", zlib.crc32(b"IHDR" + header)) + png[33:]
    return files


def tables():
    rows = "a.png,1\nb.png,0\n"
    return {
        # Good, in spite of how they look.
        "crlf.csv": ("file,x\n" + rows).replace("\n", "\r\n").encode(),
        "bom.csv": b"\xef\xbb\xbf" + ("file,x\n" + rows).encode(),
        "quotes.csv": b'"file","x"\n"a.png","1"\n"b.png",0\n',
        "no-end.csv": ("file,x\n" + rows).rstrip().encode(),
        "row-without-image.csv": ("file,x\n" + rows + "lost.png,1\n").encode(),
        "image-without-row.csv": b"file,x\na.png,1\n",
        "signs.csv": b"file,x\na.png,1\nb.png,-1\n",
        # Refused.
        "empty.csv": b"",
        "few-cells.csv": b"file,x,y\na.png,1,2\nb.png,0\n",
        "many-cells.csv": b"file,x\na.png,1\nb.png,0,3\n",
        "open-quote.csv": b'file,x\na.png,"1\nb.png,0\n',
        "behind-quote.csv": b'file,x\n"a.png" 1,1\n',
        "zero-byte.csv": b"file,x\na.png,\x001\n",
        "column-twice.csv": b"file,x,x\na.png,1,1\n",
        "no-name.csv": b"file,\na.png,1\n",
        "row-twice.csv": ("file,x\n" + rows + "a.png,0\n").encode(),
        "other-names.csv": b"file,x\nimages/a.png,1\nimages/b.png,0\n",
        "slash.csv": b"file,a/b\na.png,1\n",
        # Taken, but of no use to a run: all images are in one group.
        "one-group.csv": b"file,x\na.png,1\nb.png,1\n",
    }


def idx(kind, dims, data):
    return bytes([0, 0, kind, len(dims)]) + b"".join(struct.pack(">I", d) for d in dims) + data


def idx_files():
    """Replacements of one file of a set with one image in either part."""
    image = bytes(range(36))
    whole = gzip.compress(idx(8, (1, 6, 6), image), mtime=0)
    return {
        "type.idx": idx(13, (1, 6, 6), image),
        "rank.idx": idx(8, (1, 36), image),
        "cut-header.idx": idx(8, (1, 6, 6), b"")[:9],
        "cut-data.idx": idx(8, (1, 6, 6), image[:-1]),
        "too-long.idx": idx(8, (1, 6, 6), image + b"x"),
        "no-images.idx": idx(8, (0, 6, 6), b""),
        "two-images.idx": idx(8, (2, 6, 6), 2 * image),
        "bomb.idx": idx(8, (0xffffffff, 0xffff, 0xffff), image),
        "wide-bomb.idx": idx(8, (1, 60000, 60000), image),
        "cut-gzip.idx": whole[:-12],
        "bit-gzip.idx": whole[:-20] + bytes([whole[-20] ^ 8]) + whole[-19:],
        "empty.idx": b"",
    }


def lists():
    """Instead of list_attr_celeba.txt, for images 000001.jpg and 000002.jpg."""
    rows = "000001.jpg -1  1\n000002.jpg  1 -1\n"
    return {
        "crlf.txt": ("2\nMale Young\n" + rows).replace("\n", "\r\n").encode(),
        "row-without-image.txt": ("3\nMale Young\n" + rows + "000003.jpg 1 1\n").encode(),
        "image-without-row.txt": b"1\nMale Young\n000001.jpg 1 1\n",
        "cut-between-rows.txt": b"2\nMale Young\n000001.jpg 1 1\n",
        "cut-in-row.txt": b"2\nMale Young\n000001.jpg -1  1\n000002.jpg  1",
        "many-values.txt": b"1\nMale Young\n000001.jpg 1 1 1\n",
        "value.txt": b"1\nMale Young\n000001.jpg 1 0\n",
        "row-twice.txt": ("3\nMale Young\n" + rows + "000001.jpg 1 1\n").encode(),
        "no-count.txt": ("Male Young\n" + rows).encode(),
        "no-names.txt": b"2\n",
        "empty.txt": b"",
        "zero-byte.txt": b"1\nMale\n000001.jpg\x00 1\n",
        "names-twice.txt": b"1\nMale Male\n000001.jpg 1 1\n",
    }


def hdf5(datasets=True, **attributes):
    stream = io.BytesIO()
    with h5py.File(stream, "w", libver="earliest") as f:
        for name, value in attributes.items():
            f.attrs[name] = value
        if datasets:
            f["images"] = np.zeros((2, 4, 4, 3), "u1")
    return stream.getvalue()


def seal(data):
    return data + b"FTLSEAL1" + struct.pack("<Q", len(data)) + hashlib.sha256(data).digest()


def files_h5():
    """In place of a pack or a checkpoint."""
    pack = {"format": "fairtl-pack", "importer": "idx", "options": ""}
    run = {"format": "fairtl-checkpoint", "kind": "training", "fairtl": "9.9.9"}
    later = seal(hdf5(format_version=np.int32(3), **pack))
    return {
        "empty.h5": b"",
        "text.h5": b"This is no HDF5 file, but it is longer than a trailer is.\n",
        "text-sealed.h5": seal(b"no HDF5"),
        "foreign.h5": hdf5(),
        "foreign-sealed.h5": seal(hdf5()),
        "other-format-sealed.h5": seal(hdf5(format="fairtl-else")),
        "earlier-pack.h5": seal(hdf5(format_version=np.int32(1), **pack)),
        "later-pack.h5": later,
        "no-trailer-pack.h5": later[:-48],
        "cut-trailer-pack.h5": later[:-1],
        "long-pack.h5": later[:-48] + b"x" + later[-48:],
        "later-checkpoint.h5": seal(hdf5(False, format_version=np.array([2, 0], "i4"), **run)),
        "newer-checkpoint.h5": seal(hdf5(False, format_version=np.array([1, 1], "i4"), **run)),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "bad"))
    out = parser.parse_args().out
    for folder, files in (("image", images()), ("csv", tables()), ("idx", idx_files()), ("celeba", lists()), ("h5", files_h5())):
        os.makedirs(os.path.join(out, folder), exist_ok=True)
        for name, data in files.items():
            with open(os.path.join(out, folder, name), "wb") as file:
                file.write(data)


if __name__ == "__main__":
    main()
