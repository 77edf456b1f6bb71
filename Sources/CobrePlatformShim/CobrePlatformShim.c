#include "CobrePlatformShim.h"
int cobre_platform_is_linux(void) { return 1; }
