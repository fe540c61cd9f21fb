#!/usr/bin/env python3
"""Trains with Marian; its own log on stderr tells the target tokens so far, padding left out.

    marian_train.py CONFIG.yaml OUT [Marian's own flags]

Lines like `Ep. 1 : Up. 5 : Sen. 1,234 : Cost 8.9 : Time 7.9s : 2,531.12 words/s`: time since the line before,
times words a second, are the target tokens between, the end symbol of each sentence counted. That was checked
on an epoch of known length. Run in the folder that the configuration's paths are relative to.
"""

import sys

import pymarian


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    pymarian.Trainer(f"--config {sys.argv[1]} --model {sys.argv[2]}/model.npz {' '.join(sys.argv[3:])}").train()


if __name__ == "__main__":
    main()
