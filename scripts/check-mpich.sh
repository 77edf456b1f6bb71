#!/bin/sh
# Compiles the MPI shim against MPICH, looks for every function it needs in MPICH's library, and has MPICH's launcher read
# a file of hosts such as the engine writes.
#
# MPICH and OpenMPI cannot be installed side by side from Debian, so MPICH's packages are unpacked into a scratch folder
# and nothing is installed. Needs apt-get, dpkg, cc and nm; takes a few seconds and about 25 MB from the mirror.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cd "$scratch"
apt-get download -q libmpich-dev libmpich12 mpich libslurm38 libucx0 libgfortran5 >&2 ||
  { echo "check-mpich: the packages cannot be fetched; see apt-get's message above (apt-get update?)." >&2; exit 2; }
for package in ./*.deb; do dpkg -x "$package" unpacked; done
header=$(find unpacked -path '*mpich*' -name mpi.h | head -n 1)
library=$(find unpacked -name 'libmpich.so.*' -type f | head -n 1)
[ -n "$header" ] && [ -n "$library" ] ||
  { echo "check-mpich: the packages hold no mpi.h or no libmpich; has their layout changed?" >&2; exit 2; }

cc -std=c11 -D_GNU_SOURCE -DCOBRE_MPI -Wall -Wextra -Werror -I "$(dirname "$header")" \
  -I "$root/Sources/CobreMPIShim/include" -c "$root/Sources/CobreMPIShim/CobreMPIShim.c" -o shim.o

nm -D --defined-only "$library" | awk '{ print $3 }' | sort -u > provided
nm -u shim.o | awk '{ print $2 }' | grep '^MPI' | sort -u > needed
missing=$(comm -23 needed provided)
[ -z "$missing" ] || { echo "check-mpich: MPICH has no $missing" >&2; exit 1; }
echo "check-mpich: the shim compiles against $(basename "$library"), which has all $(wc -l < needed) functions it calls."

# As HostList writes it for this launcher; `fork` starts nothing elsewhere.
launcher=$(find unpacked -name mpiexec.hydra -type f | head -n 1)
printf 'a:3\nb:2\n' > hosts
placed=$(LD_LIBRARY_PATH=$(dirname "$library") timeout 60 "$launcher" -v --hostfile hosts -launcher fork -n 5 true 2>&1 |
  sed -n 's/^ *\[[0-9]*\] proxy: \([ab]\) (\([0-9]*\) cores).*/\1 \2/p; s/^ *Exec list: true (\([0-9]*\) processes).*/\1/p' |
  tr '\n' ' ')
[ "$placed" = "a 3 3 b 2 2 " ] ||
  { echo "check-mpich: MPICH reads the file of hosts as \"$placed\", not as 3 places on a and 2 on b." >&2; exit 1; }
LD_LIBRARY_PATH=$(dirname "$library") "$launcher" --version | grep -qi hydra ||
  { echo "check-mpich: its launcher no longer calls itself HYDRA, by which the engine knows it." >&2; exit 1; }
echo "check-mpich: its launcher reads the file of hosts as meant."
