"""Accuracy of `mlp train` on a folder of photographs in class folders, by cross-validation.

    python photos.py MLP PHOTOS WORK [--folds 5] [--seed 1] [--only NAME…] -- NAME: FLAGS… -- NAME: FLAGS…

makes the folds as folders of links below WORK, trains on each with each list of flags and prints the accuracy over all
photographs, each judged by the network that did not see it, with its 95 % interval (Wilson 1927).
"""

import argparse
import json
import math
import os
import random
import subprocess
import sys
from pathlib import Path


def fold_folders(photos, work, folds, seed):
    """`work/fold-i/{train,test}/CLASS/…`, classes in equal shares."""
    pairs = [(work / f"fold-{i}" / "train", work / f"fold-{i}" / "test") for i in range(folds)]
    for label in sorted(p for p in photos.iterdir() if p.is_dir()):
        files = sorted(label.iterdir())
        random.Random(seed).shuffle(files)
        for i, (train, test) in enumerate(pairs):
            for part in (train, test):
                (part / label.name).mkdir(parents=True, exist_ok=True)
            for j, file in enumerate(files):
                link = (test if j % folds == i else train) / label.name / file.name
                if not link.exists():
                    os.symlink(file.resolve(), link)
    return pairs


def interval(right, count):
    share, z = right / count, 1.959964
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return middle - half, middle + half


def score(mlp, pairs, work, name, flags):
    right = count = seconds = 0
    for i, (train, test) in enumerate(pairs):
        out = work / "runs" / f"{name}-{i}".replace("/", "_")
        subprocess.run(["rm", "-rf", str(out)], check=True)
        command = [mlp, "train", str(train), "--test-data", str(test), "--out", str(out), "--json", *flags]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode:
            sys.exit(result.stderr)
        told = json.loads(result.stdout)
        right += round(told["test"]["accuracy"] * told["test"]["examples"])
        count += told["test"]["examples"]
        seconds += told["seconds"]
    low, high = interval(right, count)
    print(f"{name:<24} {right / count:.3f}  {low:.3f}–{high:.3f}  {seconds:6.1f} s  {' '.join(flags)}", flush=True)


def main():
    own, *lists = split(sys.argv[1:], "--")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mlp")
    parser.add_argument("photos", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args(own)
    pairs = fold_folders(arguments.photos, arguments.work, arguments.folds, arguments.seed)
    for name, *flags in lists:
        score(arguments.mlp, pairs, arguments.work, name.rstrip(":"), flags)


def split(words, mark):
    lists = [[]]
    for word in words:
        if word == mark:
            lists.append([])
        else:
            lists[-1].append(word)
    return lists


main()
