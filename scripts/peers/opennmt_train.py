#!/usr/bin/env python3
"""Trains with OpenNMT-py and says after each update how many target tokens it has seen.

    opennmt_train.py CONFIG.yaml OUT [OpenNMT-py's own flags]

Run it in the folder that the configuration's paths are relative to.
"""

import driver
from onmt.bin import train as command
from onmt.trainer import Trainer

accumulate = Trainer._gradient_accumulation
done = {"updates": 0, "tokens": 0}


def counted(self, batches, *rest):
    accumulate(self, batches, *rest)
    done["updates"] += 1
    for batch in batches:
        targets = batch["tgt"][:, 1:, 0]  # without the begin symbol
        done["tokens"] += int(targets.ne(self.train_loss.padding_idx).sum())
    driver.progress(**done)


def main():
    flags = driver.training_flags(__doc__)
    Trainer._gradient_accumulation = counted
    options, _ = command._get_parser().parse_known_args(
        ["-config", str(flags.config), "-save_model", f"{flags.out}/model", *flags.own])
    command.train(options)


if __name__ == "__main__":
    main()
