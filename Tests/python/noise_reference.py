"""Noise of the opening tree, written from the mathematical reference alone: what the engine's own noise is held against.

Philox is written out here; Sobol points and the normal quantile come from scipy.
"""

import numpy as np
from scipy.special import ndtri
from scipy.stats import qmc

MASK32 = 0xFFFFFFFF
MASK64 = 0xFFFFFFFFFFFFFFFF
OPENING, OUT_OF_SAMPLE, LATIN, SOBOL, HALTON = 1, 3, 4, 5, 6


def philox(seed, purpose, counter):
    """Four words of Philox 4x32-10 for a seed and purpose."""
    key = (seed & MASK64) ^ ((purpose * 0x9E3779B97F4A7C15) & MASK64)
    k0, k1 = key & MASK32, key >> 32
    c0, c1, c2, c3 = counter
    for turn in range(10):
        if turn:
            k0, k1 = (k0 + 0x9E3779B9) & MASK32, (k1 + 0xBB67AE85) & MASK32
        product0, product1 = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (product1 >> 32) ^ c1 ^ k0, product1 & MASK32, (product0 >> 32) ^ c3 ^ k1, product0 & MASK32
    return c0, c1, c2, c3


def uniform(seed, purpose, entity, sample, stage, iteration=0):
    low, high, _, _ = philox(seed, purpose, (entity, sample, stage, iteration))
    return (((high << 32 | low) >> 12) + 0.5) / 2**52


def permutation(seed, purpose, count, entity, stage, first=0, iteration=0):
    values = list(range(count))
    for i in range(count - 1, 0, -1):
        j = int(uniform(seed, purpose, entity, first + i, stage, iteration) * (i + 1))
        values[i], values[j] = values[j], values[i]
    return values


def primes(count):
    found, candidate = [], 2
    while len(found) < count:
        if all(candidate % p for p in found):
            found.append(candidate)
        candidate += 1
    return found


def sobol_bits(count, dimensions):
    """32 bits of each point in natural order, [point, dimension]; scipy walks in the order of the Gray code."""
    points = qmc.Sobol(dimensions, scramble=False, bits=32).random(1 << max(0, count - 1).bit_length())
    bits = np.empty(points.shape, dtype=np.uint64)
    for step, point in enumerate(points):
        bits[step ^ step >> 1] = (point * 2**32).astype(np.uint64)
    return bits[:count]


def halton(seed, count, base, dimension, stage):
    digits = 1
    while base**digits < count:
        digits += 1
    shuffles = [permutation(seed, HALTON, base, dimension, stage, first=p << 16) for p in range(digits)]
    values = []
    for i in range(count):
        value = sum(shuffles[p][i // base**p % base] * base ** (digits - 1 - p) for p in range(digits))
        values.append((value + 0.5) / base**digits)
    return values


def tree_uniforms(method, seed, count, words, stage):
    """Coordinates of the openings of a stage, [opening, component]; `words` are the entity words of the components."""
    draws = np.array([[uniform(seed, OPENING, word, i, stage) for word in words] for i in range(count)])
    if method == "saa":
        return draws
    if method == "lhs":
        strata = np.array([permutation(seed, LATIN, count, j, stage) for j in range(len(words))]).T
        return (strata + draws) / count
    if method == "qmc_sobol":
        shifts = np.array([philox(seed, SOBOL, (j, 0, stage, 0))[0] for j in range(len(words))], dtype=np.uint64)
        return ((sobol_bits(count, len(words)) ^ shifts) + 0.5) / 2**32
    bases = primes(len(words))
    return np.array([halton(seed, count, bases[j], j, stage) for j in range(len(words))]).T


def tree_noise(method, seed, count, words, stage):
    return ndtri(tree_uniforms(method, seed, count, words, stage))
