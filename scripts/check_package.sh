#!/usr/bin/env bash
# Installs the Debian package that CPack makes of the build in a Debian root that holds nothing else, and uses it
# there: its version, a training of some steps, a translation, a served request.
#
#   scripts/check_package.sh [PACKAGE.deb]
#
# Without a package it makes one of build/release. It must be root, and have debootstrap (a Debian package) and
# Debian's mirror: MIRROR names another, SUITE another release than bookworm. ROOT_FOLDER, where it is set, is the root
# to use, or to make, and it stays; else one is made in a temporary folder.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

MIRROR=${MIRROR:-http://deb.debian.org/debian}
SUITE=${SUITE:-bookworm}

((EUID == 0)) || die "must be root, for debootstrap and chroot are root's alone"
have debootstrap || die "debootstrap is not there: apt-get install debootstrap"

work=$(mktemp -d)
root=${ROOT_FOLDER:-$work/root}
finish() {
  if [[ -n ${server:-} ]]; then kill "$server" 2>/dev/null || true; fi
  umount "$root/proc" 2>/dev/null || true
  rm -rf --one-file-system "$work"
}
trap finish EXIT

package=${1:-}
if [[ -z $package ]]; then
  have cpack || die "cpack is not there: it comes with cmake"
  step "package of build/release" cpack -G DEB -B "$work/package" --config "$ROOT/build/release/CPackConfig.cmake"
  package=$(echo "$work"/package/*.deb)
fi
say "$(basename "$package"): $(du -m "$package" | cut -f1) MiB"

if [[ ! -e $root/etc/debian_version ]]; then
  # What the root holds is thrown away: the keys of who signs it may be missing here.
  step "Debian $SUITE" debootstrap --no-check-gpg --variant=minbase "$SUITE" "$root" "$MIRROR"
fi
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"

enter=(chroot "$root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive)
inside() { "${enter[@]}" "$@"; }

cp "$package" "$root/heed.deb"
step "apt-get update there" inside apt-get update
step "apt-get install there" inside apt-get install --yes --no-install-recommends /heed.deb
say "$(inside heed --version | head -n 1)"
if inside ldd /usr/bin/heed | grep -q torch; then die "heed loads LibTorch, which is heed-torch's part"; fi
if inside find / -xdev -name 'libtorch_cpu.so' -not -path '/usr/lib/*' | grep -q .; then
  die "a LibTorch outside the package lies in the root: it shows nothing"
fi

mkdir -p "$root/trial"
for side in en de; do
  head -n 500 "$ROOT/data/train.$side" >"$root/trial/train.$side"
  head -n 20 "$ROOT/data/dev.$side" >"$root/trial/dev.$side"
done
cat >"$root/trial/config.ini" <<'END'
[data]
train_source = train.en
train_target = train.de
dev_source = dev.en
dev_target = dev.de
[tokenizer]
vocab_size = 300
[model]
hidden_size = 32
feed_forward_size = 64
layers = 1
heads = 2
[training]
max_steps = 20
validate_every = 20
[output]
folder = model
END
step "heed train there" inside heed train /trial/config.ini
line='A man is reading a book.'
translated=$(inside bash -c "echo '$line' | heed translate /trial/model --quiet")
say "heed translate there: $line -> $translated"

# The root has no curl; bash speaks to a port.
"${enter[@]}" heed serve /trial/model --port 0 2>"$work/serve.log" &
server=$!
for _ in $(seq 100); do
  if grep -q '^serving at ' "$work/serve.log"; then break; fi
  sleep 0.1
done
port=$(sed -n 's/^serving at .*:\([0-9]*\)$/\1/p' "$work/serve.log")
exec 3<>"/dev/tcp/127.0.0.1/$port"
body="q=${line// /%20}&source=en&target=de"
printf 'POST /translate HTTP/1.1\r\nHost: x\r\nConnection: close\r\n' >&3
printf 'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s' "${#body}" "$body" >&3
answer=$(tr -d '\r' <&3)
exec 3>&-
kill "$server"
wait "$server" || [[ $? == 143 ]] || die "heed serve ended with $?"
server=
say "heed serve there: $(tail -n 1 <<<"$answer")"
grep -q '^HTTP/1.1 200' <<<"$answer" && grep -qF '"translatedText"' <<<"$answer" || die "no translation: $answer"

step "apt-get remove there" inside apt-get remove --yes heed
left=$(inside bash -c 'command -v heed; find /usr/lib -maxdepth 2 -name heed')
if [[ -n $left ]]; then die "removed, it leaves behind: $left"; fi
say "it installs, trains, translates, serves and goes"
