"""Makes resize.bin: what Pillow makes of one picture at some sizes (`pip install pillow==11.3.0`; later versions
choose the order of the two passes themselves).

Each case is the down-first order of passes (turn the picture over its diagonal, resize, turn it back), since that is
the order of mlp-data; the usual order differs by at most one grey level, which is checked here.
File: for every case width, height (one byte each), 0 for stretch or 1 for crop, then width*height*3 bytes.
"""

from pathlib import Path

from PIL import Image, ImageOps

WIDTH, HEIGHT = 61, 37
SIZES = [(61, 37), (64, 64), (16, 16), (5, 9), (1, 1), (100, 20), (7, 90)]


def picture():
    """The picture of the test: a slope in each channel, with blocks of noise."""
    data = bytearray()
    for y in range(HEIGHT):
        for x in range(WIDTH):
            for c in range(3):
                noise = ((x // 3 * 73 + y // 2 * 151 + c * 41) * 40503 >> 5) & 127
                data.append((x * 2 + y + c * 30 + noise) & 255 if y % 9 else 255 * (x & 1))
    return Image.frombytes("RGB", (WIDTH, HEIGHT), bytes(data))


def resized(image, size, crop):
    if crop:
        return ImageOps.fit(image, size, Image.Resampling.BILINEAR)
    return image.resize(size, Image.Resampling.BILINEAR)


out = bytearray()
turn = Image.Transpose.TRANSPOSE
for crop in (0, 1):
    for w, h in SIZES:
        usual = resized(picture(), (w, h), crop).tobytes()
        down_first = resized(picture().transpose(turn), (h, w), crop).transpose(turn).tobytes()
        print(w, h, crop, max(abs(a - b) for a, b in zip(usual, down_first)))
        assert max(abs(a - b) for a, b in zip(usual, down_first)) <= 1
        out += bytes([w, h, crop]) + down_first
Path(__file__).with_name("resize.bin").write_bytes(out)
