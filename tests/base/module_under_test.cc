#include "base/module_under_test.h"

extern "C" int rz_double(int number) { return 2 * number; }
