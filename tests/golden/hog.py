"""Makes hog.bin: pictures and their histograms of oriented gradients as scikit-image computes them.

    pip install scikit-image && python hog.py

Each case, little-endian: u32 width, height, channels, cell, block, number of features; the picture's
bytes; the features as f32.
"""

import struct
from pathlib import Path

import numpy
from skimage.feature import hog

random = numpy.random.default_rng(5)


def noise(height, width, channels):
    return random.integers(0, 256, (height, width, channels), dtype=numpy.uint8)


def scene(height, width, channels):
    """A disc on a ramp: edges of every orientation, and smooth parts."""
    y, x = numpy.mgrid[0:height, 0:width]
    planes = []
    for c in range(channels):
        disc = (x - width / 2) ** 2 + (y - height / (2 + c)) ** 2 < (min(width, height) / 3) ** 2
        planes.append(numpy.where(disc, 200 - 30 * c, 2 * x + (c + 1) * y))
    return numpy.stack(planes, axis=-1).clip(0, 255).astype(numpy.uint8)


CASES = [
    (noise(24, 24, 1), 8, 3),
    (noise(32, 40, 3), 8, 2),
    (scene(48, 64, 3), 8, 3),
    (scene(40, 40, 1), 8, 2),
    (scene(37, 29, 3), 5, 2),
    (noise(19, 33, 3), 4, 1),
    (numpy.full((16, 16, 3), 77, numpy.uint8), 8, 2),
]

with open(Path(__file__).with_name("hog.bin"), "wb") as file:
    for picture, cell, block in CASES:
        height, width, channels = picture.shape
        features = hog(
            picture,
            orientations=9,
            pixels_per_cell=(cell, cell),
            cells_per_block=(block, block),
            block_norm="L2-Hys",
            transform_sqrt=False,
            channel_axis=-1,
        )
        file.write(struct.pack("<6I", width, height, channels, cell, block, len(features)))
        file.write(picture.tobytes())
        file.write(features.astype("<f4").tobytes())
