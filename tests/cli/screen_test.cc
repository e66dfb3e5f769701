#include "rz/cli/screen.h"

#include <doctest/doctest.h>

namespace rz::cli {

TEST_CASE("a frame is drawn over the one before, and clears what is left of that") {
  CHECK(frame_of("a\nb\n", 24) == "\x1b[Ha\x1b[K\r\nb\x1b[K\x1b[J");
  CHECK(frame_of("", 24) == "\x1b[H\x1b[K\x1b[J");
}

TEST_CASE("what does not fit is counted, so that nothing scrolls") {
  CHECK(frame_of("a\nb\nc\n", 3) == "\x1b[Ha\x1b[K\r\nb\x1b[K\r\nc\x1b[K\x1b[J");
  CHECK(frame_of("a\nb\nc\nd\n", 3) ==
        "\x1b[Ha\x1b[K\r\nb\x1b[K\r\n… and 2 more lines\x1b[K\x1b[J");
  CHECK(frame_of("a\nb\n", 1) == "\x1b[H… and 2 more lines\x1b[K\x1b[J");
}

}  // namespace rz::cli
