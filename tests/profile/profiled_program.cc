// A program whose profile is known: it computes in `busy_part` alone, allocates in `hungry_part`
// alone, 1000 blocks of 1000 bytes that are never released, and ends with the code 3.

#include <cstdlib>

namespace {

volatile double sum = 0;
void* volatile kept = nullptr;

}  // namespace

extern "C" [[gnu::noinline]] void busy_part() {
  for (int i = 0; i < 400'000'000; ++i) sum = sum + i;
}

extern "C" [[gnu::noinline]] void hungry_part() {
  for (int i = 0; i < 1000; ++i) kept = std::malloc(1000);
}

int main() {
  busy_part();
  hungry_part();
  return 3;
}
