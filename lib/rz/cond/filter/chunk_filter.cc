#include "rz/cond/filter/chunk_filter.h"

#include <algorithm>
#include <cstring>

#include "rz/base/text.h"
#include "rz/cond/filter/foreign_input.h"

namespace rz::cond {
namespace {

const char* find_line_feed(const char* p, const char* end) {
  return static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(end - p)));
}

// The line feed of the blank line at `p`; nullptr if it is not blank.
const char* blank_line(const char* p) {
  while (*p == ' ' || *p == '\t' || *p == '\r') ++p;
  return *p == '\n' ? p : nullptr;
}

// The column of `at` in its line of the record at `record`: code points from 1.
std::string column_of(const char* record, const char* at) {
  const char* line = at;
  while (line > record && line[-1] != '\n') --line;
  const auto columns = std::count_if(
      line, at, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
  return std::to_string(columns + 1);
}

std::string annotated_already(const std::string& name) {
  return "there is a member '" + printable(name) +
         "' already; choose another name: --annotate=NAME";
}

}  // namespace

void ChunkAnswers::clear() {
  selected.clear();
  bad.clear();
  match_ends.clear();
  records = matches = lines = 0;
}

ChunkFilter::ChunkFilter(const Condition& condition, const FilterOptions& options)
    : condition_(condition),
      options_(options),
      values_(condition.variables().size()),
      json_(condition.variables(),
            options.annotate ? std::string_view(options.annotation) : std::string_view()),
      csv_(condition.variables(), options.delimiter, options.fill) {}

void ChunkFilter::run(const Chunk& chunk, ChunkAnswers& answers) {
  answers.clear();
  if (chunk.text.empty()) return;
  if (options_.format == RecordFormat::csv) {
    run_csv(chunk, answers);
  } else {
    run_ndjson(chunk, answers);
  }
}

void ChunkFilter::run_ndjson(const Chunk& chunk, ChunkAnswers& answers) {
  const std::string_view text = chunk.text;
  const char* const base = text.data();
  const char* const end = base + text.size();
  for (const char* p = base; p < end; ++answers.lines) {
    // Most records begin with the brace.
    if (*p != '{') {
      if (const char* line_feed = blank_line(p)) {
        p = line_feed + 1;
        continue;
      }
    }
    ChunkAnswers::SelectedRecord record;
    record.begin = static_cast<std::uint32_t>(p - base);
    record.line = static_cast<std::uint32_t>(answers.lines);
    const char* line_feed = json_.read(p, values_);
    const bool good = line_feed != nullptr;
    if (!good) line_feed = find_line_feed(p, end);
    record.end = static_cast<std::uint32_t>(line_feed + 1 - base);
    if (good || json_.whole()) {
      record.insert_at = static_cast<std::uint32_t>(json_.brace() - base);
      record.first_member = json_.empty_object();
    }
    bool more;
    if (good && !json_.has_watched()) [[likely]] {
      more = take(answers, record, text);
    } else {
      const bool first = chunk.first_of_file && answers.records == 0;
      more = refuse(answers, record, text, json_refusal(p, end, first));
    }
    if (!more) break;
    p = line_feed + 1;
  }
}

ChunkFilter::Refusal ChunkFilter::json_refusal(const char* record, const char* end,
                                               bool first) const {
  if (json_.whole() && json_.has_watched()) {
    return {ErrorCode::parse, nullptr, annotated_already(options_.annotation), false};
  }
  const RecordProblem& problem = json_.problem();
  Refusal refusal{ErrorCode::parse, problem.at, problem.message, json_.whole()};
  if (first && !json_.whole()) {
    refusal.message += hint_for_first_record({record, end}, options_.format);
  }
  return refusal;
}

void ChunkFilter::run_csv(const Chunk& chunk, ChunkAnswers& answers) {
  const char* const base = chunk.text.data();
  const char* const end = base + chunk.text.size();
  csv_.start(chunk.text, chunk.header.get());
  for (const char* p = base; p < end;) {
    if (*p == '\n' || (*p == '\r' && p[1] == '\n')) {
      p += *p == '\n' ? 1 : 2;
      ++answers.lines;
      continue;
    }
    if (options_.comment != '\0' && *p == options_.comment) {
      p = find_line_feed(p, end) + 1;
      ++answers.lines;
      continue;
    }
    ChunkAnswers::SelectedRecord record;
    record.begin = static_cast<std::uint32_t>(p - base);
    record.line = static_cast<std::uint32_t>(answers.lines);
    const bool good = csv_.read(p, values_);
    const char* const next = csv_.next();
    record.end = static_cast<std::uint32_t>(next - base);
    if (options_.annotate) {
      const std::string_view bytes(p, static_cast<std::size_t>(next - p));
      record.insert_at = record.begin + static_cast<std::uint32_t>(without_line_end(bytes).size());
      record.missing_fields = static_cast<std::uint32_t>(csv_.missing_fields());
    }
    const RecordProblem& problem = csv_.problem();
    const bool more = good ? take(answers, record, chunk.text)
                           : refuse(answers, record, chunk.text,
                                    {ErrorCode::parse, problem.at, problem.message, csv_.whole()});
    if (!more) break;
    answers.lines += csv_.line_count();
    p = next;
  }
}

// False: no further record is wanted.
inline bool ChunkFilter::take(ChunkAnswers& answers, ChunkAnswers::SelectedRecord record,
                              std::string_view text) {
  if (record.end - record.begin > options_.max_record) [[unlikely]] {
    return refuse(answers, record, text,
                  {ErrorCode::parse, text.data() + record.begin,
                   "this record is longer than " + humanize_size(options_.max_record), false});
  }
  const auto answer = condition_.evaluate(values_);
  if (!answer) [[unlikely]] {
    if (answer.error().code != ErrorCode::not_found || !options_.missing_is_false) {
      // Behind its first line the message shows the condition, which is the same for all records.
      const std::string& message = answer.error().message;
      return refuse(answers, record, text,
                    {answer.error().code, nullptr, message.substr(0, message.find('\n')), true});
    }
    record.answer = false;
  } else {
    record.answer = *answer;
  }
  ++answers.records;
  record.answer = record.answer != options_.invert;
  if (options_.write_records && (record.answer || options_.annotate)) {
    answers.selected.push_back(record);
  }
  return !record.answer || matched(answers, record);
}

// False: there are as many matches as are wanted.
inline bool ChunkFilter::matched(ChunkAnswers& answers,
                                 const ChunkAnswers::SelectedRecord& record) const {
  ++answers.matches;
  if (options_.max_matches == 0) [[likely]]
    return true;
  answers.match_ends.push_back(record.end);
  return answers.matches < options_.max_matches;
}

bool ChunkFilter::refuse(ChunkAnswers& answers, ChunkAnswers::SelectedRecord record,
                         std::string_view text, Refusal refusal) const {
  ++answers.records;
  const bool answered = options_.on_bad == BadRecordPolicy::no_match;
  // Only a whole record can be annotated; another one is reported.
  const bool named = options_.write_records && options_.annotate && !refusal.whole;
  const char* begin = text.data() + record.begin;
  answers.bad.push_back({answers.matches,
                         record.line,
                         {refusal.code, std::move(refusal.message),
                          refusal.at == nullptr ? "" : column_of(begin, refusal.at)},
                         answered && !named});
  if (options_.on_bad == BadRecordPolicy::fail) return false;
  if (!answered) return true;
  record.answer = options_.invert;
  if (options_.write_records && !named && (record.answer || options_.annotate)) {
    answers.selected.push_back(record);
  }
  return !record.answer || matched(answers, record);
}

}  // namespace rz::cond
