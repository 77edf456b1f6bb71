"""The shim of HiGHS against a library that calls dearer points optimal, as releases of HiGHS have done from warm starts."""

import pathlib
import shutil
import subprocess

import pytest

from conftest import ROOT

# What the shim uses of the C interface, with answers that the test prescribes.
HEADER = """
typedef int HighsInt;
enum { kHighsBasisStatusLower = 0, kHighsBasisStatusBasic = 1, kHighsBasisStatusUpper = 2, kHighsBasisStatusZero = 3 };
enum { kHighsStatusError = -1, kHighsMatrixFormatColwise = 1, kHighsObjSenseMinimize = 1 };
enum { kHighsModelStatusOptimal = 7, kHighsModelStatusInfeasible = 8, kHighsModelStatusUnboundedOrInfeasible = 9,
       kHighsModelStatusUnbounded = 10 };
#ifdef __cplusplus
extern "C" {
#endif
extern const double *next_values, *next_reduced_costs, *next_duals;
"""
FUNCTIONS = {
    "void *Highs_create(void)": "static int it; return &it;", "void Highs_destroy(void *)": "",
    "HighsInt Highs_setBoolOptionValue(void *, const char *, const HighsInt)": "return 0;",
    "HighsInt Highs_setIntOptionValue(void *, const char *, const HighsInt)": "return 0;",
    "HighsInt Highs_setDoubleOptionValue(void *, const char *, const double)": "return 0;",
    "HighsInt Highs_setStringOptionValue(void *, const char *, const char *)": "return 0;",
    "HighsInt Highs_clearSolver(void *)": "return 0;", "HighsInt Highs_clearModel(void *)": "return 0;",
    "HighsInt Highs_passLp(void *, const HighsInt, const HighsInt, const HighsInt, const HighsInt, const HighsInt, "
    "const double, const double *, const double *, const double *, const double *, const double *, const HighsInt *, "
    "const HighsInt *, const double *)": "return 0;",
    "HighsInt Highs_addRows(void *, const HighsInt, const double *, const double *, const HighsInt, const HighsInt *, "
    "const HighsInt *, const double *)": "return 0;",
    "HighsInt Highs_setBasis(void *, const HighsInt *, const HighsInt *)": "return 0;",
    "HighsInt Highs_getBasis(const void *, HighsInt *, HighsInt *)": "return 0;",
    "HighsInt Highs_run(void *)": "return 0;",
    "HighsInt Highs_getModelStatus(const void *)": "return kHighsModelStatusOptimal;",
    "HighsInt Highs_getDoubleInfoValue(const void *, const char *, double *value)": "*value = 0; return 0;",
    "HighsInt Highs_getSolution(const void *, double *values, double *reduced, double *, double *duals)":
        "for (int i = 0; i < 2; ++i) values[i] = next_values[i], reduced[i] = next_reduced_costs[i]; "
        "for (int i = 0; i < 3; ++i) duals[i] = next_duals[i]; return 0;",
    "HighsInt Highs_writeModel(void *, const char *)": "return 0;",
    "HighsInt Highs_changeColsBoundsBySet(void *, const HighsInt, const HighsInt *, const double *, const double *)": "return 0;",
    "HighsInt Highs_changeRowsBoundsBySet(void *, const HighsInt, const HighsInt *, const double *, const double *)": "return 0;",
}
# min -3x - 5y, x <= 4, 2y <= 12, 3x + 2y <= 18: -36 at (2, 6) with duals (0, -1.5, -1) (Hillier and Lieberman, Wyndor Glass).
PROGRAM = """
#include "CobreHiGHSShim.h"
#include <interfaces/highs_c_api.h>
#include <cmath>
#include <cstdio>
#include <cstdlib>
const double *next_values, *next_reduced_costs, *next_duals;
int main(int, char **arguments) {
  const double values[] = {2 + atof(arguments[1]), 6 - atof(arguments[2])}, duals[] = {0, -1.5, -1}, reduced[] = {0, 0};
  next_values = values, next_duals = duals, next_reduced_costs = reduced;
  const int starts[] = {0, 2, 4}, rows[] = {0, 2, 1, 2};
  const double entries[] = {1, 3, 2, 2}, lower[] = {0, 0}, upper[] = {INFINITY, INFINITY}, costs[] = {-3, -5};
  const double low[] = {-INFINITY, -INFINITY, -INFINITY}, high[] = {4, 12, 18};
  cobre_highs *lp = cobre_highs_create(1e-8, 1e-9);
  if (cobre_highs_load(lp, 2, 3, starts, rows, entries, lower, upper, costs, low, high)) return 1;
  for (int mode = COBRE_HIGHS_PLAIN; mode <= COBRE_HIGHS_LOOSE; ++mode) printf("%d ", cobre_highs_solve(lp, mode));
  printf("%.17g\\n", cobre_highs_duality_gap(lp));
  cobre_highs_destroy(lp);
}
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    compiler = next(filter(None, map(shutil.which, ("c++", "g++", "clang++"))), None)
    if compiler is None:
        pytest.skip("no C++ compiler")
    folder = tmp_path_factory.mktemp("highs")
    (folder / "interfaces").mkdir()
    declarations = "".join(f"{name};\n" for name in FUNCTIONS)
    (folder / "interfaces/highs_c_api.h").write_text(
        "#pragma once\n" + HEADER + declarations + "#ifdef __cplusplus\n}\n#endif\n")
    (folder / "library.cpp").write_text(
        "#include <interfaces/highs_c_api.h>\n" + "".join(f"{name} {{ {body} }}\n" for name, body in FUNCTIONS.items()))
    (folder / "main.cpp").write_text(PROGRAM)
    shim = ROOT / "Sources/CobreHiGHSShim"
    subprocess.run(
        [compiler, "-std=c++17", "-DCOBRE_HIGHS", f"-I{folder}", f"-I{shim / 'include'}", folder / "main.cpp",
         folder / "library.cpp", *sorted(shim.glob("*.cpp")), "-o", folder / "program"], check=True)
    return pathlib.Path(folder / "program")


@pytest.mark.parametrize(("x", "y", "codes", "gap"), [
    (0, 0, [0] * 6, 0), (0, 1e-9, [0] * 6, 5e-9),
    # Dearer by 5e-5: the widest tolerances explain that, the others do not, so that the solve climbs the ladder.
    (0, 1e-5, [467] * 5 + [0], 5e-5),
    (0, 0.1, [467] * 6, 0.5),
    # Cheaper than any optimum: such a point violates something, whatever was said of it.
    (0.1, 0, [467] * 6, -0.3)])
def test_a_point_that_is_dearer_than_its_dual_is_not_optimal(program, x, y, codes, gap):
    *found, difference = subprocess.run([program, str(x), str(y)], check=True, capture_output=True, text=True).stdout.split()
    assert [int(code) for code in found] == codes
    assert float(difference) == pytest.approx(gap, abs=1e-12)
