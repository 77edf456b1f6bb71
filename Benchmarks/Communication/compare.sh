#!/bin/bash
# Compares the collectives of the engine with those of the installed MPI: compare.sh WORKER [RANKS]
# Prints a table; WORKER is a release build of cobre-worker. Meaningful on a machine that does nothing else.
set -euo pipefail

worker=${1:?usage: compare.sh WORKER [RANKS]}
ranks=${2:-2}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mpicc -O2 -o "$work/mpi" "$here/mpi.c"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

mpi() { timeout 600 mpiexec --oversubscribe --mca mpi_yield_when_idle "$yield" --mca btl "$1,self" -n "$ranks" "$work/mpi"; }
yield=0
if [ "$ranks" -gt "$(nproc)" ]; then yield=1; fi

group() {
  local rank
  for ((rank = ranks - 1; rank >= 0; rank--)); do
    env COBRE_SHM_RANK="$rank" COBRE_TCP_RANK="$rank" "$@" timeout 600 "$worker" conformance --measure > "$work/rank$rank" &
  done
  wait
  cat "$work/rank0"
}

table() {
  awk -F, 'FNR == NR { theirs[$3 "," $4] = $5; next }
    ($3 "," $4) in theirs && $5 + 0 > 0 && theirs[$3 "," $4] + 0 > 0 {
      printf "%-10s %10s bytes  mpi %12.2f us  ours %12.2f us  ratio %.2f\n",
        $3, $4, theirs[$3 "," $4], $5, $5 / theirs[$3 "," $4] }' "$1" "$2"
}

mpi vader > "$work/mpi-shm"
group COBRE_COMM_BACKEND=shm COBRE_SHM_NAME="cobre-bench-$$" COBRE_SHM_SIZE="$ranks" > "$work/shm"
echo "shm, $ranks ranks"
table "$work/mpi-shm" "$work/shm"

mpi tcp > "$work/mpi-tcp"
port=$((20000 + RANDOM % 9000))
group COBRE_COMM_BACKEND=tcp COBRE_TCP_COORDINATOR=127.0.0.1 COBRE_TCP_PORT="$port" COBRE_TCP_SIZE="$ranks" > "$work/tcp"
echo "tcp, $ranks ranks"
table "$work/mpi-tcp" "$work/tcp"
