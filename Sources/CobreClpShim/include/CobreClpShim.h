#ifndef COBRE_CLP_SHIM_H
#define COBRE_CLP_SHIM_H
const char *cobre_clp_version(void);
#endif
