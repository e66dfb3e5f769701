#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "rz/base/byte_source.h"
#include "rz/base/result.h"
#include "rz/fallback/history/transition_log.h"

namespace rz::fallback {

struct ImportReport {
  std::uint64_t lines = 0;  ///< Read so far, blank ones included.
  std::size_t added = 0;
  std::size_t known = 0;  ///< They were in the history already.
  std::size_t bad = 0;
};

/// Adds the records of `source`, a JSON object a line as `rz transitions --format ndjson` prints
/// them or as the old system wrote them, to the history: a thousand at a time, each thousand whole
/// or not at all. What is there already is not added again, so that an import may be repeated after
/// any end. A line that is not a record is passed to `on_bad`, with its number from 1, and skipped.
/// Memory is bounded by a thousand records of a mebibyte.
/// `prepare` is called before the first records are added; its error ends the import.
/// `name` names the source in the error about one that is no text (compressed by xz and the like).
/// `dry`: nothing is added, and the report is that of what would be; it remembers eight bytes of
/// each record, to know those that the source has twice. Errors: parse, for such a source; those of
/// the source and of the store; conflict while the history has records without an index (see
/// HistoryIndex::reindex), for it cannot be seen then what is there already.
Result<ImportReport> import_transitions(
    ByteSource& source, TransitionLog& log,
    const std::function<void(std::uint64_t line, const Error&)>& on_bad, const GoOn& go_on = {},
    std::string_view name = "input", const std::function<Result<void>()>& prepare = {},
    bool dry = false);

}  // namespace rz::fallback
