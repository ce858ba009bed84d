"""make_corpus.py - write those inputs of corpus/ that are no text.

    /usr/bin/python3 make_corpus.py [--out DIR]          (needs python3-pil)

Everything is drawn here, as small as it can be: fuzzers work faster on small inputs.
The other files of corpus/ were written by hand, or found by the fuzzers (run.sh).
"""
import argparse
import gzip
import hashlib
import io
import os
import struct
import zlib

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 17, 9


def picture(mode, width=WIDTH, height=HEIGHT):
    y, x = np.mgrid[:height, :width]
    channels = [40 + 9 * x, 40 + 8 * y, 255 - 5 * x - 2 * y, 200 - 9 * y]
    count = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "CMYK": 4}[mode]
    pixels = np.stack(channels[:count], -1).astype(np.uint8)
    return Image.fromarray(pixels[..., 0] if count == 1 else pixels, mode)


def encode(image, kind, **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def exif(orientation, order):
    tiff = struct.pack(order + "HIHHHIHHI", 42, 8, 1, 0x112, 3, 1, orientation, 0, 0)
    return b"Exif\0\0" + (b"II" if order == "<" else b"MM") + tiff


def jpegs():
    rgb = picture("RGB")
    inks = encode(picture("CMYK"), "JPEG")
    adobe = inks.index(b"Adobe")
    return {
        "baseline": encode(rgb, "JPEG", quality=80, subsampling=0),
        "halved": encode(rgb, "JPEG", quality=80, subsampling=2),
        "progressive": encode(rgb, "JPEG", quality=60, progressive=True),
        "grey": encode(picture("L"), "JPEG", quality=60),
        "cmyk": inks,
        "ycck": inks[:adobe + 11] + b"\x02" + inks[adobe + 12:],
        "turned": encode(rgb, "JPEG", quality=60, exif=exif(6, "<")),
        "mirrored": encode(rgb, "JPEG", quality=60, exif=exif(2, ">")),
        "restarts": encode(rgb, "JPEG", quality=60, subsampling=0, restart_marker_blocks=1),
        # More pixels than fuzzers may decode at full size.
        "reduced": encode(picture("L", 520, 300), "JPEG", quality=1),
    }


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, colour, rows, *chunks, interlace=0):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks) +
            chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def pngs():
    palette = chunk(b"PLTE", bytes(range(12)))
    deep = b"".join(b"\0" + bytes(range(7 * y, 7 * y + 24)) for y in range(3))
    return {
        "rgb": encode(picture("RGB"), "PNG"),
        "rgba": encode(picture("RGBA"), "PNG"),
        "grey": encode(picture("L"), "PNG"),
        "grey-alpha": encode(picture("LA"), "PNG"),
        "palette": png(4, 2, 2, 3, b"\0\x1b\0\xe4", palette),
        "palette-alpha": png(4, 2, 2, 3, b"\0\x1b\0\xe4", palette, chunk(b"tRNS", b"\x80\0")),
        "bits": png(9, 2, 1, 0, b"\0\xa5\x80\0\x5a\0"),
        "transparent-grey": png(4, 1, 4, 0, b"\0\x12\x34", chunk(b"tRNS", b"\0\x03")),
        "deep-rgb": png(4, 3, 16, 2, deep, chunk(b"tRNS", bytes(6))),
        "deep-grey": png(4, 1, 16, 0, bytes(range(9))),
        "interlaced": png(3, 2, 8, 0, b"\0\1\0\2\0\3\0\4\5\6", interlace=1),
        "exif": png(2, 1, 8, 0, b"\0\x10\x20", chunk(b"eXIf", exif(8, ">")[6:])),
        "gamma": png(2, 1, 8, 0, b"\0\x10\x20", chunk(b"gAMA", struct.pack(">I", 45455))),
    }


def idx(n, side, seed=1):
    pixels = (np.arange(n * side * side) * 7 * seed % 251).astype(np.uint8)
    images = struct.pack(">IIII", 0x803, n, side, side) + pixels.tobytes()
    return images, struct.pack(">II", 0x801, n) + bytes(i % 10 for i in range(n))


def idx_files():
    def joined(images, labels):
        return struct.pack(">H", len(images)) + images + labels

    def zipped(data):
        return gzip.compress(data, 9, mtime=0)

    images, labels = idx(3, 5)
    same = images[:16] + images[16:41] * 3
    big, big_labels = idx(1, 28)
    return {
        "plain": joined(images, labels),
        "gzip": joined(zipped(images), zipped(labels)),
        "copies": joined(same, labels),
        "padded": joined(zipped(big), big_labels),
        "short": joined(images[:-1], labels),
        "more-labels": joined(images, idx(4, 1)[1]),
    }


def sealed(data):
    return data + b"FTLSEAL1" + struct.pack("<Q", len(data)) + hashlib.sha256(data).digest()


def seals():
    whole = sealed(b"contents")
    return {
        "whole": whole,
        "nothing": sealed(b""),
        "twice": sealed(sealed(b"x")),
        "cut": whole[:-1],
        "trailer-only": whole[8:],
        "flipped": b"c" + bytes([whole[1] ^ 1]) + whole[2:],
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default=os.path.join(os.path.dirname(__file__), "corpus"))
    out = parser.parse_args().out
    for target, files in (("jpeg", jpegs()), ("png", pngs()), ("idx", idx_files()),
                          ("seal", seals())):
        os.makedirs(os.path.join(out, target), exist_ok=True)
        for name, data in files.items():
            with open(os.path.join(out, target, name), "wb") as file:
                file.write(data)


if __name__ == "__main__":
    main()
