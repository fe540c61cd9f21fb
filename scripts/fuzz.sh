#!/usr/bin/env bash
# Builds the fuzzers of tests/fuzz by Clang and lets each search for so many seconds (10 unless given).
#
#   scripts/fuzz.sh [SECONDS]
#
# CLANG names the compiler (clang++, or clang++-N). What a fuzzer finds lies in build/fuzz/fuzz.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cd "$ROOT"
seconds=${1:-10}
clang=${CLANG:-}
for name in clang++ clang++-{20,19,18,17,16,15,14}; do
  if [[ -z $clang ]] && have "$name"; then clang=$name; fi
done
if [[ -z $clang ]]; then die "Clang is needed, which has libFuzzer: install clang and libclang-rt-dev"; fi
scripts/build.sh fuzz --target fuzzers -DCMAKE_CXX_COMPILER="$clang" -DHEED_FUZZ_SECONDS="$seconds"
exec ctest --preset fuzz --parallel "$(cores)" --no-tests=error
