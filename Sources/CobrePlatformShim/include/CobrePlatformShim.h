#ifndef COBRE_PLATFORM_SHIM_H
#define COBRE_PLATFORM_SHIM_H
int cobre_platform_is_linux(void);
#endif
