#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/text.h"
#include "rz/reports/formats.h"
#include "rz/reports/profile_report.h"
#include "rz/reports/writing/gzip.h"

namespace rz::reports {
namespace {

/// A message of protocol buffers.
class Message {
 public:
  void number(int field, std::uint64_t value) {
    tag(field, 0);
    varint(value);
  }
  void bytes(int field, std::string_view content) {
    tag(field, 2);
    varint(content.size());
    out_ += content;
  }
  void message(int field, const Message& content) { bytes(field, content.out_); }
  void numbers(int field, const std::vector<std::uint64_t>& values) {
    Message packed;
    for (const std::uint64_t value : values) packed.varint(value);
    message(field, packed);
  }
  const std::string& text() const { return out_; }

 private:
  void tag(int field, unsigned type) { varint(static_cast<unsigned>(field) << 3 | type); }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(value | 0x80);
    out_ += static_cast<char>(value);
  }

  std::string out_;
};

/// Texts by their number; that of the empty one is 0.
class StringTable {
 public:
  StringTable() { number(""); }
  std::uint64_t number(const std::string& text) {
    const auto [place, is_new] = numbers_.emplace(text, texts_.size());
    if (is_new) texts_.push_back(text);
    return place->second;
  }
  const std::vector<std::string>& texts() const { return texts_; }

 private:
  std::vector<std::string> texts_{};
  std::map<std::string, std::uint64_t> numbers_{};
};

// Names and numbers of the fields are those of profile.proto of github.com/google/pprof.
namespace field {
constexpr int kSampleType = 1, kSample = 2, kLocation = 4, kFunction = 5, kStringTable = 6,
              kComment = 13, kDefaultSampleType = 14;
}  // namespace field

Message value_type(const profile::Measure& measure, StringTable& strings) {
  const std::string unit =
      measure.unit == profile::Unit::nanoseconds ? "nanoseconds" : to_string(measure.unit);
  Message type;
  type.number(1, strings.number(measure.name));
  type.number(2, strings.number(unit));
  return type;
}

// A location for each function: an address says nothing beyond the run that it is of. Identities
// begin with 1.
void write_functions(const profile::Profile& profile, StringTable& strings, Message& out) {
  for (std::size_t i = 0; i < profile.names().size(); ++i) {
    const std::uint64_t id = i + 1;
    const std::uint64_t name = strings.number(printable(profile.names()[i]));
    Message function;
    function.number(1, id);
    function.number(2, name);
    function.number(3, name);
    out.message(field::kFunction, function);
    Message line;
    line.number(1, id);
    Message location;
    location.number(1, id);
    location.message(4, line);
    out.message(field::kLocation, location);
  }
}

void write_samples(const profile::Profile& profile, Message& out) {
  for (const profile::Stack& stack : profile.stacks()) {
    std::vector<std::uint64_t> locations;
    for (auto frame = stack.frames.rbegin(); frame != stack.frames.rend(); ++frame) {
      locations.push_back(std::uint64_t{*frame} + 1);
    }
    Message sample;
    sample.numbers(1, locations);
    sample.numbers(2, {stack.weights.begin(), stack.weights.end()});
    out.message(field::kSample, sample);
  }
}

}  // namespace

void Pprof::write(const ProfileReport& report, Page& page) {
  StringTable strings;
  Message out;
  for (const profile::Measure& measure : report.profile.measures()) {
    out.message(field::kSampleType, value_type(measure, strings));
  }
  write_samples(report.profile, out);
  write_functions(report.profile, strings, out);
  out.number(field::kComment, strings.number(printable(describe_profile(report))));
  out.number(field::kDefaultSampleType, strings.number(report.measure().name));
  for (const std::string& text : strings.texts()) out.bytes(field::kStringTable, text);
  page.raw(stored_gzip(out.text()));
}

}  // namespace rz::reports
