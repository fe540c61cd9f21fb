#!/usr/bin/env python3
"""Trains with JoeyNMT and says after each update how many target tokens it has seen.

    joeynmt_train.py CONFIG.yaml OUT [--validate-every UPDATES]

Run it in the folder that the configuration's paths are relative to.
"""

import driver
from joeynmt import training
from joeynmt.config import load_config
from joeynmt.helpers_for_ddp import get_logger


class Counting(training.TrainManager):
    """One batch is one update here, so a step begins when the update before it is done."""

    updates = tokens = 0

    def _train_step(self, batch):
        if self.updates:
            driver.progress(self.updates, self.tokens)
        result = super()._train_step(batch)
        self.updates += 1
        self.tokens += int((batch.trg != self.model.pad_index).sum())
        return result


def main():
    parser = driver.parser_of(__doc__, "config", "out")
    parser.add_argument("--validate-every", type=int, default=0, help="updates, at least 2")
    flags = parser.parse_args()
    config = load_config(flags.config)
    flags.out.mkdir(parents=True, exist_ok=True)
    config["model_dir"] = str(flags.out)
    if flags.validate_every:
        options = config["training"]
        options["validation_freq"] = flags.validate_every
        # JoeyNMT wants it below that.
        options["logging_freq"] = min(options["logging_freq"], flags.validate_every - 1)
    get_logger("", log_file=str(flags.out / "train.log"))
    training.TrainManager = Counting
    training.train(rank=0, world_size=None, cfg=config, skip_test=True)


if __name__ == "__main__":
    main()
