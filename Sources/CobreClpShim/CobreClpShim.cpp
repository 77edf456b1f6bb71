#include <ClpSimplex.hpp>
extern "C" {
#include "CobreClpShim.h"
const char *cobre_clp_version(void) { return CLP_VERSION; }
}
