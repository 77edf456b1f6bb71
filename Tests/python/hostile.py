"""What the hostile tests share: how long they try, what they count, and clients that behave badly."""

import json
import os
import pathlib
import select
import subprocess
import time

from conftest import ROOT, SERVER

# `make hostile` tries for long. A plain run of the tests tries everything once, for a moment.
LONG = os.environ.get("COBRE_HOSTILE") == "long"


def amount(short, long):
    return long if LONG else short


class Tally:
    """Tries by family and how many held; what did not is an error of the test that tried it."""

    def __init__(self):
        self.families = {}
        self.figures = {}

    def check(self, family, held, words=""):
        entry = self.families.setdefault(family, [0, 0])
        entry[0] += 1
        entry[1] += bool(held)
        assert held, f"{family}: {words}"

    def worst(self, name, value):
        self.figures[name] = max(value, self.figures.get(name, value))

    def lines(self):
        for family, (tries, held) in sorted(self.families.items()):
            yield f"{family}: {held} of {tries} tries held"
        for name, value in sorted(self.figures.items()):
            yield f"{name}: {value:.3f}"


TALLY = Tally()


def resident_megabytes(pid, field="VmRSS"):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    return 0.0


def children(pid):
    """Processes whose parent is this one, zombies left out."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(entry.name))
    return found


class DeafClient:
    """Writes requests as long as they are accepted, and reads nothing until asked to."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [str(SERVER), *map(str, arguments)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, start_new_session=True)
        self.received = b""
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            os.set_blocking(stream.fileno(), False)
        self.pending = b""

    @property
    def pid(self):
        return self.process.pid

    def write(self, data, seconds):
        """Writes for at most so long; how many bytes were taken."""
        deadline = time.monotonic() + seconds
        done = 0
        while done < len(data) and time.monotonic() < deadline:
            _, ready, _ = select.select([], [self.process.stdin], [], max(0, deadline - time.monotonic()))
            if not ready:
                break
            try:
                done += os.write(self.process.stdin.fileno(), data[done:done + 65536])
            except BlockingIOError:
                continue
        return done

    def flood(self, make, seconds, most):
        """Writes numbered requests for so long, and no more than so many; the ids of those that were taken whole."""
        deadline = time.monotonic() + seconds
        number = 0
        taken = []
        peak = 0.0
        while time.monotonic() < deadline and number < most:
            line = json.dumps(make(number)).encode() + b"\n"
            done = self.write(line, max(0.05, deadline - time.monotonic()))
            if done < len(line):
                # Kept for later: a half line would spoil the next one.
                self.pending = line[done:]
                if done:
                    taken.append(number)
                break
            taken.append(number)
            number += 1
            if number % 500 == 0:
                peak = max(peak, resident_megabytes(self.pid))
        while time.monotonic() < deadline:
            peak = max(peak, resident_megabytes(self.pid))
            time.sleep(0.05)
        return taken, max(peak, resident_megabytes(self.pid))

    def read_all(self, seconds, rate=None, expecting=0):
        """Reads, and finishes a line that is half written, until nothing more has come for a while.

        Where a number of answers is expected, a pause is no end: a server may wait its turn on a machine that is at work.
        """
        deadline = time.monotonic() + seconds
        quiet = None
        # Pieces are joined once: a long answer in small pieces would be copied as often as there are pieces.
        pieces, lines = [self.received], self.received.count(b"\n")
        while time.monotonic() < deadline:
            if quiet is not None and time.monotonic() - quiet > 3 and lines >= expecting:
                break
            writable = [self.process.stdin] if self.pending else []
            ready, can_write, _ = select.select([self.process.stdout], writable, [], 0.1)
            if can_write:
                self.pending = self.pending[os.write(self.process.stdin.fileno(), self.pending[:4096]):]
            if ready:
                data = os.read(self.process.stdout.fileno(), rate or 1 << 20)
                if not data:
                    break
                pieces.append(data)
                lines += data.count(b"\n")
                quiet = time.monotonic()
                if rate:
                    time.sleep(0.01)
        self.received = b"".join(pieces)
        return [json.loads(line) for line in self.received.split(b"\n")[:-1]]

    def close(self):
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                stream.close()
            except BrokenPipeError:
                pass
