#!/usr/bin/env bash
# Two "hosts" on one machine, each a network namespace, with a network between them; runs
# processes of a training on each, as torchrun would. Needs root and iproute2.
#
#   scripts/two_hosts.sh [--rate 1e9] [--delay 0.0002] [--each 1] [--name NAME] COMMAND...
#   scripts/two_hosts.sh --delay 0.002 build/release/heed train my.ini
#
# --rate   bits a second, each way
# --delay  seconds, each way: a round trip takes twice as long
# --each   processes on each host
# --name   of the namespaces, NAME-0 and NAME-1, e.g. to cut the second host off meanwhile:
#          ip -n NAME-1 link set link0 down
#
# The network is a veth pair with tc's netem; where the kernel has none, scripts/delayed_link.py.
# Ends with the exit code of the first process that failed.
set -euo pipefail

rate=1e9 delay=0.0002 each=1 name=hosts$$
while [[ ${1:-} == --* ]]; do
  case $1 in
    --rate) rate=$2 ;;
    --delay) delay=$2 ;;
    --each) each=$2 ;;
    --name) name=$2 ;;
    *) echo "two_hosts.sh: $1: not --rate, --delay, --each or --name" >&2 && exit 2 ;;
  esac
  shift 2
done
if (($# == 0)); then
  echo "two_hosts.sh: a command is missing" >&2
  exit 2
fi
here=$(dirname "${BASH_SOURCE[0]}")
hosts=("$name-0" "$name-1")
link=

clean_up() {
  local host
  if [[ -n $link ]]; then kill "$link" 2>/dev/null || true; fi
  for host in "${hosts[@]}"; do ip netns del "$host" 2>/dev/null || true; done
}
trap clean_up EXIT

has_netem() {
  tc -n "${hosts[0]}" qdisc add dev lo root netem delay 1ms 2>/dev/null &&
    tc -n "${hosts[0]}" qdisc del dev lo root
}

# A veth pair, each end of which sends as the options say.
lay_cable() {
  local i
  ip -n "${hosts[0]}" link add link0 type veth peer name link0 netns "${hosts[1]}"
  for i in 0 1; do
    ip -n "${hosts[i]}" addr add "10.77.0.$((i + 1))/24" dev link0
    ip -n "${hosts[i]}" link set link0 up
    tc -n "${hosts[i]}" qdisc add dev link0 root netem limit 100000 \
      rate "$(printf '%.0f' "$rate")bit" delay "$(awk "BEGIN { print 1000 * $delay }")ms"
  done
}

for host in "${hosts[@]}"; do
  ip netns add "$host"
  ip -n "$host" link set lo up
done
if has_netem; then
  lay_cable
else
  exec 3< <(exec python3 "$here/delayed_link.py" "${hosts[0]}" 10.77.0.1/24 "${hosts[1]}" \
    10.77.0.2/24 --rate "$rate" --delay "$delay")
  link=$!
  read -r _ <&3
fi

processes=()
for ((rank = 0; rank < 2 * each; ++rank)); do
  RANK=$rank WORLD_SIZE=$((2 * each)) LOCAL_RANK=$((rank % each)) MASTER_ADDR=10.77.0.1 \
    MASTER_PORT=29500 ip netns exec "${hosts[rank / each]}" "$@" &
  processes+=($!)
done
trap 'kill "${processes[@]}" 2>/dev/null || true' TERM INT
code=0
for process in "${processes[@]}"; do
  # A signal to this script ends `wait` early: once more, for what the process makes of it.
  wait "$process" || { one=$?; if kill -0 "$process" 2>/dev/null; then wait "$process" || one=$?; fi; ((code)) || code=$one; }
done
exit "$code"
