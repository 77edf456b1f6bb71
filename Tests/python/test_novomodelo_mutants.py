"""A sample of the mutants of Novomodelo cases: no end of a process, and nothing is taken that the other program refuses."""

import itertools
import os
import random
import re

import pytest

from novomodelo_mutants import Own, Peer, both, mutants, verdict, write
from novomodelo_random import draft
from test_novomodelo_differential import HAS_PEER, PEER

COUNT = int(os.environ.get("COBRE_DIFFERENTIAL_CASES", "6"))
BASES = [5201, 5242, 5046, 5234, 5296, 5446]
# What is taken here and refused there, with its reason in Documentation/Novomodelo.md.
TAKEN = [
    # A key that has a default, compression, an integer written 3.0 in the pairs of a parameter.
    r".* \| null", r".*parquet \| snappy", r".*values\[\]\[\] \| real",
    # A tail water that one more power of the outflow lifts above every head: there the plant lacks an equivalent productivity that a
    # constraint asks for. Which is right has not been judged.
    r".*tailrace<polynomial>\.coefficients \| with number",
]


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mutants")
    peer, own = Peer(PEER), Own(folder)
    yield folder, peer, own
    peer.close()
    own.close()


@pytest.mark.skipif(not HAS_PEER, reason="novomodelo-python is missing: name a Python that has it in COBRE_NOVOMODELO_PYTHON")
@pytest.mark.parametrize("seed", BASES)
def test_nothing_is_taken_that_is_refused_there(seed, programs):
    folder, peer, own = programs
    case, _ = draft(seed)
    for rule in case.documents["config.json"]["training"]["stopping_rules"]:
        if "limit" in rule:
            rule["limit"] = 4
    case.write(folder / f"base-{seed}")
    every = list(itertools.islice(mutants(case), 20_000))
    for key, change, content in random.Random(seed).sample(every, 5 * COUNT):
        write(folder / f"base-{seed}", folder / "case", content)
        left, right = both(peer, own, folder / "case", folder)
        found = verdict(left, right)
        assert found not in ("ours ended", "ours late"), (key, change, left, right)
        is_known = any(re.fullmatch(pattern, f"{key} | {change}") for pattern in TAKEN)
        assert found != "ours accept" or is_known, (key, change, left, right)
