#ifndef COBRE_SOBOL_TABLE_H
#define COBRE_SOBOL_TABLE_H

#include <stddef.h>
#include <stdint.h>

/// The table new-joe-kuo-6.21201 (Joe, Kuo 2008), for dimensions 2 to 21201 in order: degree s of the primitive polynomial,
/// its inner coefficients a as bits, then the initial direction numbers m_1 ... m_s.
const uint32_t *cobre_sobol_table(void);

/// Number of values in the table.
size_t cobre_sobol_table_count(void);

#endif
