"""The estimation of inflow models with numpy, from the mathematical reference alone.

A series is a dictionary from the number of a season in time to its value. Of n seasons, number t is season t % n. Pairs
are looked up by number, so that gaps, the first season of a history and orders beyond n need no care.
"""

import numpy as np


def moments(values):
    """Mean, deviation and remark of a season."""
    x = np.asarray(values, float)
    if np.all(np.abs(x - x[0]) <= 1e-6):
        return x[0], 0.0, "constant"
    if np.mean(x < 0) > 0.1:
        return x.mean(), x.std(), "negative"
    numbers, counts = np.unique(np.floor(np.abs(x) + 0.5) * np.sign(x), return_counts=True)
    if counts.max() > len(x) / 2:
        return float(numbers[counts.argmax()]), 0.0, "repeated"
    return x.mean(), x.std(), ""


def chain(seasons):
    """Lists of values by season in order of years, all starting in the same year, as a series."""
    n = len(seasons)
    return {y * n + m: float(v) for m, values in enumerate(seasons) for y, v in enumerate(values)}


class Plant:
    """The fit of one plant."""

    def __init__(self, seasons, max_order, annual=False, limit=None, n=None):
        self.x = seasons if isinstance(seasons, dict) else chain(seasons)
        self.n = n or len(seasons)
        self.max_order, self.limit = max_order, limit
        self.values = [np.array([self.x[t] for t in sorted(self.x) if t % self.n == m]) for m in range(self.n)]
        self.mean, self.std, self.remark = map(list, zip(*[moments(v) for v in self.values]))
        self.annual = annual and len(self.x) >= 13
        if self.annual:
            self._annual_means()
        self.fits = [self._fit(m, max_order) for m in range(self.n)]
        self.selected = [len(f[0]) for f in self.fits]
        ceilings = [max_order] * self.n
        if limit is not None:
            for m, fit in enumerate(self.fits):
                if any(abs(c) > limit for c in fit[0]):
                    ceilings[m] = 0
                    self.fits[m] = self._fit(m, 0)
        while True:
            failing = [m for m in range(self.n) if ceilings[m] > 0 and min(self.contributions(m), default=0) < 0]
            if not failing:
                break
            for m in failing:
                ceilings[m] -= 1
            refits = {m: self._fit(m, ceilings[m]) for m in failing}
            for m, fit in refits.items():
                self.fits[m] = fit

    def _annual_means(self):
        """Means of twelve seasons in a row that an observation follows, by the number of the last season."""
        self.a = {t: np.mean([self.x[t - k] for k in range(12)])
                  for t in self.x if t + 1 in self.x and all(t - k in self.x for k in range(12))}
        windows = [[v for t, v in sorted(self.a.items()) if t % self.n == m] for m in range(self.n)]
        self.windows = [len(w) for w in windows]
        self.amean = [np.mean(w) if w else 0.0 for w in windows]
        self.astd = [np.std(w) if w else 0.0 for w in windows]

    def pairs(self, m, lag):
        return [(self.x[t], self.x[t - lag]) for t in sorted(self.x) if t % self.n == m % self.n and t - lag in self.x]

    def rho(self, m, lag):
        m %= self.n
        if lag == 0:
            return 1.0
        other = (m - lag) % self.n
        pairs = np.array(self.pairs(m, lag))
        if len(pairs) == 0 or self.std[m] * self.std[other] == 0:
            return 0.0
        product = (pairs[:, 0] - self.mean[m]) @ (pairs[:, 1] - self.mean[other])
        return float(np.clip(product / (len(pairs) * self.std[m] * self.std[other]), -1, 1))

    def annual_pairs(self, m, i):
        """z at t - i with the annual mean before t, t in season m."""
        return [(self.x[t + 1 - i], mean) for t, mean in sorted(self.a.items())
                if (t + 1) % self.n == m % self.n and t + 1 - i in self.x]

    def rho_annual(self, m, i):
        own, before = (m - i) % self.n, (m - 1) % self.n
        if self.std[own] * self.astd[before] == 0:
            return 0.0
        total = sum((z - self.mean[own]) * (a - self.amean[before]) for z, a in self.annual_pairs(m, i))
        count = max(len(self.values[own]), self.windows[before])
        return float(np.clip(total / (count * self.std[own] * self.astd[before]), -1, 1))

    def carried(self, m, ceiling):
        """The largest order with more pairs than unknowns that leaves some of the variance; -1 without any."""
        extra = 1 if self.annual else 0
        best = -extra
        for p in range(1 - extra, ceiling + 1):
            counts = [len(self.pairs(m - i, j - i)) for i in range(p + 1) for j in range(i, p + 1)]
            if self.annual:
                counts += [len(self.annual_pairs(m, i)) for i in range(p + 1)]
            if min(counts) <= p + extra:
                break
            r, right = self.system(m, p)
            if np.linalg.matrix_rank(r) < len(right) or 1 - np.linalg.solve(r, right) @ right <= 1e-12:
                break
            best = p
        return best

    def system(self, m, order):
        r = np.array([[self.rho(m - min(i, j), abs(i - j)) for j in range(1, order + 1)] for i in range(1, order + 1)])
        right = [self.rho(m, i) for i in range(1, order + 1)]
        if self.annual:
            border = [self.rho_annual(m, i) for i in range(1, order + 1)]
            r = np.block([[r.reshape(order, order), np.reshape(border, (order, 1))],
                          [np.reshape(border, (1, order)), np.ones((1, 1))]])
            right = right + [self.rho_annual(m, 0)]
        return r, np.array(right)

    def partial(self, m, ceiling):
        result = []
        for k in range(1, ceiling + 1):
            if self.annual:
                names = [0, k] + list(range(1, k)) + ["A"]

                def entry(a, b):
                    if a == b:
                        return 1.0
                    if a == "A" or b == "A":
                        return self.rho_annual(m, a if b == "A" else b)
                    return self.rho(m - min(a, b), abs(a - b))

                s = np.array([[entry(a, b) for b in names] for a in names])
                c = s[:2, :2] - s[:2, 2:] @ np.linalg.solve(s[2:, 2:], s[2:, :2])
                product = c[0, 0] * c[1, 1]
                result.append(float(np.clip(c[0, 1] / np.sqrt(product), -1, 1)) if product > 0 else 0.0)
            else:
                r, right = self.system(m, k)
                result.append(float(np.linalg.solve(r, right)[-1]))
        return result

    def _fit(self, m, ceiling):
        """Coefficients, annual coefficient, residual ratio."""
        if self.std[m] == 0:
            return [], 0.0, 1.0
        carried = self.carried(m, ceiling)
        if carried < 0:
            return [], 0.0, 1.0
        partial = self.partial(m, carried)
        significant = [k + 1 for k, v in enumerate(partial) if abs(v) > 1.96 / np.sqrt(len(self.values[m]))]
        order = max(significant, default=0)
        if self.annual:
            order = 0 if not partial or partial[0] == 0 else max(1, order)
        fit = self._solve(m, order)
        return self._solve(m, 0) if fit[0] and fit[0][0] < 0 else fit

    def _solve(self, m, order):
        if order == 0 and not self.annual:
            return [], 0.0, 1.0
        r, right = self.system(m, order)
        solution = np.linalg.solve(r, right)
        ratio = min(1.0, float(np.sqrt(1 - solution @ right)))
        return list(solution[:order]), float(solution[order]) if self.annual else 0.0, ratio

    def contributions(self, m):
        """Impulse responses of the recursion up to the order of the season."""
        order = len(self.fits[m][0])
        if order == 0:
            return []

        def f(season, lag):
            season %= self.n
            phi = self.fits[season][0]
            before = self.std[(season - lag) % self.n]
            return phi[lag - 1] * self.std[season] / before if lag <= len(phi) and before > 0 else 0.0

        rows = [[f(m, j + 1) for j in range(order)]]
        for i in range(1, order):
            rows.append([rows[-1][0] * f(m - i, j + 1) + rows[-1][j + 1] for j in range(order - i)])
        return [row[0] for row in rows]
