"""Folders of pictures into one array of bytes: Pillow with processes and with threads, torchvision, Keras.

Listing the folder and starting processes is done before the clock starts. Every picture is cut to the middle square and
brought to the same size, unless it has it already.
"""

import os
import time

import numpy as np


def files(case):
    found = [os.path.join(folder, name) for folder, _, names in os.walk(case["data"]) for name in names]
    return sorted(found)


def rounds(read):
    """A round; `read()` gives an array of all pictures."""

    def go(count):
        examples, start = 0, time.perf_counter()
        for _ in range(count):
            examples += len(read())
        return {"seconds": time.perf_counter() - start, "examples": examples}

    return go


# --- Pillow ---


def fitted(path, side):
    """One picture, decoded at a reduced size if that is large enough."""
    from PIL import Image

    with Image.open(path) as image:
        image.draft("RGB", (side, side))
        if image.mode != "RGB":
            image = image.convert("RGB")
        if image.size != (side, side):
            width, height = image.size
            least = min(width, height)
            left, top = (width - least) / 2, (height - least) / 2
            image = image.resize((side, side), Image.BILINEAR, (left, top, left + least, top + least))
        return np.asarray(image)


def fill(job):
    """A process's share, straight into memory that all share."""
    from multiprocessing import shared_memory

    name, shape, start, paths = job
    memory = shared_memory.SharedMemory(name)
    out = np.ndarray(shape, np.uint8, memory.buf)
    for i, path in enumerate(paths):
        out[start + i] = fitted(path, shape[1])
    del out
    memory.close()
    return len(paths)


def pillow(idiom, case):
    paths, side, chunk = files(case), case["side"], 64
    shape = (len(paths), side, side, 3)
    starts = range(0, len(paths), chunk)
    if idiom == "pillow-threads":
        from concurrent.futures import ThreadPoolExecutor

        pool = ThreadPoolExecutor(case["threads"])

        def read():
            out = np.empty(shape, np.uint8)

            def share(start):
                for i, path in enumerate(paths[start : start + chunk]):
                    out[start + i] = fitted(path, side)

            list(pool.map(share, starts))
            return out

        return rounds(read), "threads, draft, resize with a box"
    from multiprocessing import get_context, shared_memory

    pool = get_context("fork").Pool(case["threads"])
    memory = shared_memory.SharedMemory(create=True, size=int(np.prod(shape)))
    out = np.ndarray(shape, np.uint8, memory.buf)
    jobs = [(memory.name, shape, start, paths[start : start + chunk]) for start in starts]

    def read():
        assert sum(pool.imap_unordered(fill, jobs)) == len(paths)
        return out

    import atexit

    atexit.register(memory.unlink)
    return rounds(read), "processes, shared memory, draft, resize with a box"


# --- torchvision ---


def torchvision(idiom, case):
    import torch
    from torch.utils.data import DataLoader
    from torchvision import io
    from torchvision.datasets import ImageFolder
    from torchvision.transforms import v2

    torch.set_num_threads(1)
    side = case["side"]
    steps = [v2.Resize(side, antialias=True), v2.CenterCrop(side)]
    if idiom == "torchvision-io":
        loader = lambda path: io.decode_image(path, mode=io.ImageReadMode.RGB)
        folder = ImageFolder(case["data"], v2.Compose(steps), loader=loader)
    else:
        folder = ImageFolder(case["data"], v2.Compose([*steps, v2.PILToTensor()]))
    # Of one thread's workers, the one that works beside the process that collects.
    workers = case["threads"] if case["threads"] > 1 else 0
    batches = DataLoader(folder, batch_size=256, num_workers=workers, persistent_workers=workers > 0)

    def read():
        out, at = np.empty((len(folder), 3, side, side), np.uint8), 0
        for pictures, _ in batches:
            out[at : at + len(pictures)] = pictures.numpy()
            at += len(pictures)
        return out

    how = "torchvision.io" if idiom == "torchvision-io" else "Pillow as loader"
    return rounds(read), f"ImageFolder, {how}, DataLoader with {workers} workers, batches of 256"


# --- Keras ---


def keras(_idiom, case):
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(case["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(case["threads"])
    side = case["side"]
    batches = tf.keras.utils.image_dataset_from_directory(
        case["data"],
        image_size=(side, side),
        batch_size=256,
        shuffle=False,
        interpolation="bilinear",
        crop_to_aspect_ratio=True,
    )
    count = len(batches.file_paths)
    batches = batches.prefetch(tf.data.AUTOTUNE)

    def read():
        out, at = np.empty((count, side, side, 3), np.uint8), 0
        for pictures, _ in batches:
            out[at : at + len(pictures)] = pictures.numpy()
            at += len(pictures)
        return out

    return rounds(read), "image_dataset_from_directory, batches of 256"


def ingest(idiom, case):
    case = {**case, "side": int(case["size"])}
    set_up = {"pillow": pillow, "torchvision": torchvision, "keras": keras}[idiom.split("-")[0]]
    return set_up(idiom, case)


def versions():
    """Of what this process has loaded."""
    import sys

    names = {"torchvision": "torchvision", "torch": "PyTorch", "tensorflow": "TensorFlow", "keras": "Keras", "PIL": "Pillow"}
    found = [f"{name} {sys.modules[key].__version__}" for key, name in names.items() if key in sys.modules]
    if not found or found[-1].startswith("Pillow"):
        from PIL import __version__, features

        jpeg = features.version("libjpeg_turbo")
        found = [*found[:-1], f"Pillow {__version__}" + (f", libjpeg-turbo {jpeg}" if jpeg else "")]
    return ", ".join(found)


SET_UP = {"ingest": ingest}
