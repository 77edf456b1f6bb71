"""The estimation of inflow models with numpy, from the mathematical reference alone.

Series are lists of values by season in order of years, all starting in the same year.
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


class Plant:
    """The fit of one plant."""

    def __init__(self, seasons, max_order, annual=False, limit=None):
        self.n, self.max_order, self.limit = len(seasons), max_order, limit
        self.values = [np.asarray(v, float) for v in seasons]
        self.mean, self.std, self.remark = map(list, zip(*[moments(v) for v in seasons]))
        self.annual = annual and sum(map(len, seasons)) >= 13
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
        chain = [(y, m) for y in range(max(map(len, self.values))) for m in range(self.n) if y < len(self.values[m])]
        series = np.array([self.values[m][y] for y, m in chain])
        means = np.convolve(series, np.ones(12) / 12, "valid")[:-1]
        self.windows = [dict() for _ in range(self.n)]
        for (y, m), mean in zip(chain[11:], means):
            self.windows[m][y] = mean
        self.amean = [np.mean(list(w.values())) if w else 0.0 for w in self.windows]
        self.astd = [np.std(list(w.values())) if w else 0.0 for w in self.windows]

    def rho(self, m, lag):
        m %= self.n
        if lag == 0:
            return 1.0
        other = (m - lag) % self.n
        years = (1 if other >= m else 0) if lag < self.n else lag // self.n
        pairs = min(len(self.values[m]) - years, len(self.values[other]))
        if pairs <= 0 or self.std[m] * self.std[other] == 0:
            return 0.0
        a = self.values[m][years:years + pairs] - self.mean[m]
        b = self.values[other][:pairs] - self.mean[other]
        return float(np.clip(a @ b / (pairs * self.std[m] * self.std[other]), -1, 1))

    def rho_annual(self, m, i):
        """Correlation of z at t − i with the annual mean before t, t in season m."""
        own, before = (m - i) % self.n, (m - 1) % self.n
        if self.std[own] * self.astd[before] == 0:
            return 0.0
        total = 0.0
        for year, mean in self.windows[before].items():
            # The window ends at number k − 1 of the chain of seasons; z stands at k − i.
            k = year * self.n + before + 1
            y, season = divmod(k - i, self.n)
            assert season == own
            if 0 <= y < len(self.values[own]):
                total += (self.values[own][y] - self.mean[own]) * (mean - self.amean[before])
        count = max(len(self.values[own]), len(self.windows[before]))
        return float(np.clip(total / (count * self.std[own] * self.astd[before]), -1, 1))

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
        partial = self.partial(m, ceiling)
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
        variance = 1 - solution @ right
        ratio = float(np.clip(np.sqrt(variance), 2.2e-16, 1)) if variance > 0 else 1.0
        return list(solution[:order]), float(solution[order]) if self.annual else 0.0, ratio

    def contributions(self, m):
        """Impulse responses of the recursion as far as the order of the season goes."""
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
