#!/usr/bin/env bash
# Gets what the build needs: Debian or Ubuntu packages, and LibTorch. Run again, it does nothing.
#
#   scripts/setup.sh
#
# CMAKE_PREFIX_PATH or LIBTORCH  a LibTorch to use instead of installing one
# TORCH_INDEX_URL                a package index for PyTorch. By default: PyTorch's index of CPU
#                                builds where there is no GPU and it answers, else pip's own
#                                (which brings gigabytes of CUDA packages).
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

CPU_INDEX=https://download.pytorch.org/whl/cpu
TORCH_WHEEL='torch==2.13.0'  # exactly this: a looser request can resolve to other builds

# package | the test that says whether it is here | what happens without it:
#   needed: no build; fetched: CMake downloads the sources; pip: taken from PyPI; helps: goes without
PACKAGES='
g++                   cxx20                                  needed
zlib1g-dev            header:zlib.h                          needed
libicu-dev            header:unicode/uchar.h                 needed
git                   command:git                            needed
cmake                 cmake                                  pip
ninja-build           command:ninja                          pip
python3-venv          venv                                   venv
libfmt-dev            header:fmt/format.h                    fetched
libcli11-dev          header:CLI/CLI.hpp                     fetched
libgtest-dev          header:gtest/gtest.h                   fetched
libgmock-dev          header:gmock/gmock.h                   fetched
libsentencepiece-dev  header:sentencepiece_trainer.h         fetched
nlohmann-json3-dev    header:nlohmann/json.hpp               fetched
libxxhash-dev         header:xxhash.h                        fetched
libssl-dev            header:openssl/ssl.h                   needed
libcpp-httplib-dev    header:httplib.h                       fetched
libzstd-dev           header:zstd.h                          helps
liblzma-dev           header:lzma.h                          helps
libbenchmark-dev      header:benchmark/benchmark.h           helps
libgloo-dev           header:gloo/rendezvous/store.h         helps
ccache                command:ccache                         helps
mold                  linker                                 helps
pkg-config            command:pkg-config                     helps
clang-format          command:clang-format                   helps
strace                command:strace                         helps
locales               locales                                helps
'

# The command that CMake will take as the compiler.
compiler() {
  local name
  for name in "${CXX:-}" c++ g++ clang++; do
    if [[ -n $name ]] && have "$name"; then
      echo "$name"
      return 0
    fi
  done
  return 1
}

# The headers of the table that the compiler does not find, in one run of its preprocessor.
missing_headers() {
  local cxx
  if cxx=$(compiler) && headers_missing_for "$cxx"; then return 0; fi
  grep -o 'header:[^ ]*' <<<"$PACKAGES"
}

headers_missing_for() {
  sed -n 's/.*header:\([^ ]*\).*/#if !__has_include(<\1>)\nheader:\1\n#endif/p' <<<"$PACKAGES" |
    "$1" -std=c++20 -E -P -x c++ - 2>/dev/null | tr -d ' '
}

cmake_is_new_enough() {
  local version
  version=$(cmake --version 2>/dev/null | sed -n '1s/[^0-9]*//p') && at_least "${version:-0}" 3.22
}

is_complete() { cmake_is_new_enough && have ninja && find_libtorch >/dev/null; }

# is_here TEST: one test of the table's second column.
is_here() {
  case $1 in
    command:*) have "${1#command:}" ;;
    header:*) ! grep -qxF "$1" <<<"$headers_missing" ;;
    cxx20) "$(compiler || echo false)" -std=c++20 -fsyntax-only -x c++ - <<<'#include <span>' 2>/dev/null ;;
    cmake) cmake_is_new_enough ;;
    linker) have mold || have ld.lld ;;
    locales) [[ -e /usr/share/i18n/locales/tr_TR ]] ;;
    # What makes the private environment: not needed where that is there, or nothing is to go in.
    venv) [[ -x $VENV/bin/python ]] || is_complete || python3 -c 'import ensurepip, venv' 2>/dev/null ;;
  esac
}

# Sets `missing`, the packages that are not here, each as "package class".
find_missing() {
  local package test class unavailable=''
  headers_missing=$(missing_headers)
  missing=()
  if [[ -f $DEPS/unavailable ]]; then unavailable=$(<"$DEPS/unavailable"); fi
  while read -r package test class; do
    if [[ -z $package ]] || is_here "$test"; then continue; fi
    # What the build cannot do without is looked for each time.
    if [[ $class != needed ]] && grep -qxF "$package" <<<"$unavailable"; then continue; fi
    missing+=("$package $class")
  done <<<"$PACKAGES"
}

# missing_of CLASS...: the missing packages of these classes, on one line.
missing_of() {
  local entry class names=()
  for entry in ${missing[@]+"${missing[@]}"}; do
    for class in "$@"; do
      if [[ ${entry#* } == "$class" ]]; then names+=("${entry% *}"); fi
    done
  done
  echo "${names[*]-}"
}

# as_root COMMAND...: runs it as root, or fails where that takes a password. sudo drops the
# environment, so apt is handed the proxies that this shell has.
as_root() {
  local settings=(DEBIAN_FRONTEND=noninteractive) name
  if [[ $(id -u) == 0 ]]; then
    env "${settings[@]}" "$@"
    return
  fi
  for name in http_proxy https_proxy ftp_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
    if [[ -n ${!name:-} ]]; then settings+=("$name=${!name}"); fi
  done
  sudo -n env "${settings[@]}" "$@"
}

may_install() { have apt-get && { [[ $(id -u) == 0 ]] || { have sudo && sudo -n true 2>/dev/null; }; }; }

# apt waits for another apt that is at work; an index that cannot be reached leaves the old lists.
apt_update() { as_root apt-get -o DPkg::Lock::Timeout=600 update || true; }
apt_install() {
  as_root apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends ca-certificates "$@"
}

in_release() { apt-cache show "$1" >/dev/null 2>&1; }

# Sets `known`, those of the packages that this release has; notes the others, so as not to look
# for them again.
known_packages() {
  local name
  known=("$@")
  # Without package lists nothing is known: apt will say what is wrong.
  if ! in_release g++; then return 0; fi
  known=()
  for name in "$@"; do
    if in_release "$name"; then
      known+=("$name")
    else
      echo "$name" >>"$DEPS/unavailable"
      if [[ $name == mold ]] && in_release lld; then known+=(lld); fi
    fi
  done
}

install_packages() {
  local names
  read -ra names <<<"$(missing_of needed pip venv fetched helps)"
  step "package lists" apt_update
  known_packages "${names[@]}"
  if ((${#known[@]})); then
    step "${#known[@]} packages (${known[*]})" apt_install "${known[@]}"
  fi
}

# What this user cannot install: says the line for root to run, once, and goes on where the build can.
report_missing() {
  local all needed fetched
  all=$(missing_of needed pip venv fetched helps)
  needed=$(missing_of needed venv)
  fetched=$(missing_of fetched)
  if [[ -z $needed && $all == "$(cat "$DEPS/reported" 2>/dev/null)" ]]; then return 0; fi
  if [[ -n $(missing_of needed venv fetched pip) ]]; then
    say "these packages are missing, and this user may not install them. As root:" >&2
    printf '    apt-get update && apt-get install -y --no-install-recommends %s\n' "$all" >&2
  fi
  if [[ -n $needed ]]; then
    die "heed cannot be built without $needed: have them installed by the line above (or by" \
      "their names in your distribution), then run this again"
  fi
  if [[ -n $fetched ]]; then
    say "going on: the build will download the sources of what $fetched would give" >&2
  fi
  mkdir -p "$DEPS"
  printf '%s\n' "$all" >"$DEPS/reported"
}

make_venv() {
  if "$VENV/bin/python" -m pip --version >/dev/null 2>&1; then return 0; fi
  step "private Python environment in .deps/venv" python3 -m venv --clear "$VENV"
}

# install_tools NAME...: build tools from PyPI; lib.sh puts them before the system's.
install_tools() {
  local tool
  make_venv
  step "$* from PyPI" "$VENV/bin/python" -m pip install "$@"
  mkdir -p "$DEPS/bin"
  for tool in cmake ctest ninja; do
    if [[ -x $VENV/bin/$tool ]]; then ln -sf "../venv/bin/$tool" "$DEPS/bin/$tool"; fi
  done
}

# answers URL: whether a server there says something good within seconds.
answers() {
  "$VENV/bin/python" -c 'import sys, urllib.request as r; r.urlopen(sys.argv[1], timeout=5)' "$1" 2>>"$LOG"
}

# The words that tell pip where to look, one a line.
torch_index() {
  if [[ -n ${TORCH_INDEX_URL:-} ]]; then
    printf '%s\n' --index-url "$TORCH_INDEX_URL"
  elif ! have nvidia-smi && answers "$CPU_INDEX/torch/"; then
    printf '%s\n' --index-url "$CPU_INDEX"
  fi
}

install_libtorch() {
  local index=()
  make_venv
  mapfile -t index < <(torch_index)
  step "LibTorch, the wheel $TORCH_WHEEL" \
    "$VENV/bin/python" -m pip install "$TORCH_WHEEL" ${index[@]+"${index[@]}"}
  find_libtorch >/dev/null ||
    die "$VENV holds no usable LibTorch after pip installed it: see $LOG, remove $VENV, try again"
}

check_given_libtorch() {
  if [[ -n ${LIBTORCH:-} ]] && ! libtorch_in "${LIBTORCH%/share/cmake}"; then
    die "LIBTORCH=$LIBTORCH is not the folder of a LibTorch 2.6 or later with the C++11 ABI (it" \
      "should hold share/cmake/Torch and include/ATen): correct it, or unset it to have one installed"
  fi
}

main() {
  local start=$SECONDS changed='' tools
  check_given_libtorch
  find_missing
  if ((${#missing[@]})) && may_install; then
    changed=yes
    # What the build can go without may be what failed: the next look at what is missing decides.
    install_packages || say "going on with what is here" >&2
    hash -r
    find_missing
  fi
  report_missing

  read -ra tools <<<"$(missing_of pip | sed 's/ninja-build/ninja/')"
  if ((${#tools[@]})); then
    changed=yes
    install_tools "${tools[@]}"
  fi
  if ! find_libtorch >/dev/null; then
    changed=yes
    install_libtorch
  fi
  if [[ -n $changed ]]; then
    say "all there after $((SECONDS - start)) s; LibTorch in $(find_libtorch)"
  else
    say "nothing to do; LibTorch in $(find_libtorch)"
  fi
}

main "$@"
