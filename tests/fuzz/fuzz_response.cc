#include <algorithm>
#include <cstdint>
#include <string_view>

#include "fuzz/fuzz_targets.h"
#include "rz/bench/http/response_scanner.h"

namespace rz::fuzz {
namespace {

using bench::ResponseFault;
using bench::ResponseScanner;

/// What a scanner makes of some bytes and the end of the connection.
struct ScannedResponse {
  ResponseFault fault = ResponseFault::none;
  bool at_once = false;
  bool by_close = false;
  int status = 0;
  bool keeps_alive = false;
  std::size_t used = 0;

  bool operator==(const ScannedResponse&) const = default;
};

/// Reads `bytes` in pieces of `size`; `skips`: what is surely body is not looked at.
ScannedResponse scan_pieces(std::string_view bytes, bool to_head, std::size_t size, bool skips) {
  ResponseScanner scanner;
  scanner.begin(to_head);
  ScannedResponse scanned;
  while (!bytes.empty() && !scanner.is_complete() && scanner.fault() == ResponseFault::none) {
    std::size_t used = std::min(size, bytes.size());
    if (skips && scanner.skippable() > 0) {
      used = static_cast<std::size_t>(std::min<std::uint64_t>(used, scanner.skippable()));
      scanner.skip(used);
    } else {
      const std::size_t given = used;
      used = scanner.feed(bytes.substr(0, given));
      require(used <= given, "no more is used than there is");
      require(used == given || scanner.is_complete() || scanner.fault() != ResponseFault::none,
              "all is used unless the response has ended");
    }
    scanned.used += used;
    bytes.remove_prefix(used);
  }
  scanned.fault = scanner.fault();
  scanned.at_once = scanner.is_complete();
  scanned.by_close = !scanned.at_once && scanner.close();
  if (scanned.fault != ResponseFault::none) scanned.used = 0;
  if (!scanner.is_complete()) return scanned;
  scanned.status = scanner.status();
  scanned.keeps_alive = scanner.keeps_alive();
  require(scanned.fault == ResponseFault::none, "what is faulty is not complete");
  require(scanned.status >= 200 && scanned.status <= 599, "a final status");
  require(!scanned.by_close || !scanned.keeps_alive, "a closed connection is not used again");
  return scanned;
}

}  // namespace

void response(std::string_view input) {
  if (input.empty()) return;
  const bool to_head = (input.front() & 1) != 0;
  const std::string_view bytes = input.substr(1);
  const ScannedResponse whole = scan_pieces(bytes, to_head, bytes.size(), false);
  for (const std::size_t size : {1, 2, 7, 16, 33}) {
    require(scan_pieces(bytes, to_head, size, false) == whole,
            "the cuts of the reads do not matter");
    require(scan_pieces(bytes, to_head, size, true) == whole, "a body may be skipped");
  }
}

}  // namespace rz::fuzz
