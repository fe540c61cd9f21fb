#!/usr/bin/env bash
# Everything once: sets up, builds, trains on the corpus in data/, scores, translates, and draws the
# attention. The model is left in models/quickstart; a finished one is kept.
#
#   scripts/quickstart.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

HEED=build/release/heed
MODEL=models/quickstart
SOURCE=data/test.en
REFERENCE=data/test.de
SAMPLES=5

times=()

# stage NAME COMMAND...: runs it with its output, and notes its time.
stage() {
  local name=$1 start=$SECONDS
  shift
  printf '\n== %s\n' "$name"
  "$@"
  times+=("$(printf '%6d s  %s' $((SECONDS - start)) "$name")")
}

train() {
  if [[ -f $MODEL/model.safetensors ]]; then
    say "$MODEL holds a model already: it is kept, or trained on if it is not finished" \
      "(to train afresh, remove that folder)"
  fi
  "$HEED" train configs/quickstart.ini
}

evaluate() { "$HEED" evaluate "$MODEL" --source "$SOURCE" --reference "$REFERENCE"; }

# spread FILE: SAMPLES of its lines, at equal distances.
spread() {
  awk -v n="$SAMPLES" -v lines="$(wc -l <"$1")" \
    'BEGIN { gap = lines / n } NR == int(k * gap + gap / 2) + 1 { print; k++ }' "$1"
}

show_translations() {
  local source translation reference
  spread "$SOURCE" >"$MODEL/sample.source"
  spread "$REFERENCE" >"$MODEL/sample.reference"
  "$HEED" translate "$MODEL" --quiet -i "$MODEL/sample.source" -o "$MODEL/sample.translation"
  paste -d '\n' "$MODEL"/sample.{source,translation,reference} |
    while IFS= read -r source && IFS= read -r translation && IFS= read -r reference; do
      printf 'source       %s\ntranslation  %s\nreference    %s\n\n' "$source" "$translation" "$reference"
    done
}

has_inspect() { [[ $("$HEED" --help 2>&1) == *inspect* ]]; }

draw_attention() { "$HEED" inspect "$MODEL" -i "$MODEL/sample.source" -o "$MODEL/attention.html"; }

summary() {
  printf '\n== Done in %d s\n' "$SECONDS"
  printf '%s\n' "${times[@]}"
  printf '\nprogram    %s\nmodel      %s\n' "$HEED" "$MODEL"
  if [[ -f $MODEL/attention.html ]]; then printf 'attention  %s (open it in a browser)\n' "$MODEL/attention.html"; fi
  printf 'try it     echo "A man is reading a book." | %s translate %s\n' "$HEED" "$MODEL"
}

cd "$ROOT"
stage "set-up" scripts/setup.sh
stage "build" scripts/build.sh release --target heed
stage "training" train
stage "evaluation on $SOURCE" evaluate
stage "sample translations" show_translations
if has_inspect; then stage "attention page" draw_attention; fi
summary
