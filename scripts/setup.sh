#!/bin/sh
# Installs what building and testing need: system packages by apt, and the Python client into .venv.
# Does nothing where everything is there. COBRE_MPI=0 leaves MPI out; COBRE_PYTHON=0 leaves .venv out; COBRE_HIGHS=1 brings
# the LP solver HiGHS into .highs where the system has none.
set -eu
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# The words below are split on purpose: a list of package names.
missing=""
need() { missing="$missing $1"; }

has_header() { printf '#include <%s>\n' "$1" | cc -E -x c - >/dev/null 2>&1; }

command -v swift >/dev/null 2>&1 ||
  fail "Swift 6.2 or newer is needed and no 'swift' is on the PATH. Install it from https://www.swift.org/install/linux/ and run this again."
command -v cc >/dev/null 2>&1 || need gcc
command -v pkg-config >/dev/null 2>&1 || need pkg-config
pkg-config --exists clp 2>/dev/null || need coinor-libclp-dev
pkg-config --exists cairo 2>/dev/null || need libcairo2-dev
[ -d /usr/include/c++ ] || need g++
# Compression of Parquet tables.
has_header zstd.h || need libzstd-dev
has_header snappy-c.h || need libsnappy-dev
has_header lz4.h || need liblz4-dev
# Proofs of messages between ranks.
has_header nettle/hmac.h || need nettle-dev
has_header zlib.h || need zlib1g-dev
{ pkg-config --exists sqlite3 2>/dev/null || has_header sqlite3.h; } || need libsqlite3-dev
if [ "${COBRE_MPI:-1}" != 0 ]; then
  command -v mpiexec >/dev/null 2>&1 || need openmpi-bin
fi
# Tests make hosts out of network namespaces. Without the tool, or without being root, they are skipped.
command -v ip >/dev/null 2>&1 || [ -x /usr/sbin/ip ] || need iproute2
highs_is_missing=0
if [ "${COBRE_HIGHS:-0}" = 1 ]; then
  PKG_CONFIG_PATH=".highs:${PKG_CONFIG_PATH:-}" pkg-config --exists highs 2>/dev/null || highs_is_missing=1
fi
if [ "${COBRE_PYTHON:-1}" != 0 ] || [ "$highs_is_missing" = 1 ]; then
  command -v python3 >/dev/null 2>&1 || need python3
  python3 -c 'import ensurepip, venv' >/dev/null 2>&1 || need python3-venv
fi

if [ -n "$missing" ]; then
  install="apt-get install -y --no-install-recommends$missing"
  command -v apt-get >/dev/null 2>&1 ||
    fail "these are missing and this system has no apt-get; install what corresponds to the Debian packages:$missing"
  if [ "$(id -u)" = 0 ]; then
    as_root=""
  elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo"
  else
    fail "system packages are missing and installing them needs root. Run this, then try again:
  sudo $install"
  fi
  say "installing:$missing"
  # Package lists of a fresh machine are empty or old, so they are fetched first. A failure shows in the install.
  # shellcheck disable=SC2086
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q >&2 || say "apt-get update failed; trying with the lists there are"
  # shellcheck disable=SC2086
  $as_root env DEBIAN_FRONTEND=noninteractive $install >&2 ||
    fail "apt-get could not install$missing. See its message above; without a network, install them from a mirror and run this again."
fi

if [ "$highs_is_missing" = 1 ]; then
  # Distributions before Debian 13 have no libhighs-dev. The wheel carries headers and library, but with the paths of the
  # machine that built it in its pkg-config file.
  say "installing HiGHS into .highs"
  [ -x .venv/bin/python ] || python3 -m venv .venv
  rm -rf .highs
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --target .highs/wheel "highsbox==1.15.1" >&2 ||
    fail "pip could not install highsbox into .highs. Check the network or the proxy settings (PIP_INDEX_URL, HTTPS_PROXY)."
  dist="$PWD/.highs/wheel/highsbox/highs_dist"
  [ -f "$dist/lib/libhighs.so" ] || fail "the highsbox wheel holds no $dist/lib/libhighs.so; build without COBRE_HIGHS=1."
  ln -sfn "$dist/lib" .highs/lib
  cat > .highs/highs.pc <<PC
Name: HiGHS
Description: Linear optimization software
Version: 1.15.1
Libs: -L$dist/lib -lhighs
Cflags: -I$dist/include/highs
PC
fi

if [ "${COBRE_PYTHON:-1}" != 0 ]; then
  requirements=Tests/python/requirements.txt
  if ! cmp -s "$requirements" .venv/installed-requirements.txt; then
    say "installing the Python test client into .venv"
    [ -x .venv/bin/python ] || python3 -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$requirements" >&2 ||
      fail "pip could not install $requirements into .venv. Check the network or the proxy settings (PIP_INDEX_URL, HTTPS_PROXY)."
    cp "$requirements" .venv/installed-requirements.txt
  fi
fi
