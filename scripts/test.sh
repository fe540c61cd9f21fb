#!/usr/bin/env bash
# Sets up, builds and runs every test.
#
#   scripts/test.sh [CTEST_ARGUMENT...]      scripts/test.sh -R tokenizer
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cd "$ROOT"
scripts/setup.sh
scripts/build.sh release
exec ctest --preset release --parallel "$(cores)" --no-tests=error "$@"
