#include "cascade_state.h"

#include "rz/base/file.h"
#include "rz/config/config.h"

namespace rz {

Result<Value> read_document(const std::string& path) {
  // A health state and a telemetry record are some KiB. Read, JSON takes up to twenty times its
  // size.
  constexpr std::uint64_t kMaxDocument = 8 << 20;
  const auto text = read_file(path, kMaxDocument);
  if (!text) return fail(text.error());
  return config::parse_document(*text, input_name(path));
}

Result<HealthState> read_state(const std::string& path) {
  const auto document = read_document(path);
  if (!document) return fail(document.error());
  return health_state_from(*document, input_name(path));
}

}  // namespace rz
