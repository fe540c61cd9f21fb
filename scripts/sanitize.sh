#!/usr/bin/env bash
# Builds tests and fuzzers with sanitizers and runs them.
#
#   scripts/sanitize.sh                            by Clang, what CI runs: the fuzzers, data and decoding
#   scripts/sanitize.sh address|thread [LAYER...]  by any compiler: these layers of src
#   scripts/sanitize.sh fuzz [SECONDS]             by Clang: the fuzzers, for so long each (10)
#
# The first builds with warnings as errors. It lets each fuzzer search for 10 seconds and runs the
# tests of data and decoding (batcher, queue and workers), both with the address and
# undefined-behaviour sanitizers, and those tests with the thread sanitizer. Where Clang or a
# sanitizer's library is missing, it says so and succeeds.
#
# address: AddressSanitizer (leaks too) and UndefinedBehaviorSanitizer, by default on every layer.
# thread: ThreadSanitizer, by default on the layers without LibTorch that start threads. LibTorch itself
# is not instrumented: tests/lsan.supp and tests/tsan.supp leave out what is its own.
#
# CLANG  the Clang to take. What a fuzzer finds lies in build/fuzz/fuzz.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

WITH_LIBTORCH=(kernels model exchange inference training)
THREADED=(util data decoding server)
CHECKED=(data decoding)  # in CI, whose time is short
CLANG_VERSION=19  # the oldest that heed was built by
FUZZER='extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }'
THREAD='#include <thread>
int main() { std::thread([] {}).join(); }'

# Sets `clang` to the first Clang that is new enough.
find_clang() {
  local name names=(clang++ clang++-{25..19})
  if [[ -n ${CLANG:-} ]]; then names=("$CLANG"); fi
  for name in "${names[@]}"; do
    if have "$name" && at_least "$("$name" -dumpversion)" "$CLANG_VERSION"; then
      clang=$name
      return 0
    fi
  done
  return 1
}

# can_sanitize NAMES PROGRAM: whether `clang` builds the program with these sanitizers and it runs: their
# libraries are a package of their own, and a container may forbid what they do.
can_sanitize() {
  local status=0
  mkdir -p build
  "$clang" -std=c++20 "-fsanitize=$1" -x c++ - -o build/sanitized <<<"$2" 2>/dev/null &&
    build/sanitized -runs=1 >/dev/null 2>&1 || status=1
  rm -f build/sanitized
  return $status
}

# build PRESET LAYER... [-- ARGUMENT...]: builds these layers' tests; the arguments are scripts/build.sh's.
build() {
  local preset=$1 arguments=()
  shift
  while (($#)) && [[ $1 != -- ]]; do
    arguments+=(--target "${1}_test")
    shift
  done
  scripts/build.sh "$preset" ${arguments[@]+"${arguments[@]}"} "${@:2}"
}

# run PRESET LAYER...: runs the tests whose names begin so.
run() {
  local preset=$1
  shift
  ctest --preset "$preset" --parallel "$(cores)" --no-tests=error -R "^($(IFS='|' && echo "$*"))\\."
}

fuzz() {
  local seconds=${1:-10}
  find_clang && can_sanitize fuzzer,address,undefined "$FUZZER" ||
    die "Clang $CLANG_VERSION or later with libFuzzer is needed: install clang and libclang-rt-dev"
  build fuzz -- --target fuzzers -DCMAKE_CXX_COMPILER="$clang" -DHEED_FUZZ_SECONDS="$seconds"
  run fuzz fuzzer
}

check() {
  if ! find_clang; then
    say "skipped: there is no Clang $CLANG_VERSION or later here (Debian: clang, libclang-rt-dev)"
    return 0
  fi
  if can_sanitize fuzzer,address,undefined "$FUZZER"; then
    build fuzz "${CHECKED[@]}" -- --target fuzzers -DCMAKE_CXX_COMPILER="$clang" \
      -DHEED_FUZZ_SECONDS=10
    run fuzz "${CHECKED[@]}" fuzzer
  else
    say "skipped: no program of $clang with -fsanitize=fuzzer,address,undefined runs here (Debian: libclang-rt-dev)"
  fi
  if can_sanitize thread "$THREAD"; then
    build clang-tsan "${CHECKED[@]}" -- -DCMAKE_CXX_COMPILER="$clang"
    run clang-tsan "${CHECKED[@]}"
  else
    say "skipped: no program of $clang with -fsanitize=thread runs here (Debian: libclang-rt-dev)"
  fi
}

cd "$ROOT"
command=${1:-check}
shift $(($# > 0))
case $command in
  check) check ;;
  fuzz) fuzz "$@" ;;
  address)
    if (($# == 0)); then set -- "${LAYERS_WITHOUT_LIBTORCH[@]}" "${WITH_LIBTORCH[@]}"; fi
    build asan "$@"
    run asan "$@"
    ;;
  thread)
    if (($# == 0)); then set -- "${THREADED[@]}"; fi
    build tsan "$@"
    run tsan "$@"
    ;;
  *) die "$command: not address, thread or fuzz" ;;
esac
