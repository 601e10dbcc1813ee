"""Makes cmyk.jpg, as Adobe writes it (inverted), and prints what Pillow reads from it, and from it with the colour
transform changed to YCCK: the middles of its four quarters, as expected by the tests of mlp-data.
(`pip install pillow`; made with 13.0.)
"""

import io
from pathlib import Path

from PIL import Image

QUARTERS = [(255, 0, 0, 0), (0, 0, 255, 51), (0, 128, 64, 0), (30, 60, 90, 120)]
image = Image.new("CMYK", (32, 32))
for i, ink in enumerate(QUARTERS):
    image.paste(ink, (16 * (i % 2), 16 * (i // 2), 16 * (i % 2) + 16, 16 * (i // 2) + 16))
path = Path(__file__).with_name("cmyk.jpg")
image.save(path, quality=100, subsampling=0)
cmyk = path.read_bytes()
adobe = cmyk.index(b"Adobe")
assert cmyk[adobe + 11] == 0, "no colour transform"
ycck = cmyk[: adobe + 11] + b"\x02" + cmyk[adobe + 12 :]
for name, data in (("cmyk", cmyk), ("ycck", ycck)):
    rgb = Image.open(io.BytesIO(data)).convert("RGB")
    print(name, [rgb.getpixel((8 + 16 * (i % 2), 8 + 16 * (i // 2))) for i in range(4)])
