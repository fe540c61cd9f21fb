#!/usr/bin/env python3
"""Trains with Marian, whose log on stderr tells the target tokens so far without padding.

    marian_train.py CONFIG.yaml OUT [Marian's own flags]

Its lines are `Ep. 1 : Up. 5 : Sen. 1,234 : Cost 8.9 : Time 7.9s : 2,531.12 words/s`. The time since
the line before times the words a second are the target tokens between, the end symbol of each
sentence counted. That was checked on an epoch of known length. Run it in the folder that the
configuration's paths are relative to.
"""

import driver
import pymarian


def main():
    flags = driver.training_flags(__doc__)
    own = " ".join(flags.own)
    pymarian.Trainer(f"--config {flags.config} --model {flags.out}/model.npz {own}").train()


if __name__ == "__main__":
    main()
