# shellcheck shell=bash
# What the scripts share: where things are, how a step is reported, what is found on this machine.
# Read by `source`; it sets the strict mode for the script that reads it.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
DEPS=$ROOT/.deps
VENV=$DEPS/venv
LOG=$DEPS/setup.log
SCRIPT=$(basename "$0" .sh)

# `fast` of CMakePresets.json builds the same.
LAYERS_WITHOUT_LIBTORCH=(util config alignment report evaluation tokenizer data decoding server fuzz)

# setup.sh links cmake and ninja here when the system's are missing or too old.
export PATH=$DEPS/bin:$PATH

say() { printf '%s: %s\n' "$SCRIPT" "$*"; }
die() { printf '%s: %s\n' "$SCRIPT" "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# at_least 3.25.1 3.22: whether the first version is the second or a later one.
at_least() { [[ $(printf '%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

# step TEXT COMMAND...: one line with the time that it took; its output only when it fails.
step() {
  local text=$1 start=$SECONDS
  shift
  mkdir -p "$DEPS"
  printf '%s: %s ... ' "$SCRIPT" "$text"
  printf '\n==== %s: %s\n' "$text" "$*" >>"$LOG"
  local first_line
  first_line=$(wc -l <"$LOG")
  if "$@" >>"$LOG" 2>&1 </dev/null; then
    printf '%d s\n' $((SECONDS - start))
    return 0
  fi
  printf 'failed after %d s\n' $((SECONDS - start))
  tail -n "+$((first_line + 1))" "$LOG" | tail -n 30 | sed 's/^/    /' >&2
  printf '%s: "%s" failed; its last lines are above, all of them in %s\n' "$SCRIPT" "$text" "$LOG" >&2
  return 1
}

# The sources need the C++11 ABI throughout, which some builds before 2.7 lack.
libtorch_in() {
  local cmake_files=$1/share/cmake/Torch version
  [[ -f $cmake_files/TorchConfigVersion.cmake && -d $1/include/ATen ]] || return 1
  version=$(sed -n 's/^set(PACKAGE_VERSION "\([0-9.]*\).*/\1/p' "$cmake_files/TorchConfigVersion.cmake")
  at_least "$version" 2.6 && ! grep -q CXX11_ABI=0 "$cmake_files/TorchConfig.cmake"
}

# torch_of PYTHON: the folder of its torch; found without importing it, which takes seconds.
torch_of() {
  "$1" -c 'from importlib.util import find_spec as f; print(f("torch").submodule_search_locations[0])' \
    2>/dev/null
}

# The folder of the LibTorch that cmake/Dependencies.cmake will take: the same places, the same order.
find_libtorch() {
  local places=() place
  IFS=: read -ra places <<<"${CMAKE_PREFIX_PATH:-}:${LIBTORCH:-}"
  places+=("$(torch_of python3 || true)" "$(torch_of "$VENV/bin/python" || true)")
  for place in "${places[@]}"; do
    # torch.utils.cmake_prefix_path, which many give as the prefix, ends in share/cmake.
    place=${place%/share/cmake}
    if [[ -n $place ]] && libtorch_in "$place"; then
      printf '%s\n' "$place"
      return 0
    fi
  done
  return 1
}

cores() { nproc 2>/dev/null || echo 1; }

# Memory in GiB: the machine's, or the container's share of it.
memory_gib() {
  local bytes limit
  bytes=$(($(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo) * 1024))
  for file in /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes; do
    limit=$(cat "$file" 2>/dev/null || true)
    if [[ $limit =~ ^[0-9]{1,15}$ ]] && ((limit < bytes)); then bytes=$limit; fi
  done
  echo $((bytes >> 30))
}

# Compile jobs: a core each, and 2 GiB each, which a file that includes LibTorch can take.
build_jobs() {
  local jobs by_memory
  jobs=$(cores)
  by_memory=$(($(memory_gib) / 2))
  if ((jobs > by_memory)); then jobs=$by_memory; fi
  if ((jobs < 1)); then jobs=1; fi
  echo "${CMAKE_BUILD_PARALLEL_LEVEL:-$jobs}"
}
