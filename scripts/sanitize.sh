#!/usr/bin/env bash
# Builds tests with sanitizers and runs them.
#
#   scripts/sanitize.sh [address|thread] [LAYER...]
#
# address: AddressSanitizer (leaks too) and UndefinedBehaviorSanitizer, on every layer of src. thread:
# ThreadSanitizer, on the layers that start threads. Without arguments: address, then thread, on the layers without
# LibTorch. LibTorch itself is not instrumented: tests/lsan.supp and tests/tsan.supp leave out what is its own.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

WITH_LIBTORCH=(kernels model exchange inference training)
THREADED=(util data decoding server)

# test_layers PRESET LAYER...: builds the tests of these layers of src and runs them.
test_layers() {
  local preset=$1 targets=() layer
  shift
  for layer in "$@"; do targets+=(--target "${layer}_test"); done
  scripts/build.sh "$preset" "${targets[@]}"
  ctest --preset "$preset" --parallel "$(cores)" --no-tests=error -R "^($(IFS='|' && echo "$*"))\\."
}

cd "$ROOT"
case ${1:-} in
  '')
    test_layers asan "${LAYERS_WITHOUT_LIBTORCH[@]}"
    test_layers tsan "${THREADED[@]}"
    ;;
  address)
    shift
    if (($# == 0)); then set -- "${LAYERS_WITHOUT_LIBTORCH[@]}" "${WITH_LIBTORCH[@]}"; fi
    test_layers asan "$@"
    ;;
  thread)
    shift
    if (($# == 0)); then set -- "${THREADED[@]}"; fi
    test_layers tsan "$@"
    ;;
  *) die "$1: not address, nor thread" ;;
esac
