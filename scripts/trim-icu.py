#!/usr/bin/env python3
"""Makes a source of the part of ICU's data that the programs of the wheel can reach.

    scripts/trim-icu.py SWIFT_STATIC_LIBRARIES FOLDER

Foundation carries the data of all languages, 34 MB, of which the wheel would get 12 after compression. Numbers, dates and
texts of the engine are those of no language, so the root of each table and English are kept, with what no language
owns (properties of characters, time zones, calendars); other languages, code pages, dictionaries and
transliterations are left out. FOLDER becomes a target in C for Package.swift (COBRE_STATIC_RUNTIME). It defines the same symbol as
Foundation's archive, and a linker that knows a symbol takes no more of it out of an archive. Needs ar, objcopy and nm.
"""

import pathlib
import re
import struct
import subprocess
import sys
import tempfile

ARCHIVE = "lib_FoundationICU.a"
MEMBER = "icu_packaged_data.cpp.o"
LANGUAGE = re.compile(r"[a-z]{2,3}(_.*)?\.res")
ENGLISH = re.compile(r"en(_(US|001))?\.res")


def is_kept(name):
    """Whether a table belongs to the part; names are like icudt76l/curr/en.res."""
    *folders, file = name.split("/")
    if file.endswith((".cnv", ".spp", ".cfu", ".dict")) or folders[1:] in (["translit"], ["rbnf"]):
        return False
    return not LANGUAGE.fullmatch(file) or bool(ENGLISH.fullmatch(file))


def trim(data):
    """The package with fewer tables: a header, a list of offsets of names and tables, the names, the tables."""
    header = struct.unpack_from("<H", data)[0]
    if data[2:4] != b"\xda\x27" or data[12:16] != b"CmnD":
        sys.exit(f"{MEMBER} does not begin as a package of ICU data does; is it another version of Swift?")
    count = struct.unpack_from("<I", data, header)[0]
    entries = [struct.unpack_from("<II", data, header + 4 + 8 * index) for index in range(count)]
    ends = [offset for _, offset in entries[1:]] + [len(data) - header]
    kept = []
    for (name_at, data_at), end in zip(entries, ends):
        name = data[header + name_at : data.index(b"\0", header + name_at)]
        if is_kept(name.decode()):
            kept.append((name, data[header + data_at : header + end]))
    names = b"".join(name + b"\0" for name, _ in kept)
    start = 4 + 8 * len(kept)
    at = -(-(start + len(names)) // 16) * 16
    offsets, body, place = b"", b"", start
    for name, table in kept:
        offsets += struct.pack("<II", place, at + len(body))
        place += len(name) + 1
        body += table + b"\0" * (-len(table) % 16)
    listing = struct.pack("<I", len(kept)) + offsets + names
    return data[:header] + listing + b"\0" * (at - len(listing)) + body


def write(path, content):
    """Writes a file where its content is another, so that nothing is built again in vain."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_bytes() != content:
        path.write_bytes(content)


def main():
    libraries, target = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    with tempfile.TemporaryDirectory() as scratch:
        run = lambda *words: subprocess.run(words, check=True, cwd=scratch, capture_output=True, text=True).stdout  # noqa: E731
        run("ar", "x", libraries / ARCHIVE, MEMBER)
        symbols = re.findall(r"\b(icudt\d+_dat)\b", run("nm", MEMBER))
        if len(symbols) != 1:
            sys.exit(f"{MEMBER} does not define the one symbol icudt..._dat; is it another version of Swift?")
        run("objcopy", "-O", "binary", "--only-section=.rodata", MEMBER, "all.dat")
        data = (pathlib.Path(scratch) / "all.dat").read_bytes()
        part = trim(data)
        write(target / "part.dat", part)
        write(target / "include/LanguageData.h", b"/* Nothing is declared: the data is found by its symbol. */\n")
        source = (
            f".section .rodata\n.balign 16\n.globl {symbols[0]}\n.type {symbols[0]}, @object\n{symbols[0]}:\n"
            f'.incbin "{target}/part.dat"\n.size {symbols[0]}, . - {symbols[0]}\n.section .note.GNU-stack, "", @progbits\n'
        )
        write(target / "data.S", source.encode())
    print(f"{target}: {len(part) / 1e6:.1f} of {len(data) / 1e6:.1f} MB of ICU data")


if __name__ == "__main__":
    main()
