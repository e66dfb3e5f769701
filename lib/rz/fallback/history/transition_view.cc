#include "rz/fallback/history/transition_view.h"

#include <utility>

#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"

namespace rz::fallback {
namespace {

/// Reads the members of an encoded record in their order. After the first that is not as expected
/// every further answer is no.
class EncodedRecord {
 public:
  explicit EncodedRecord(std::string_view text) : whole_(text), rest_(text) {}

  std::optional<TransitionView> read() {
    TransitionView record;
    const bool shown = skip("{\"timestamp\":\"") && time(record.timestamp) &&
                       skip("\",\"from\":\"") && mode(record.from) && skip("\",\"to\":\"") &&
                       mode(record.to) && skip("\",\"reason\":\"") && text(record.reason) &&
                       skip(",\"trigger\":") && text_or_null(record.trigger) &&
                       skip(",\"actor\":") && text_or_null(record.actor) && skip(",\"host\":") &&
                       text_or_null(record.host) && skip(",\"epoch\":") && epoch(record.epoch) &&
                       (!skip(",\"detail\":\"") || filled_text(record.detail));
    if (!shown) return std::nullopt;
    record.json_without_end = whole_.substr(0, whole_.size() - rest_.size());
    if (skip(",\"writer\":\"") && !filled_text(record.writer)) return std::nullopt;
    if (rest_ != "}") return std::nullopt;
    return record;
  }

 private:
  bool skip(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }

  // The rest of a text, without escapes, and its closing quote.
  bool text(std::string_view& value) {
    std::size_t end = 0;
    for (; end < rest_.size(); ++end) {
      const auto c = static_cast<unsigned char>(rest_[end]);
      if (c == '"') break;
      if (c < 0x20 || c == '\\' || c == 0x7F) return false;
      if (c < 0x80) continue;
      const CodePoint wide = decode_utf8(rest_.substr(end));
      if (wide.size == 0 || is_unprintable(wide.value)) return false;
      end += wide.size - 1;
    }
    value = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return skip("\"");
  }

  // An empty text is written in another way: as null, or not at all.
  bool filled_text(std::string_view& value) { return text(value) && !value.empty(); }
  bool text_or_null(std::string_view& value) {
    return skip("null") || (skip("\"") && filled_text(value));
  }

  bool mode(Mode& value) {
    for (const Mode candidate : {Mode::primary, Mode::heuristic, Mode::safe}) {
      if (!skip(to_string(candidate))) continue;
      value = candidate;
      return true;
    }
    return false;
  }

  bool epoch(std::optional<std::int64_t>& value) {
    if (skip("null")) return true;
    std::size_t end = 0;
    while (end < rest_.size() && is_digit(rest_[end])) ++end;
    if (end > 1 && rest_.front() == '0') return false;
    value = parse_int(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return value.has_value();
  }

  // Exactly what format_timestamp() writes.
  bool time(TimePoint& value) {
    constexpr std::string_view kForm = "0000-00-00T00:00:00.000000Z";
    if (rest_.size() < kForm.size()) return false;
    for (std::size_t i = 0; i < kForm.size(); ++i) {
      if (kForm[i] == '0' ? !is_digit(rest_[i]) : rest_[i] != kForm[i]) return false;
    }
    const std::chrono::year_month_day date{std::chrono::year{number(0, 4)},
                                           std::chrono::month{static_cast<unsigned>(number(5, 2))},
                                           std::chrono::day{static_cast<unsigned>(number(8, 2))}};
    const int hour = number(11, 2);
    const int minute = number(14, 2);
    const int second = number(17, 2);
    if (!date.ok() || hour > 23 || minute > 59 || second > 59) return false;
    value = std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
            std::chrono::seconds{second} + Micros{number(20, 6)};
    rest_.remove_prefix(kForm.size());
    return true;
  }

  // Of digits, which was seen before.
  int number(std::size_t at, std::size_t count) const {
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) value = value * 10 + (rest_[i] - '0');
    return value;
  }

  const std::string_view whole_;
  std::string_view rest_;
};

}  // namespace

Transition TransitionView::copy() const {
  return {timestamp,
          from,
          to,
          std::string(reason),
          std::string(trigger),
          std::string(actor),
          std::string(host),
          epoch,
          std::string(writer),
          std::string(detail)};
}

std::optional<TransitionView> read_encoded(std::string_view stored) {
  return EncodedRecord(stored).read();
}

Result<TransitionView> TransitionDecoder::decode(std::string_view stored) {
  if (const auto view = read_encoded(stored)) return *view;
  auto decoded = decode_transition(stored);
  if (!decoded) return fail(std::move(decoded).error());
  decoded_ = *std::move(decoded);
  return view_of(decoded_);
}

TransitionView TransitionDecoder::view_of(const Transition& transition) {
  json_ = to_json(to_value(transition));
  json_.pop_back();
  return {transition.timestamp,
          transition.from,
          transition.to,
          transition.reason,
          transition.trigger,
          transition.actor,
          transition.host,
          transition.epoch,
          transition.detail,
          transition.writer,
          json_};
}

}  // namespace rz::fallback
