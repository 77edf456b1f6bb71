#!/bin/bash
# Compares star and ring over tcp between hosts: hosts.sh WORKER [HOSTS [RATE [LARGEST [ROUNDS]]]]
#
# Each host is a network namespace with a cable of RATE (1gbit) to a common switch, one rank on each. Needs root and
# iproute2. WORKER is a release build of cobre-worker, LARGEST the largest payload of a rank in bytes. The two are
# measured in turns, ROUNDS times each, and the medians printed.
set -euo pipefail

worker=${1:?usage: hosts.sh WORKER [HOSTS [RATE [LARGEST [ROUNDS]]]]}
hosts=${2:-4}
rate=${3:-1gbit}
largest=${4:-4194304}
rounds=${5:-3}
work=$(mktemp -d)
name="cb$$"
cleanup() {
  local host
  for ((host = 0; host < hosts; host++)); do ip netns del "$name-$host" 2> /dev/null || true; done
  ip netns del "$name-switch" 2> /dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

limit() { tc -n "$1" qdisc add dev "$2" root tbf rate "$rate" burst 256k latency 100ms; }
ip netns add "$name-switch"
ip -n "$name-switch" link add switch type bridge
ip -n "$name-switch" link set switch up
for ((host = 0; host < hosts; host++)); do
  ip netns add "$name-$host"
  ip link add "$name-c$host" type veth peer name "$name-p$host"
  ip link set "$name-c$host" netns "$name-$host"
  ip link set "$name-p$host" netns "$name-switch"
  ip -n "$name-$host" link set "$name-c$host" name cable
  ip -n "$name-$host" addr add "10.204.7.$((host + 1))/24" dev cable
  ip -n "$name-$host" link set cable up
  ip -n "$name-$host" link set lo up
  ip -n "$name-switch" link set "$name-p$host" master switch up
  limit "$name-$host" cable
  limit "$name-switch" "$name-p$host"
done

group() {
  local ring=$1 rank
  for ((rank = hosts - 1; rank >= 0; rank--)); do
    ip netns exec "$name-$rank" env COBRE_COMM_BACKEND=tcp COBRE_TCP_RANK="$rank" COBRE_TCP_SIZE="$hosts" \
      COBRE_TCP_COORDINATOR=10.204.7.1 COBRE_TCP_RING="$ring" \
      timeout 600 "$worker" conformance --measure --measure-largest "$largest" > "$work/rank$rank" &
  done
  wait
  awk -F, -v way="$ring" '$1 == "tcp" { print way "," $3 "," $4 "," $5 }' "$work/rank0"
}

for ((round = 0; round < rounds; round++)); do
  group 0
  group 1
done > "$work/all"

echo "$hosts hosts, cables of $rate, medians of $rounds rounds"
sort -t, -k2,2 -k3,3n -k1,1n -k4,4g "$work/all" | awk -F, -v rounds="$rounds" '
  { key = $2 "," $3; if (++seen[key, $1] == int((rounds + 1) / 2)) time[key, $1] = $4
    if (!(key in order)) { order[key] = ++keys; names[keys] = key } }
  END {
    for (k = 1; k <= keys; k++) {
      split(names[k], part, ",")
      printf "%-10s %10s bytes  star %12.2f us  ring %12.2f us  ratio %.2f\n", part[1], part[2],
        time[names[k], 0], time[names[k], 1], time[names[k], 1] / time[names[k], 0]
    }
  }'
