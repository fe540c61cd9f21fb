#!/usr/bin/env bash
# Compares the kinds of attention: trains each of configs/attention/*.ini on the sample corpus with the
# same data, seed and steps, translates and measures, and writes docs/attention.md from the logs.
#
#   scripts/compare_attention.sh                  everything; goes on where it was interrupted (Ctrl-C)
#   scripts/compare_attention.sh --only NAME      only this kind; again for more
#   scripts/compare_attention.sh --jobs N         so many kinds at a time, a core each
#   scripts/compare_attention.sh --steps N        other than the configurations' steps, to try it out
#   scripts/compare_attention.sh --runs FOLDER    where models and logs go (runs/attention)
#   scripts/compare_attention.sh --out FILE       the page; docs/attention.md for everything, else FOLDER/attention.md
#
# What is done is not done again: to have a kind anew, remove its folder below runs/attention. A kind that
# fails is named, its log too, and left out of the page. Speeds are measured at the end, one kind at a time:
# leave the machine alone then, or remove runs/attention/*/speed* and run the script again.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

HEED=${HEED:-build/release/heed}
RUNS=runs/attention
OUT=
JOBS=1
STEPS=
only=()
kind=

while (($# > 0)); do
  (($# > 1)) || die "$1: a value is missing; see the head of scripts/compare_attention.sh"
  case $1 in
    --only) only+=("$2") ;;
    --jobs) JOBS=$2 ;;
    --steps) STEPS=$2 ;;
    --runs) RUNS=$2 ;;
    --out) OUT=$2 ;;
    --kind) kind=$2 ;; # one kind and no page: how this script calls itself
    *) die "$1: unknown; see the head of scripts/compare_attention.sh" ;;
  esac
  shift 2
done

# A part, or a trial, is no page for docs/.
if [[ -z $OUT ]]; then
  OUT=docs/attention.md
  if ((${#only[@]})) || [[ -n $STEPS ]]; then OUT=$RUNS/attention.md; fi
fi

# once FILE COMMAND...: runs the command unless FILE is there; its standard output becomes FILE, its log
# FILE.log, once it has succeeded.
once() {
  local file=$1
  shift
  [[ -e $file ]] && return 0
  printf '%s\n' "$*" >"$file.command"
  "$@" >"$file.part" 2>"$file.log" </dev/null || return
  mv "$file.part" "$file"
}

# timed FILE COMMAND...: the command; the seconds that it took (elapsed, user, system) become FILE.
timed() {
  local file=$1
  shift
  local TIMEFORMAT='%R %U %S'
  { time "$@" 2>&4; } 4>&2 2>"$file"
}

# What a kind was made with, in one text: it may not change between the stages.
settings() {
  printf 'steps: %s\n' "${STEPS:-as configured}"
  cat "configs/attention/$1.ini"
}

# The stages of one kind. An interrupted training goes on from its last checkpoint by itself.
run_kind() {
  local name=$1 folder=$RUNS/$1
  local model=$folder/model
  mkdir -p "$folder"
  if [[ -e $folder/settings && $(settings "$name") != "$(<"$folder/settings")" ]]; then
    die "$folder was made with other settings (see $folder/settings): remove it to have $name anew"
  fi
  settings "$name" >"$folder/settings"
  local steps=(${STEPS:+"--training.max_steps=$STEPS"})
  once "$folder/build" "$HEED" info || return
  once "$folder/train" "$HEED" train "configs/attention/$name.ini" --threads 1 --seed 1 \
    "--output.folder=$model" ${steps[@]+"${steps[@]}"} || return
  once "$folder/model.txt" "$HEED" info "$model" || return
  once "$folder/translate" "$HEED" translate "$model" --threads 1 -i data/test.en || return
  once "$folder/scores" "$HEED" evaluate --hypothesis "$folder/translate" --reference data/test.de \
    --metrics bleu,chrf --format json || return
  once "$folder/inspect" "$HEED" inspect "$model" --threads 1 -i data/test.en --target data/test.de \
    --alignment data/test.align --ambiguous data/test.ambiguous.tsv --report - \
    -o "$folder/attention.html" || return
}

# What a finished kind costs: some steps of training and the translation of the test set.
measure_speed() {
  local folder=$RUNS/$1
  [[ -e $folder/inspect ]] || return 0
  once "$folder/speed" "$HEED" train "configs/attention/$1.ini" --threads 1 --seed 1 --fresh \
    "--output.folder=$folder/speed-model" --training.max_steps=60 --training.report_every=20 \
    --training.validate_every=100000 --training.soft_attention_steps=0 || return
  once "$folder/speed.translate" timed "$folder/speed.seconds" \
    "$HEED" translate "$folder/model" --threads 1 -i data/test.en || return
}

if [[ -n $kind ]]; then
  start=$SECONDS
  status=0
  run_kind "$kind" || status=$?
  if ((status == 0)); then
    say "$kind: done ($((SECONDS - start)) s)"
  elif ((status == 130 || status == 143)); then
    say "$kind: interrupted; the same command goes on from here"
  else
    # shellcheck disable=SC2012  # the names are our own
    log=$(ls -t "$RUNS/$kind"/*.log | head -n 1)
    say "$kind: failed; the end of $log:" >&2
    tail -n 3 "$log" | sed 's/^/    /' >&2
  fi
  exit "$((status > 0))"
fi

[[ -x $HEED ]] || die "$HEED is not there: run scripts/build.sh first"
[[ $JOBS =~ ^[1-9][0-9]*$ ]] || die "--jobs $JOBS: expected a whole number from 1"
[[ -z $STEPS || $STEPS =~ ^[1-9][0-9]*$ ]] || die "--steps $STEPS: expected a whole number from 1"
if ((${#only[@]} == 0)); then
  for file in configs/attention/*.ini; do only+=("$(basename "$file" .ini)"); done
fi
for name in "${only[@]}"; do
  [[ -f configs/attention/$name.ini ]] || die "--only $name: there is no configs/attention/$name.ini"
done

# By xargs, so that Ctrl-C reaches the trainings themselves, which then save where they are.
failed=0
printf '%s\n' "${only[@]}" |
  xargs -n 1 -P "$JOBS" "$ROOT/scripts/$SCRIPT.sh" ${STEPS:+--steps "$STEPS"} --jobs "$JOBS" --runs "$RUNS" --kind || failed=1
# What is a measure of time: one after another, with nothing of ours beside it.
for name in "${only[@]}"; do
  measure_speed "$name" || { say "$name: its speed could not be measured; see $RUNS/$name/speed*.log" >&2; failed=1; }
done
# What self-attention costs by length.
benchmark=$(dirname "$HEED")/self_attention_benchmark
if [[ -x $benchmark ]]; then once "$RUNS/self_attention.tsv" "$benchmark" || failed=1; fi
python3 -B scripts/report_attention.py "$RUNS" "$OUT" || failed=1
exit "$failed"
