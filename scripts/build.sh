#!/usr/bin/env bash
# Configures if needed and builds.
#
#   scripts/build.sh [PRESET] [--target NAME] [CMAKE_ARGUMENT...]
#
# PRESET is release (the default; it leaves build/release/heed), debug, asan, tsan, clang or fast. Other
# arguments go to CMake's configure step: scripts/build.sh debug -DHEED_WERROR=ON
# In CI (the variable CI is set) warnings are errors.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

preset=release
targets=()
arguments=()

parse() {
  if (($#)) && [[ $1 != -* ]]; then
    preset=$1
    shift
  fi
  while (($#)); do
    if [[ $1 == --target ]]; then
      if (($# < 2)); then die "--target takes the name of a CMake target"; fi
      targets+=(--target "$2")
      shift 2
    else
      arguments+=("$1")
      shift
    fi
  done
}

is_configured() {
  local cache=$folder/CMakeCache.txt
  [[ -f $folder/build.ninja && -f $cache ]] && ((${#arguments[@]} == 0)) || return 1
  # Another LibTorch than the one that it was configured with.
  [[ $(cat "$folder.libtorch" 2>/dev/null) == "$(find_libtorch || true)" ]] || return 1
  # A folder configured outside CI lets warnings pass.
  [[ -z ${CI:-} ]] || grep -q '^HEED_WERROR:.*=ON' "$cache"
}

configure() {
  local start=$SECONDS strict=()
  if [[ -n ${CI:-} ]]; then strict=(-DHEED_WERROR=ON); fi
  if ! cmake --preset "$preset" ${strict[@]+"${strict[@]}"} ${arguments[@]+"${arguments[@]}"} \
    >"$folder.log" 2>&1; then
    # Without the lines that report what went well.
    grep -v '^-- ' "$folder.log" >&2 || true
    die "configuring '$preset' failed (above; all of it in $folder.log)"
  fi
  find_libtorch >"$folder.libtorch" || true
  say "$preset configured in $((SECONDS - start)) s"
}

# Lets errors and warnings through from ninja's output, without the command lines, and says now and
# then how far it is.
summarise() {
  local line skip_command='' said=$SECONDS
  while IFS= read -r line; do
    if [[ -n $skip_command ]]; then
      skip_command=''
    elif [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]]; then
      if ((SECONDS - said >= 30)); then
        said=$SECONDS
        say "$preset: ${BASH_REMATCH[1]} of ${BASH_REMATCH[2]} after $((SECONDS - started)) s"
      fi
    elif [[ $line == FAILED:* ]]; then
      skip_command=yes
      printf '%s\n' "$line" >&2
    elif [[ -n $line && $line != '-- '* && $line != 'ninja: '* ]]; then
      printf '%s\n' "$line" >&2
    fi
  done
}

build() {
  local started=$SECONDS jobs
  jobs=$(build_jobs)
  if ! NINJA_STATUS='[%f/%t] ' cmake --build "$folder" --parallel "$jobs" ${targets[@]+"${targets[@]}"} \
    2>&1 </dev/null | tee "$folder.log" | summarise; then
    die "building '$preset' failed after $((SECONDS - started)) s (above; all of it in $folder.log)"
  fi
  say "$preset built in $((SECONDS - started)) s ($jobs at a time)"
}

parse "$@"
cd "$ROOT"
have cmake || die "cmake is not here: run scripts/setup.sh"
folder=build/$preset
mkdir -p build
is_configured || configure
build
