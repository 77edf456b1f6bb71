// The target has a header alone; this file makes it one that is compiled.
#include "cobre.h"
