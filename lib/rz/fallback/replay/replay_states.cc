#include "rz/fallback/replay/replay_states.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include "rz/fallback/replay/state_record.h"

namespace rz::fallback {
namespace {

constexpr std::size_t kChunk = 256 * 1024;
// A recorded state is some KiB.
constexpr std::size_t kMaxStateLine = 8 << 20;

/// Runs lines through all policies.
class StateReplay {
 public:
  explicit StateReplay(std::span<PolicySimulation> policies)
      : policies_(policies), quiet_(policies.size()) {}

  Result<void> take(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) return {};
    const RecordHead* head = reader_.read(line);
    bool all_quiet = head != nullptr;
    for (std::size_t i = 0; i < policies_.size(); ++i) {
      quiet_[i] = false;
      if (head == nullptr) continue;
      const auto quiet = policies_[i].is_quiet(*head);
      if (!quiet) return fail(quiet.error());
      quiet_[i] = *quiet;
      all_quiet = all_quiet && *quiet;
    }
    if (all_quiet) {
      count(head->at);
      return {};
    }
    auto record = decode_state_record(line);
    if (!record) return fail(std::move(record).error());
    for (std::size_t i = 0; i < policies_.size(); ++i) {
      if (quiet_[i]) continue;
      if (auto done = policies_[i].evaluate(*record); !done) return done;
    }
    count(record->at);
    return {};
  }

  const ReplayedStates& replayed() const { return replayed_; }

 private:
  void count(TimePoint at) {
    ++replayed_.states;
    if (!replayed_.since) replayed_.since = at;
    replayed_.until = std::max(replayed_.until.value_or(at), at);
  }

  std::span<PolicySimulation> policies_;
  std::vector<bool> quiet_;
  RecordHeadReader reader_;
  ReplayedStates replayed_;
};

tl::unexpected<Error> at_line(Error error, const std::string& name, std::int64_t line) {
  error.where = name + ":" + std::to_string(line);
  return fail(std::move(error));
}

}  // namespace

Result<ReplayedStates> replay_states(ByteSource& source, const std::string& name,
                                     std::span<PolicySimulation> policies) {
  StateReplay replay(policies);
  std::string buffer(kChunk, '\0');
  std::size_t filled = 0;
  std::int64_t line = 0;
  for (;;) {
    if (filled == buffer.size()) {
      if (buffer.size() >= kMaxStateLine) {
        return at_line({ErrorCode::parse, "the line is too long for a recorded state", ""}, name,
                       line + 1);
      }
      buffer.resize(2 * buffer.size());
    }
    const auto count = source.read(buffer.data() + filled, buffer.size() - filled);
    if (!count) return fail(count.error());
    const bool last = *count == 0;
    filled += *count;
    std::size_t begin = 0;
    while (begin < filled) {
      const void* found = std::memchr(buffer.data() + begin, '\n', filled - begin);
      if (found == nullptr && !last) break;
      const std::size_t end =
          found == nullptr
              ? filled
              : static_cast<std::size_t>(static_cast<const char*>(found) - buffer.data());
      ++line;
      auto taken = replay.take(std::string_view(buffer).substr(begin, end - begin));
      if (!taken) return at_line(std::move(taken).error(), name, line);
      begin = std::min(end + 1, filled);
    }
    if (last) return replay.replayed();
    std::copy(buffer.begin() + static_cast<std::ptrdiff_t>(begin),
              buffer.begin() + static_cast<std::ptrdiff_t>(filled), buffer.begin());
    filled -= begin;
  }
}

}  // namespace rz::fallback
