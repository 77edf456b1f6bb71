// Drawing on memory surfaces and into SVG, as pkg-config knows the library.
#include <cairo.h>
#include <cairo-svg.h>
