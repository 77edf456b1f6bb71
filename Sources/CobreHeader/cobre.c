// The target consists of a header. This file makes it a target that is compiled.
#include "cobre.h"
