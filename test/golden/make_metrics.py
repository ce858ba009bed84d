"""make_metrics.py - write metrics.h5: sets of features, and metrics of quality by numpy.

    /usr/bin/python3 make_metrics.py [--out DIR]

/<case>/real, /<case>/generated float32 [n, d]. Attributes of a case: frechet; kid and
kid_error over BLOCKS blocks; precision, recall, density, coverage of NEIGHBOURS
neighbours. All in double precision, and as the papers write them down.
"""
import argparse
import os

import h5py
import numpy as np

BLOCKS, NEIGHBOURS = 10, 5


def frechet(x, y):
    """Heusel et al. 2017, equation 6. With centred data A and B, whose covariances are
    A'A / (n - 1) and B'B / (m - 1), the trace of the root of their product is the sum of
    the singular values of A B': no covariance is needed, whatever its rank."""
    a, b = x - x.mean(0), y - y.mean(0)
    a, b = a / np.sqrt(len(x) - 1), b / np.sqrt(len(y) - 1)
    common = np.linalg.svd(a @ b.T, compute_uv=False).sum()
    gap = x.mean(0) - y.mean(0)
    return gap @ gap + (a * a).sum() + (b * b).sum() - 2 * common


def frechet_by_covariances(x, y):
    """The same as it is usually computed; exact where both covariances have full rank."""
    s, t = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    root = np.sqrt(np.linalg.eigvals(s @ t).astype(complex)).real.sum()
    gap = x.mean(0) - y.mean(0)
    return gap @ gap + np.trace(s) + np.trace(t) - 2 * root


def mmd(x, y):
    """Binkowski et al. 2018, equation 3, with their cubic kernel."""
    def kernel(a, b):
        return (a @ b.T / a.shape[1] + 1) ** 3
    m, n = len(x), len(y)
    xx, yy = kernel(x, x), kernel(y, y)
    np.fill_diagonal(xx, 0)
    np.fill_diagonal(yy, 0)
    return xx.sum() / (m * (m - 1)) + yy.sum() / (n * (n - 1)) - 2 * kernel(x, y).mean()


def kid(x, y):
    def cut(n):
        return [n * i // BLOCKS for i in range(BLOCKS + 1)]
    p, q = cut(len(x)), cut(len(y))
    each = [mmd(x[p[i]:p[i + 1]], y[q[i]:q[i + 1]]) for i in range(BLOCKS)]
    return np.mean(each), np.std(each, ddof=1) / np.sqrt(BLOCKS)


def distances(x, y):
    return np.sqrt(((x[:, None] - y[None]) ** 2).sum(2))


def prdc(x, y):
    """Kynkaanniemi et al. 2019, equations 1 and 2; Naeem et al. 2020, equations 4 and 5."""
    rx = np.sort(distances(x, x), 1)[:, NEIGHBOURS]  # the nearest is the vector itself
    ry = np.sort(distances(y, y), 1)[:, NEIGHBOURS]
    d = distances(x, y)
    inside = d <= rx[:, None]
    return dict(precision=inside.any(0).mean(), recall=(d <= ry[None]).any(1).mean(),
                density=inside.sum(0).mean() / NEIGHBOURS, coverage=inside.any(1).mean())


def correlated(rng, n, d, shift):
    mix = np.random.RandomState(5).randn(d, d) / np.sqrt(d) * np.geomspace(3, 0.1, d)
    return rng.randn(n, d) @ mix + shift


def cases():
    rng = np.random.RandomState(11)
    # Far from 0, where sums of squares would cancel.
    yield "full", correlated(rng, 330, 24, 100), correlated(rng, 420, 24, 100.25) * 1.001
    # Fewer vectors than features, on either side.
    yield "few", correlated(rng, 61, 80, 0), correlated(rng, 47, 80, 0.1)
    # As behind a ReLU: many zeros; features that are always 0, or 0 in one set.
    x, y = correlated(rng, 150, 40, 0.2), correlated(rng, 137, 40, 0.1)
    x[:, 30:] = -1
    y[:, 35:] = -1
    yield "dead", np.maximum(x, 0), np.maximum(y, 0)
    # A generator that has collapsed onto few images, equal to the last bit.
    x = correlated(rng, 90, 12, 0)
    yield "collapsed", x, np.repeat(correlated(rng, 3, 12, 0), 25, 0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default=os.path.dirname(os.path.abspath(__file__)))
    with h5py.File(os.path.join(parser.parse_args().out, "metrics.h5"), "w", track_order=False) as file:
        file.attrs["numpy"] = np.bytes_(np.__version__)
        file.attrs["script"] = np.bytes_("make_metrics.py")
        for name, x, y in cases():
            x, y = x.astype(np.float32), y.astype(np.float32)
            group = file.create_group(name)
            group["real"], group["generated"] = x, y
            x, y = x.astype(np.float64), y.astype(np.float64)
            group.attrs["frechet"] = frechet(x, y)
            if name == "full":
                other = frechet_by_covariances(x, y)
                assert abs(other / group.attrs["frechet"] - 1) < 1e-9, other
            group.attrs["kid"], group.attrs["kid_error"] = kid(x, y)
            for key, value in prdc(x, y).items():
                group.attrs[key] = value
            print(name, dict(group.attrs))


if __name__ == "__main__":
    main()
