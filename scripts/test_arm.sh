#!/usr/bin/env bash
# Builds heed for 64-bit ARM on Debian for another processor, and runs it under QEMU.
#
#   scripts/test_arm.sh [fast|torch|compare]...
#
# fast: the layers without LibTorch and their tests. torch: heed and the tests of its kernels. compare: lines
# translated and a tiny model trained there and by this machine's build/release/heed (scripts/build.sh), the
# numbers side by side. Without arguments: all three, half an hour and more. Nothing of this machine is changed:
# packages for ARM are unpacked in .deps/aarch64, builds lie in build/arm-fast and build/arm.
#
# MODEL  the model folder to compare with (models/quickstart, which scripts/quickstart.sh trains)
# COUNT  so many lines of data/dev.en are compared (50)
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

ARM=$DEPS/aarch64
SYSROOT=$ARM/root
TORCH=$ARM/torch-2.9.1  # the last wheel for ARM that is built for the processor alone
MODEL=${MODEL:-models/quickstart}
COUNT=${COUNT:-50}
# What setup.sh installs of this machine's kind.
ARM_PACKAGES=(libc6-dev libstdc++-12-dev zlib1g-dev libicu-dev libfmt-dev libcli11-dev libgtest-dev libgmock-dev
  libsentencepiece-dev nlohmann-json3-dev libxxhash-dev libssl-dev libcpp-httplib-dev libzstd-dev liblzma-dev
  libgloo-dev)

need_tools() {
  local missing=()
  have aarch64-linux-gnu-g++ || missing+=(g++-aarch64-linux-gnu)
  have qemu-aarch64 || have qemu-aarch64-static || missing+=(qemu-user)
  have unzip || missing+=(unzip)
  have apt-get || die "the packages for ARM come from Debian by apt-get, which is not here"
  if ((${#missing[@]})); then die "install ${missing[*]}, then run this again"; fi
}

# apt with lists, cache and architecture of its own: the machine's stay as they are.
write_apt_configuration() {
  mkdir -p "$ARM/apt/state/lists/partial" "$ARM/apt/cache/archives/partial"
  : >"$ARM/apt/status"
  cat >"$ARM/apt/configuration" <<END
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
Dir::State "$ARM/apt/state";
Dir::State::status "$ARM/apt/status";
Dir::Cache "$ARM/apt/cache";
END
}

unpack_packages() {
  local package
  write_apt_configuration
  export APT_CONFIG=$ARM/apt/configuration
  apt-get update
  apt-get install --download-only -y --no-install-recommends "${ARM_PACKAGES[@]}"
  rm -rf "$SYSROOT" "$SYSROOT.part"
  mkdir -p "$SYSROOT.part"
  for package in "$ARM"/apt/cache/archives/*.deb; do dpkg-deb -x "$package" "$SYSROOT.part"; done
  keep_links_inside
  mv "$SYSROOT.part" "$SYSROOT"
}

# A link to /lib/... would lead to this machine's file.
keep_links_inside() {
  local link
  find "$SYSROOT.part" -lname '/*' | while IFS= read -r link; do
    ln -sfr "$SYSROOT.part$(readlink "$link")" "$link"
  done
}

unpack_libtorch() {
  rm -rf "$TORCH" "$TORCH.part" "$ARM/wheel"
  python3 -m pip download "torch==${TORCH##*-}" --no-deps --only-binary=:all: \
    --platform manylinux_2_28_aarch64 --python-version 3.11 -d "$ARM/wheel"
  unzip -q "$ARM"/wheel/*.whl 'torch/lib/*' 'torch/include/*' 'torch/share/*' 'torch.libs/*' -d "$TORCH.part"
  mv "$TORCH.part" "$TORCH"
}

set_up() {
  need_tools
  [[ -d $SYSROOT ]] || step "Debian's packages for ARM" unpack_packages
}

# build FOLDER CMAKE_ARGUMENT... -- TARGET...: configures and builds.
build() {
  local folder=$1 arguments=()
  shift
  while [[ $1 != -- ]]; do
    arguments+=("$1")
    shift
  done
  shift
  step "$folder configured" cmake -G Ninja -S . -B "$folder" --toolchain cmake/aarch64.cmake \
    -DCMAKE_BUILD_TYPE=Release "${arguments[@]}"
  step "$folder built" cmake --build "$folder" --parallel "$(build_jobs)" --target "$@"
}

test_fast() {
  local targets=("${LAYERS_WITHOUT_LIBTORCH[@]/%/_test}")
  build build/arm-fast -DHEED_TORCH=OFF -- "${targets[@]}"
  ctest --test-dir build/arm-fast --parallel "$(cores)" --no-tests=error --output-on-failure \
    -R "^($(IFS='|' && echo "${LAYERS_WITHOUT_LIBTORCH[*]}"))\\."
}

build_with_libtorch() {
  [[ -d $TORCH ]] || step "LibTorch for ARM" unpack_libtorch
  build build/arm -DCMAKE_PREFIX_PATH="$TORCH/torch" -- "$@"
}

under_qemu() { "$(command -v qemu-aarch64 || command -v qemu-aarch64-static)" -L "$SYSROOT" "$@"; }

test_torch() {
  build_with_libtorch heed heed-torch kernels_test
  # Not by ctest, whose limit of time is for processors.
  under_qemu build/arm/tests/kernels_test --gtest_brief=1
}

# on_arm COMMAND...: heed for ARM. It is called by the name of what it becomes: QEMU starts no program anew.
on_arm() { under_qemu build/arm/heed-torch "$@"; }
on_this() { build/release/heed "$@"; }

# tell_difference WHAT FILE FILE: whether both are the same to the byte, and if not, how many lines differ.
tell_difference() {
  local lines differing
  lines=$(wc -l <"$2")
  differing=$(paste -d '\001' "$2" "$3" | awk -F '\001' '$1 != $2' | wc -l)
  say "$1: $differing of $lines lines differ"
}

# translate WHERE MODEL FOLDER PRECISION: FOLDER/PRECISION.WHERE, text and scores apart.
translate() {
  local result=$3/$4.$1
  "on_$1" translate "$2" --quiet --device cpu --precision "$4" --scores -i "$3/source" -o "$result"
  cut -f 1 "$result" >"$result.scores"
  cut -f 2- "$result" >"$result.text"
}

compare_translations() {
  local folder=$1 precision where
  head -n "$COUNT" data/dev.en >"$folder/source"
  for precision in float32 int8; do
    for where in this arm; do
      step "translating in $precision, $where" translate "$where" "$MODEL" "$folder" "$precision"
    done
    tell_difference "text in $precision" "$folder/$precision".{this,arm}.text
    tell_difference "scores in $precision" "$folder/$precision".{this,arm}.scores
  done
}

# train WHERE FOLDER: a few updates of a small model, and a translation by it.
train() {
  local model=$2/model.$1
  "on_$1" train configs/quickstart.ini --fresh --output.folder "$model" --training.precision float32 \
    --data.train_source "$2/train.en" --data.train_target "$2/train.de" \
    --data.dev_source "$2/dev.en" --data.dev_target "$2/dev.de" \
    --tokenizer.vocab_size 500 --model.hidden_size 32 --model.feed_forward_size 64 --model.layers 1 \
    --model.dropout 0 --training.batch_tokens 512 --training.max_steps 200 --training.learning_rate 0.01 \
    --training.warmup_steps 10 --training.validate_every 200 --training.report_every 10
  "on_$1" translate "$model" --quiet --device cpu -i "$2/dev.en" -o "$2/trained.$1"
}

compare_trainings() {
  local folder=$1 where side
  for side in en de; do
    head -n 2000 "data/train.$side" >"$folder/train.$side"
    head -n 10 "data/dev.$side" >"$folder/dev.$side"
  done
  for where in this arm; do step "training and translating, $where" train "$where" "$folder"; done
  for where in this arm; do
    sed -n 's/.*"step":\([0-9]*\).*"loss":\([0-9.]*\).*/step \1 loss \2/p' "$folder/model.$where/metrics.jsonl" \
      >"$folder/losses.$where"
  done
  say "losses of 200 updates: the largest difference is $(paste "$folder"/losses.{this,arm} | awk '
    { d = $4 - $8; d = d < 0 ? -d : d; if (d > most) { most = d; step = $2 } }
    END { printf "%.2g at step %d, of %d losses", most, step, NR }')"
  tell_difference "text of the trained models" "$folder"/trained.{this,arm}
}

compare() {
  [[ -x build/release/heed ]] || die "build/release/heed is not here to compare with: run scripts/build.sh"
  [[ -d $MODEL ]] || die "MODEL=$MODEL is not here: scripts/quickstart.sh trains it, or name another"
  build_with_libtorch heed heed-torch
  mkdir -p build/arm/compare
  compare_translations build/arm/compare
  compare_trainings build/arm/compare
}

cd "$ROOT"
for part in "$@"; do
  case $part in fast | torch | compare) ;; *) die "$part: expected fast, torch or compare" ;; esac
done
if (($# == 0)); then set -- fast torch compare; fi
set_up
for part in "$@"; do
  case $part in
    fast) test_fast ;;
    torch) test_torch ;;
    compare) compare ;;
  esac
done
