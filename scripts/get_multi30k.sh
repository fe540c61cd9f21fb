#!/usr/bin/env bash
# Puts the Multi30k corpus (English, German) into multi30k/: train, val and test_2016_flickr.
#
#   scripts/get_multi30k.sh                  from its public repository, with git
#   scripts/get_multi30k.sh LOCAL_FOLDER     from a copy of it, plain files or .gz
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

REPOSITORY=https://github.com/multi30k/dataset
TARGET=$ROOT/multi30k
LINES='train 29000
val 1014
test_2016_flickr 1000'

# Of the six files one after the other, English before German, in the order above.
CHECKSUM=f362111d266b423c44cb3137d8ad5bf690ff533f54c3973e4c3176340baa2330

# warn_of_other_text FOLDER: where the lines are as many and yet others.
warn_of_other_text() {
  local name language files=()
  while read -r name _; do
    for language in en de; do files+=("$1/$name.$language"); done
  done <<<"$LINES"
  if [[ $(cat "${files[@]}" | sha256sum) != "$CHECKSUM "* ]]; then
    say "warning: not quite the text that docs/results.md and docs/benchmarks.md were measured on" >&2
  fi
}

# check FOLDER: whether it holds every file at its full length; says the first that is not.
check() {
  local name expected language found
  while read -r name expected; do
    for language in en de; do
      found=$(wc -l 2>/dev/null <"$1/$name.$language" || echo 0)
      if ((found != expected)); then
        problem="$1/$name.$language has $found lines, not $expected"
        return 1
      fi
    done
  done <<<"$LINES"
}

# copy_from FOLDER WORK: the six files, unpacked.
copy_from() {
  local name language file
  while read -r name _; do
    for language in en de; do
      file=$1/$name.$language
      if [[ -f $file ]]; then
        cp "$file" "$2/"
      elif [[ -f $file.gz ]]; then
        gzip -dc "$file.gz" >"$2/$name.$language"
      else
        die "$1 holds neither $name.$language nor $name.$language.gz: give the folder that holds" \
          "train, val and test_2016_flickr, each .en and .de"
      fi
    done
  done <<<"$LINES"
}

# download WORK: only the folder of the repository that holds the captions.
download() {
  have git || die "git is not here: run scripts/setup.sh"
  if ! git clone --quiet --depth 1 --filter=blob:none --sparse "$REPOSITORY" "$1/repository" ||
    ! git -C "$1/repository" sparse-checkout set data/task1/raw; then
    die "could not fetch $REPOSITORY: check the network, or give a folder with the files:" \
      "scripts/get_multi30k.sh LOCAL_FOLDER"
  fi
}

cite() {
  cat <<'TEXT'
Please cite: Desmond Elliott, Stella Frank, Khalil Sima'an and Lucia Specia (2016). Multi30K:
Multilingual English-German Image Descriptions. Proceedings of the 5th Workshop on Vision and
Language, pages 70-74. https://aclanthology.org/W16-3210
The captions carry the terms of Flickr30K: research and education, no commercial use.
TEXT
}

main() {
  local work problem=''
  if check "$TARGET"; then
    say "multi30k/ is complete: nothing to do"
    return 0
  fi
  work=$(mktemp -d)
  # shellcheck disable=SC2064  # the name as it is now
  trap "rm -rf '$work'" EXIT
  mkdir "$work/files"
  if (($#)); then
    copy_from "$1" "$work/files"
  else
    download "$work"
    copy_from "$work/repository/data/task1/raw" "$work/files"
  fi
  check "$work/files" || die "not the Multi30k that is expected: ${problem/$work\/files/${1:-$REPOSITORY}}"
  mkdir -p "$TARGET"
  mv "$work"/files/* "$TARGET/"
  warn_of_other_text "$TARGET"
  say "multi30k/ holds train (29000 pairs), val (1014) and test_2016_flickr (1000), English and German"
  cite
}

main "$@"
