/* The programs of the package, beside libcobre: that library under the name that NAME gives. */
#include <stdint.h>
#include <stdio.h>

int32_t cobre_program(const char *name);
const char *cobre_error_message(void);

int main(void) {
  cobre_program(NAME);
  fprintf(stderr, "%s\n", cobre_error_message());
  return 70;
}
