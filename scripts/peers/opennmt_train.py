#!/usr/bin/env python3
"""Trains with OpenNMT-py and says after each update how many target tokens it has seen.

    opennmt_train.py CONFIG.yaml OUT [OpenNMT-py's own flags]

Lines `progress UPDATES TOKENS` on stdout; tokens are counted in the batches, padding left out, the end
symbol of each sentence counted. Run in the folder that the configuration's paths are relative to.
"""

import sys

from onmt.bin import train as command
from onmt.trainer import Trainer

accumulate = Trainer._gradient_accumulation
done = {"updates": 0, "tokens": 0}


def counted(self, batches, *rest):
    accumulate(self, batches, *rest)
    done["updates"] += 1
    # The first column is the begin symbol, which is no target.
    done["tokens"] += sum(int(batch["tgt"][:, 1:, 0].ne(self.train_loss.padding_idx).sum()) for batch in batches)
    print(f"progress {done['updates']} {done['tokens']}", flush=True)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    Trainer._gradient_accumulation = counted
    parser = command._get_parser()
    options, _ = parser.parse_known_args(["-config", sys.argv[1], "-save_model", sys.argv[2] + "/model", *sys.argv[3:]])
    command.train(options)


if __name__ == "__main__":
    main()
