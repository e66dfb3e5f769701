#include "rz/fallback/history/transition_import.h"

#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/cond/filter/foreign_input.h"

namespace rz::fallback {
namespace {

constexpr std::size_t kMaxLine = 1 << 20;

/// Lines of a source, without their ends. Of one that is longer than kMaxLine the beginning comes.
class LineReader {
 public:
  explicit LineReader(ByteSource& source) : source_(source) {}

  /// False: there are no more.
  Result<bool> next(std::string& line) {
    line.clear();
    for (;;) {
      const std::string_view rest = std::string_view(buffer_).substr(at_);
      const std::size_t end = rest.find('\n');
      // A little more than is allowed, so that the caller sees that it is too long.
      const std::size_t room = kMaxLine + 1 - line.size();
      line.append(rest.substr(0, end).substr(0, room));
      if (end != std::string_view::npos) {
        at_ += end + 1;
        break;
      }
      buffer_.resize(64 * 1024);
      at_ = 0;
      TRY_ASSIGN(const auto count, source_.read(buffer_.data(), buffer_.size()));
      buffer_.resize(count);
      at_end_ = count == 0;
      if (count == 0 && line.empty()) return false;
      if (count == 0) break;
    }
    if (line.ends_with('\r')) line.pop_back();
    return true;
  }

  /// Whether next() has come to the end of the source.
  bool at_end() const { return at_end_; }

 private:
  ByteSource& source_;
  std::string buffer_;
  std::size_t at_ = 0;
  bool at_end_ = false;
};

// Of what makes it the same record as another one.
std::size_t hash_of_content(Transition record) {
  record.writer.clear();
  return std::hash<std::string>{}(encode(record));
}

}  // namespace

Result<ImportReport> import_transitions(
    ByteSource& source, TransitionLog& log,
    const std::function<void(std::uint64_t line, const Error&)>& on_bad, const GoOn& go_on,
    std::string_view name, const std::function<Result<void>()>& prepare, bool dry) {
  ImportReport report;
  TRY(log.index().require_complete(dry));
  std::vector<Transition> page;
  std::unordered_set<std::size_t> counted;  // Of a dry run: what would be added, by its hash.
  bool prepared = !prepare || dry;
  const auto add = [&]() -> Result<void> {
    if (!prepared) {
      TRY(prepare());
    }
    prepared = true;
    TRY_ASSIGN(const auto added, log.add(page, dry));
    report.added += added.added;
    report.known += added.known;
    page.clear();
    return {};
  };
  LineReader lines(source);
  for (std::string line;;) {
    TRY_ASSIGN(const auto more, lines.next(line));
    // An end that was asked for may be within a line.
    if (lines.at_end() && go_on && !go_on(report.added + report.known)) return report;
    if (!more) break;
    ++report.lines;
    if (const auto foreign = report.lines == 1 ? cond::foreign_file(line) : std::nullopt) {
      return fail(ErrorCode::parse, *foreign, std::string(name));
    }
    if (trim(line).empty()) continue;
    auto record = line.size() > kMaxLine
                      ? fail(ErrorCode::parse, "the line is longer than " + humanize_size(kMaxLine))
                      : decode_transition(line, RecordOrigin::imported);
    if (record && dry && !counted.insert(hash_of_content(*record)).second) {
      ++report.known;
    } else if (record) {
      page.push_back(*std::move(record));
    } else {
      ++report.bad;
      on_bad(report.lines, record.error());
    }
    if (page.size() < kHistoryPage) continue;
    TRY(add());
    if (go_on && !go_on(report.added + report.known)) return report;
  }
  if (!page.empty()) {
    TRY(add());
  }
  return report;
}

}  // namespace rz::fallback
