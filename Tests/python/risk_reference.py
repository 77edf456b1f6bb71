"""Values of risk measures by solvers that know nothing of the engine: what its weights are held against.

Every measure is the largest expectation over a set of distributions, less a penalty. Linear sets are solved by HiGHS
(scipy.optimize.linprog), round ones by SLSQP. Run as a script, it prints the rows of `RiskReferenceTests.swift`.
"""

import numpy as np
from scipy.optimize import linprog, minimize


def distances(points):
    """Euclidean distances of points whose components are divided by their spread."""
    points = np.asarray(points, float)
    return np.sqrt(((points[:, None, :] - points[None, :, :]) ** 2).mean(axis=2))


def cvar(costs, p, alpha, share):
    """The largest Σ q Q with q ≤ p / alpha, mixed with the expectation."""
    found = linprog(-costs, A_eq=[np.ones(len(p))], b_eq=[1], bounds=[(0, w / alpha) for w in p], method="highs")
    return (1 - share) * (p @ costs) - share * found.fun


def wasserstein(costs, p, radius, distance):
    """A transport problem: z[i, j] moves from i to j."""
    n = len(p)
    leave = np.zeros((n, n * n))
    for i in range(n):
        leave[i, i * n:(i + 1) * n] = 1
    found = linprog(
        -np.tile(costs, n), A_ub=[distance.ravel()], b_ub=[radius], A_eq=leave, b_eq=p, method="highs")
    return -found.fun


def concave(value, gradient, p, *limits):
    """The largest value over distributions within limits, by SLSQP from several starts."""
    best = -np.inf
    for share in (1e-3, 0.2, 0.7):
        start = (1 - share) * p + share / len(p)
        found = minimize(
            lambda q: -value(q), start, jac=lambda q: -gradient(q), method="SLSQP", bounds=[(1e-300, 1)] * len(p),
            constraints=[{"type": "eq", "fun": lambda q: q.sum() - 1, "jac": lambda q: np.ones(len(p))}, *limits],
            options={"ftol": 1e-15, "maxiter": 2000})
        if abs(found.x.sum() - 1) < 1e-9 and all(limit["fun"](found.x) > -1e-9 for limit in limits):
            best = max(best, value(found.x))
    return best


def chi_squared(costs, p, radius):
    limit = {
        "type": "ineq", "fun": lambda q: radius**2 - ((q - p) ** 2 / p).sum(), "jac": lambda q: -2 * (q - p) / p}
    return concave(lambda q: q @ costs, lambda q: costs, p, limit)


def entropic(costs, p, gamma):
    """The largest Σ q Q − KL(q, p) / gamma."""
    return concave(
        lambda q: q @ costs - (q * np.log(q / p)).sum() / gamma,
        lambda q: costs - (np.log(q / p) + 1) / gamma, p)


def problems(seed=7):
    """Costs, probabilities, points and the values of the measures of `RiskReferenceTests.swift`, in its order."""
    generator = np.random.default_rng(seed)
    for number in range(6):
        n = int(generator.integers(3, 8))
        costs = np.round(generator.uniform(-2, 10, n), 2)
        p = np.round(generator.dirichlet(np.full(n, 2.0)), 3)
        p[-1] = np.round(1 - p[:-1].sum(), 3)
        points = np.round(generator.uniform(-1, 1, (n, 2)), 2)
        if number == 2:
            costs[1] = costs[0]
        distance = distances(points)
        values = [wasserstein(costs, p, radius, distance) for radius in (0.05, 0.3, 0.9)]
        values += [chi_squared(costs, p, radius) for radius in (0.2, 0.8, 1.6)]
        values += [entropic(costs, p, gamma) for gamma in (0.02, 0.3, 1.5)]
        values += [cvar(costs, p, alpha, 0.7) for alpha in (0.15, 0.6)]
        yield costs, p, points.ravel(), values


def text(values, form="g"):
    return "[" + ", ".join(f"{value:{form}}" for value in values) + "]"


if __name__ == "__main__":
    for costs, p, points, values in problems():
        print(f"    Reference(\n      costs: {text(costs)},\n      probabilities: {text(p)},\n      points: {text(points)},")
        print(f"      values: {text(values, '.9f')}),")
