#include "rz/cond/filter/foreign_input.h"

#include <algorithm>
#include <utility>

#include "rz/base/text.h"

namespace rz::cond {
namespace {

using namespace std::string_view_literals;

constexpr std::pair<std::string_view, std::string_view> kSignatures[] = {
    {"\xfd\x37\x7a\x58\x5a\x00"sv, "is compressed with xz; pipe the output of 'xz -dc' into this"},
    {"BZh"sv, "is compressed with bzip2; pipe the output of 'bzip2 -dc' into this"},
    {"\x04\x22\x4d\x18"sv, "is compressed with lz4; pipe the output of 'lz4 -dc' into this"},
    {"PK\x03\x04"sv, "is a ZIP archive or a spreadsheet; pipe the output of 'unzip -p' into this"},
    {"PAR1"sv, "is a Parquet file; write it as NDJSON or CSV first"},
    {"SQLite format 3\0"sv, "is an SQLite database; write its records as NDJSON or CSV first"}};

// UTF-16 says so in a mark, or has a zero for every second byte of what is mostly ASCII.
bool is_utf16(std::string_view head) {
  if (head.starts_with("\xff\xfe") || head.starts_with("\xfe\xff")) return true;
  if (head.size() < 8) return false;
  head = head.substr(0, std::min<std::size_t>(head.size(), 64));
  std::size_t zeros[2] = {0, 0};
  for (std::size_t i = 0; i < head.size(); ++i) zeros[i % 2] += head[i] == '\0';
  const std::size_t many = head.size() / 2 - head.size() / 8;
  return (zeros[0] >= many) != (zeros[1] >= many) && (zeros[0] == 0 || zeros[1] == 0);
}

}  // namespace

std::optional<std::string> foreign_file(std::string_view head) {
  for (const auto& [signature, message] : kSignatures) {
    // Three letters may also be the beginning of a text.
    const bool letters = signature == "BZh";
    const bool level = head.size() > 3 && head[3] >= '1' && head[3] <= '9';
    if (head.starts_with(signature) && (!letters || level)) return std::string(message);
  }
  if (!is_utf16(head)) return std::nullopt;
  return "is UTF-16; pipe the output of 'iconv -f UTF-16 -t UTF-8' into this";
}

std::string hint_for_first_record(std::string_view text, RecordFormat format) {
  const std::string_view line = trim(text.substr(0, text.find('\n')));
  if (format == RecordFormat::csv) {
    return line.starts_with("{\"") ? "; this looks like NDJSON: try --input ndjson" : "";
  }
  if (line == "{" || line == "[" || line == "[{") {
    return line == "{" ? "; a record stands on one line: try 'jq -c .' before this"
                       : "; a record stands on one line: try \"jq -c '.[]'\" before this";
  }
  if (line.starts_with('[')) return "; try \"jq -c '.[]'\" before this, which makes records of it";
  const bool separated = line.find_first_of(",;\t") != std::string_view::npos;
  const bool text_only = line.find_first_of("{}[]") == std::string_view::npos;
  if (!separated || !text_only) return "";
  return line.find(',') != std::string_view::npos
             ? "; this looks like CSV: try --input csv"
             : "; this looks like CSV: try --input csv, with --delimiter";
}

}  // namespace rz::cond
