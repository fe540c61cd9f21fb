#!/usr/bin/env bash
# Training speed of heed and its peers; see scripts/benchmark/training.py, or --help.
exec python3 -B "$(dirname "${BASH_SOURCE[0]}")/benchmark/training.py" "$@"
