"""models.py - the networks of the golden files, in PyTorch.

BigGAN's generator and discriminator at 32 and 64 pixels, unconditional (one class), and
ResNet-18. The state_dict names and what is computed are those of the reference networks
(BigGAN-PyTorch with G_shared off and spectral norm in both networks; torchvision's
ResNet-18 with stride 1 in layer4). compare_reference.py checks that.
"""
import contextlib

import torch
import torch.nn as nn
import torch.nn.functional as F

SN_EPS = 1e-6  # below the norm of a singular vector before it is normalised
BN_EPS = 1e-5
BN_MOMENTUM = 0.1

# ---- kinks -----------------------------------------------------------------------------
# A gradient jumps where a ReLU's input is 0 or a max pool's two largest are equal. Golden
# inputs stay away from there, or rounding alone would decide the result.

_distances = None


@contextlib.contextmanager
def kink_distances():
    """Collect how near each differentiated kink comes, in units of its input's RMS."""
    global _distances
    _distances = []
    try:
        yield _distances
    finally:
        _distances = None


def note_kink(distance, scale, differentiated=None):
    """Elements of `distance` are 0 at the kink; it counts if differentiated."""
    if differentiated is None:
        differentiated = distance.requires_grad
    if _distances is not None and differentiated and distance.numel() > 0:
        _distances.append(float(distance.detach().abs().min() / scale))


def rms(x):
    return float(x.detach().square().mean().sqrt())


def relu(x):
    if _distances is not None:
        note_kink(x, rms(x))
    return F.relu(x)


class Relu(nn.Module):
    def forward(self, x):
        return relu(x)


def max_pool(x):
    """3x3, stride 2, padding 1; x >= 0 (it comes from a ReLU)."""
    if _distances is not None and x.requires_grad:
        windows = F.pad(x, (1, 1, 1, 1)).unfold(2, 3, 2).unfold(3, 3, 2)
        top = windows.flatten(4).topk(2).values
        top = top[top[..., 0] > 0]  # all-zero windows pass no gradient to the ReLU's input
        note_kink(top[:, 0] - top[:, 1], rms(x))
    return F.max_pool2d(x, 3, stride=2, padding=1)


# ---- spectral norm -----------------------------------------------------------------------


class Spectral:
    """Divides the weight by an estimate of its largest singular value.

    One power iteration from the stored u; u and v are constants for the gradient, so
    d sigma / d W = u^T v. Training mode writes u0 and sv0, eval mode writes nothing.
    """

    def add_vectors(self, n_outputs):
        self.register_buffer("u0", torch.randn(1, n_outputs))
        self.register_buffer("sv0", torch.ones(1))

    def normalised_weight(self):
        w = self.weight.flatten(1)  # [outputs, inputs]
        with torch.no_grad():
            v = F.normalize(self.u0 @ w, eps=SN_EPS)
            u = F.normalize(v @ w.t(), eps=SN_EPS)
        sigma = (v @ w.t() @ u.t()).squeeze()
        if self.training:
            with torch.no_grad():
                self.u0.copy_(u)
                self.sv0.fill_(sigma)
        return self.weight / sigma


class SNConv(nn.Conv2d, Spectral):
    def __init__(self, n_in, n_out, size):
        nn.Conv2d.__init__(self, n_in, n_out, size, padding=size // 2)
        self.add_vectors(n_out)

    def forward(self, x):
        return F.conv2d(x, self.normalised_weight(), self.bias, padding=self.padding)


class SNLinear(nn.Linear, Spectral):
    def __init__(self, n_in, n_out):
        nn.Linear.__init__(self, n_in, n_out)
        self.add_vectors(n_out)

    def forward(self, x):
        return F.linear(x, self.normalised_weight(), self.bias)


class SNEmbedding(nn.Embedding, Spectral):
    def __init__(self, n_classes, n_features):
        nn.Embedding.__init__(self, n_classes, n_features)
        self.add_vectors(n_classes)

    def forward(self, labels):
        return F.embedding(labels, self.normalised_weight())


# ---- batch norm --------------------------------------------------------------------------


class BatchNorm(nn.Module):
    """Gain and bias as plain parameters; statistics as stored_mean and stored_var."""

    def __init__(self, n):
        super().__init__()
        self.make_affine(n)
        self.register_buffer("stored_mean", torch.zeros(n))
        self.register_buffer("stored_var", torch.ones(n))

    def make_affine(self, n):
        self.gain = nn.Parameter(torch.ones(n))
        self.bias = nn.Parameter(torch.zeros(n))

    def affine(self):
        return self.gain, self.bias

    def forward(self, x):
        gain, bias = self.affine()
        return F.batch_norm(x, self.stored_mean, self.stored_var, gain, bias,
                            self.training, BN_MOMENTUM, BN_EPS)


class ClassBatchNorm(BatchNorm):
    """Gain 1 + embedding and bias embedding, of the one class that there is."""

    def make_affine(self, n):
        self.gain = nn.Embedding(1, n)
        self.bias = nn.Embedding(1, n)

    def affine(self):
        return 1 + self.gain.weight[0], self.bias.weight[0]


# ---- BigGAN ------------------------------------------------------------------------------

G_WIDTHS = {32: [4, 4, 4, 4], 64: [16, 16, 8, 4, 2]}  # x ch, before and after each block
D_WIDTHS = {32: [4, 4, 4, 4], 64: [1, 2, 4, 8, 16]}  # x ch, after each block
D_POOLED = {32: 2, 64: 4}  # so many first blocks halve the resolution


class GBlock(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.conv1 = SNConv(n_in, n_out, 3)
        self.conv2 = SNConv(n_out, n_out, 3)
        self.conv_sc = SNConv(n_in, n_out, 1)
        self.bn1 = ClassBatchNorm(n_in)
        self.bn2 = ClassBatchNorm(n_out)

    def forward(self, x):
        h = F.interpolate(relu(self.bn1(x)), scale_factor=2)
        h = self.conv2(relu(self.bn2(self.conv1(h))))
        return h + self.conv_sc(F.interpolate(x, scale_factor=2))


class Generator(nn.Module):
    """z [n, z_dim] -> images [n, channels, resolution, resolution] in (-1, 1)."""

    def __init__(self, resolution, ch, z_dim, channels):
        super().__init__()
        widths = [ch * m for m in G_WIDTHS[resolution]]
        self.linear = SNLinear(z_dim, widths[0] * 4 * 4)
        self.blocks = nn.ModuleList(
            nn.ModuleList([GBlock(a, b)]) for a, b in zip(widths, widths[1:]))
        self.output_layer = nn.Sequential(
            BatchNorm(widths[-1]), Relu(), SNConv(widths[-1], channels, 3))

    def forward(self, z):
        h = self.linear(z)
        h = h.view(len(z), -1, 4, 4)
        for block in self.blocks:
            h = block[0](h)
        return torch.tanh(self.output_layer(h))


class DBlock(nn.Module):
    def __init__(self, n_in, n_out, first, pooled):
        super().__init__()
        self.first, self.pooled = first, pooled
        self.conv1 = SNConv(n_in, n_out, 3)
        self.conv2 = SNConv(n_out, n_out, 3)
        self.conv_sc = SNConv(n_in, n_out, 1) if pooled or n_in != n_out else None

    def pool(self, x):
        return F.avg_pool2d(x, 2) if self.pooled else x

    def shortcut(self, x):
        if self.conv_sc is None:
            return self.pool(x)
        return self.conv_sc(self.pool(x)) if self.first else self.pool(self.conv_sc(x))

    def forward(self, x):
        h = self.conv1(x if self.first else relu(x))
        return self.pool(self.conv2(relu(h))) + self.shortcut(x)


class Discriminator(nn.Module):
    """x [n, channels, resolution, resolution] -> scores [n, 1]."""

    def __init__(self, resolution, ch, channels):
        super().__init__()
        widths = [channels] + [ch * m for m in D_WIDTHS[resolution]]
        self.blocks = nn.ModuleList(
            nn.ModuleList([DBlock(a, b, i == 0, i < D_POOLED[resolution])])
            for i, (a, b) in enumerate(zip(widths, widths[1:])))
        self.linear = SNLinear(widths[-1], 1)
        self.embed = SNEmbedding(1, widths[-1])

    def forward(self, x):
        h = x
        for block in self.blocks:
            h = block[0](h)
        h = relu(h).sum([2, 3])
        labels = torch.zeros(len(x), dtype=torch.long)
        return self.linear(h) + (self.embed(labels) * h).sum(1, keepdim=True)


# ---- ResNet-18 ---------------------------------------------------------------------------


def plain_conv(n_in, n_out, size, stride=1):
    return nn.Conv2d(n_in, n_out, size, stride, padding=size // 2, bias=False)


class BasicBlock(nn.Module):
    def __init__(self, n_in, n_out, stride):
        super().__init__()
        self.conv1 = plain_conv(n_in, n_out, 3, stride)
        self.bn1 = nn.BatchNorm2d(n_out, BN_EPS, BN_MOMENTUM)
        self.conv2 = plain_conv(n_out, n_out, 3)
        self.bn2 = nn.BatchNorm2d(n_out, BN_EPS, BN_MOMENTUM)
        self.downsample = None
        if stride != 1 or n_in != n_out:
            self.downsample = nn.Sequential(plain_conv(n_in, n_out, 1, stride),
                                            nn.BatchNorm2d(n_out, BN_EPS, BN_MOMENTUM))

    def forward(self, x):
        h = self.bn2(self.conv2(relu(self.bn1(self.conv1(x)))))
        return relu(h + (x if self.downsample is None else self.downsample(x)))


class ResNet18(nn.Module):
    """x [n, channels, s, s] -> logits [n, n_classes]; layer4 keeps its resolution."""

    def __init__(self, width, channels, n_classes):
        super().__init__()
        self.conv1 = plain_conv(channels, width, 7, 2)
        self.bn1 = nn.BatchNorm2d(width, BN_EPS, BN_MOMENTUM)
        n = width
        for i, stride in enumerate([1, 2, 2, 1]):
            n_out = width << i
            layer = nn.Sequential(BasicBlock(n, n_out, stride), BasicBlock(n_out, n_out, 1))
            self.add_module("layer%d" % (i + 1), layer)
            n = n_out
        self.fc = nn.Linear(n, n_classes)

    def features(self, x):
        h = max_pool(relu(self.bn1(self.conv1(x))))
        return self.layer4(self.layer3(self.layer2(self.layer1(h))))

    def forward(self, x):
        return self.fc(self.features(x).mean([2, 3]))
