#!/usr/bin/env bash
# Makes an environment for each toolkit that heed is measured against, in FOLDER/ct2, joey, onmt and marian; and
# one with transformers, which judges what heed imports and exports.
#
#   scripts/peers/setup.sh FOLDER [ct2|joey|onmt|marian|transformers ...]
#
# Needs 7 GB in all. JoeyNMT and OpenNMT-py pin older releases of PyTorch: they are installed without their
# dependencies, beside the release that heed itself is built on. TORCH_INDEX_URL as for scripts/setup.sh.
# Run again, it makes only what is not there; a log of each is beside its folder.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

TORCH='torch==2.13.0' # exactly this: a looser request can resolve to other builds, gigabytes of them

index=()
if [[ -n ${TORCH_INDEX_URL:-} ]]; then index=(--index-url "$TORCH_INDEX_URL"); fi

pip_into() { "$FOLDER/$1/bin/python" -m pip install --quiet "${@:2}"; }

ct2() { pip_into ct2 ctranslate2==4.8.5 sentencepiece numpy; }

joey() {
  pip_into joey "$TORCH" ${index[@]+"${index[@]}"} &&
    pip_into joey --no-deps joeynmt==2.3.0 &&
    pip_into joey sentencepiece==0.2.0 numpy pyyaml sacrebleu subword-nmt packaging portalocker setuptools six \
      tensorboard matplotlib importlib_metadata
}

onmt() {
  pip_into onmt "$TORCH" ${index[@]+"${index[@]}"} &&
    pip_into onmt --no-deps OpenNMT-py==3.5.1 &&
    pip_into onmt numpy pyyaml configargparse six setuptools safetensors rapidfuzz tensorboard sacrebleu \
      sentencepiece pyonmttok spacy pyahocorasick fasttext
}

transformers() {
  pip_into transformers "$TORCH" ${index[@]+"${index[@]}"} &&
    pip_into transformers transformers==5.24.0 ctranslate2==4.8.5 sentencepiece numpy
}

marian() { pip_into marian pymarian==1.12.42 pyyaml huggingface-hub numpy; }

make_one() {
  local name=$1
  if [[ -e $FOLDER/$name/complete ]]; then
    say "$name is there"
    return 0
  fi
  LOG=$FOLDER/$name.log
  step "$name: environment" python3 -m venv --clear "$FOLDER/$name" &&
    step "$name: packages" "$name" &&
    touch "$FOLDER/$name/complete"
}

(($# > 0)) || die "which folder? scripts/peers/setup.sh FOLDER"
mkdir -p "$1"
FOLDER=$(cd "$1" && pwd)
shift
names=("$@")
if ((${#names[@]} == 0)); then names=(ct2 joey onmt marian transformers); fi
failed=0
for name in "${names[@]}"; do
  case $name in
    ct2 | joey | onmt | marian | transformers) make_one "$name" || failed=1 ;;
    *) die "$name: unknown; there are ct2, joey, onmt, marian and transformers" ;;
  esac
done
exit "$failed"
