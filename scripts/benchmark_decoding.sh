#!/usr/bin/env bash
# Decoding speed of heed and its peers; see scripts/benchmark/decoding.py, or --help.
exec python3 -B "$(dirname "${BASH_SOURCE[0]}")/benchmark/decoding.py" "$@"
