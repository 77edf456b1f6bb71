// What Swift cannot import from the platform: variadic system calls, macros, atomics in raw memory.
#ifndef COBRE_PLATFORM_SHIM_H
#define COBRE_PLATFORM_SHIM_H

#include "cobre_atomics.h"
#include "cobre_checksum.h"
#include "cobre_copy.h"
#include "cobre_futex.h"
#include "cobre_pages.h"
#include "cobre_spawn.h"
#include "cobre_system.h"

#endif
