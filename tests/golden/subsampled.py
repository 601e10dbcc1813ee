"""Makes subsampled-420.jpg, subsampled-422.jpg and subsampled-grey.jpg: smooth colours with halved chroma, with restart
markers, and in grey. Pillow 13.0.0."""

from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
WIDTH, HEIGHT = 107, 75

y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
red = 127 + 100 * np.sin(x / 17)
green = 127 + 100 * np.cos(y / 13)
blue = (x + y) * 255 / (WIDTH + HEIGHT)
picture = Image.fromarray(np.stack([red, green, blue], -1).astype(np.uint8))
picture.save(HERE / "subsampled-420.jpg", quality=90, subsampling="4:2:0", restart_marker_blocks=3)
picture.save(HERE / "subsampled-422.jpg", quality=90, subsampling="4:2:2")
picture.convert("L").save(HERE / "subsampled-grey.jpg", quality=90)
