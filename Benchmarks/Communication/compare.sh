#!/bin/bash
# Compares the collectives of the engine with those of the installed MPI: compare.sh WORKER [RANKS [ROUNDS [LARGEST [TRANSPORTS]]]]
#
# WORKER is a release build of cobre-worker, LARGEST the largest payload of a rank in bytes, TRANSPORTS "shm tcp" or one
# of them. The two are measured in turns, ROUNDS times each, and the medians printed. The numbers are meaningful on an
# otherwise idle machine. On a shared one, as root, `chrt -r 1 compare.sh ...` keeps other processes away meanwhile.
set -euo pipefail

worker=${1:?usage: compare.sh WORKER [RANKS [ROUNDS [LARGEST [TRANSPORTS]]]]}
ranks=${2:-2}
rounds=${3:-5}
largest=${4:-67108864}
transports=${5:-shm tcp}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mpicc -O2 -o "$work/mpi" "$here/mpi.c"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

# With more ranks than cores a spinning MPI would measure the scheduler.
yield=0
if [ "$ranks" -gt "$(nproc)" ]; then yield=1; fi
mpi() {
  timeout 600 mpiexec --oversubscribe --mca mpi_yield_when_idle "$yield" --mca btl "$1,self" -n "$ranks" "$work/mpi" "$largest"
}

group() {
  local rank
  for ((rank = ranks - 1; rank >= 0; rank--)); do
    env COBRE_SHM_RANK="$rank" COBRE_TCP_RANK="$rank" "$@" \
      timeout 600 "$worker" conformance --measure --measure-largest "$largest" > "$work/rank$rank" &
  done
  wait
  cat "$work/rank0"
}

table() {
  awk -F, '
    function median(key, values, count, i, j, swap) {
      for (i = 2; i <= count; i++)
        for (j = i; j > 1 && values[key, j] < values[key, j - 1]; j--) {
          swap = values[key, j]; values[key, j] = values[key, j - 1]; values[key, j - 1] = swap
        }
      return values[key, int((count + 1) / 2)]
    }
    $1 == "backend" { next }
    { key = $3 "," $4; if (!(key in seen)) { seen[key] = 1; order[++keys] = key } }
    $1 == "mpi" { theirs[key, ++many[key]] = $5 + 0; next }
    { ours[key, ++few[key]] = $5 + 0 }
    END {
      for (k = 1; k <= keys; k++) {
        key = order[k]
        if (!many[key] || !few[key]) continue
        split(key, part, ",")
        a = median(key, theirs, many[key]); b = median(key, ours, few[key])
        printf "%-10s %10s bytes  mpi %12.2f us  ours %12.2f us  ratio %.2f\n", part[1], part[2], a, b, b / a
      }
    }' "$1"
}

for transport in $transports; do
  : > "$work/$transport"
  for ((round = 0; round < rounds; round++)); do
    if [ "$transport" = shm ]; then
      mpi vader >> "$work/$transport"
      group COBRE_COMM_BACKEND=shm COBRE_SHM_NAME="cobre-bench-$$-$round" COBRE_SHM_SIZE="$ranks" >> "$work/$transport"
    else
      mpi tcp >> "$work/$transport"
      group COBRE_COMM_BACKEND=tcp COBRE_TCP_COORDINATOR=127.0.0.1 COBRE_TCP_PORT="$((20000 + RANDOM % 9000))" \
        COBRE_TCP_SIZE="$ranks" >> "$work/$transport"
    fi
  done
  echo "$transport, $ranks ranks, medians of $rounds rounds"
  table "$work/$transport"
done
