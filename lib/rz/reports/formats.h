#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

#include "rz/reports/page.h"

namespace rz {
struct FallbackMetrics;
struct HealthState;
}  // namespace rz

namespace rz::reports {

// ---- The documents

struct BenchList;
struct BenchReport;
struct CascadeAnswer;
struct CheckList;
struct CondAnswer;
struct CondCheck;
struct CondExplanation;
struct ConfigFindings;
struct ConfigSearch;
struct ConfigSettings;
struct Detection;
struct Failure;
struct FedBreaker;
struct FilterCounts;
struct Forgotten;
struct HealthReport;
struct Imported;
struct Pruned;
struct Reindexed;
struct ReportedComponent;
class TransitionsWriter;

template <class Document>
using Write = void (*)(const Document&, Page&);
using WriteTransitions = std::unique_ptr<TransitionsWriter> (*)(Page&);

/// A format, with the function that writes each document in it; null: it has no such document.
struct Format {
  std::string_view name;  ///< As `--format` has it.
  std::string_view media_type;
  std::string_view file_ending;

  Write<HealthReport> health = nullptr;
  Write<CheckList> checks = nullptr;
  Write<HealthState> health_state = nullptr;
  Write<ReportedComponent> reported = nullptr;
  Write<FedBreaker> fed = nullptr;
  Write<Forgotten> forgotten = nullptr;
  Write<CascadeAnswer> cascade = nullptr;
  Write<FallbackMetrics> cascade_metrics = nullptr;
  Write<Detection> detection = nullptr;
  WriteTransitions transitions = nullptr;
  Write<Reindexed> reindexed = nullptr;
  Write<Pruned> pruned = nullptr;
  Write<Imported> imported = nullptr;
  Write<CondAnswer> cond = nullptr;
  Write<CondExplanation> cond_explanation = nullptr;
  Write<CondCheck> cond_check = nullptr;
  Write<FilterCounts> filter = nullptr;
  Write<BenchReport> bench = nullptr;
  Write<BenchList> bench_list = nullptr;
  Write<ConfigFindings> config = nullptr;
  Write<ConfigSearch> config_search = nullptr;
  Write<ConfigSettings> config_settings = nullptr;
  Write<Failure> failure = nullptr;
};

// ---- The functions that write them, in a namespace for each format

namespace text {
void write(const HealthReport& report, Page& page);
void write(const CheckList& list, Page& page);
void write(const ReportedComponent& reported, Page& page);
void write(const FedBreaker& fed, Page& page);
void write(const Forgotten& forgotten, Page& page);
void write(const CascadeAnswer& answer, Page& page);
std::unique_ptr<TransitionsWriter> write_transitions(Page& page);
void write(const Reindexed& done, Page& page);
void write(const Pruned& done, Page& page);
void write(const Imported& done, Page& page);
void write(const CondAnswer& answer, Page& page);
void write(const CondExplanation& explained, Page& page);
void write(const CondCheck& check, Page& page);
void write(const FilterCounts& filter, Page& page);
void write(const BenchReport& report, Page& page);
void write(const BenchList& list, Page& page);
void write(const ConfigFindings& found, Page& page);
void write(const ConfigSearch& search, Page& page);
void write(const ConfigSettings& shown, Page& page);
}  // namespace text

namespace json {
void write(const HealthReport& report, Page& page);
void write(const CheckList& list, Page& page);
void write(const HealthState& state, Page& page);
void write(const ReportedComponent& reported, Page& page);
void write(const FedBreaker& fed, Page& page);
void write(const Forgotten& forgotten, Page& page);
void write(const CascadeAnswer& answer, Page& page);
void write(const FallbackMetrics& metrics, Page& page);
void write(const Detection& detection, Page& page);
std::unique_ptr<TransitionsWriter> write_transitions(Page& page);
void write(const Reindexed& done, Page& page);
void write(const Pruned& done, Page& page);
void write(const Imported& done, Page& page);
void write(const CondAnswer& answer, Page& page);
void write(const CondExplanation& explained, Page& page);
void write(const CondCheck& check, Page& page);
void write(const FilterCounts& filter, Page& page);
void write(const BenchReport& report, Page& page);
void write(const BenchList& list, Page& page);
void write(const ConfigFindings& found, Page& page);
void write(const ConfigSearch& search, Page& page);
void write(const ConfigSettings& shown, Page& page);
void write(const Failure& failure, Page& page);
}  // namespace json

namespace ndjson {
std::unique_ptr<TransitionsWriter> write_transitions(Page& page);
}

namespace csv {
std::unique_ptr<TransitionsWriter> write_transitions(Page& page);
void write(const BenchReport& report, Page& page);
}  // namespace csv

namespace markdown {
std::unique_ptr<TransitionsWriter> write_transitions(Page& page);
void write(const BenchReport& report, Page& page);
}  // namespace markdown

namespace junit {
void write(const HealthReport& report, Page& page);
}

/// The formats, in the order in which help names them; the first of a document is its default.
inline constexpr Format kFormats[] = {
    {.name = "text",
     .media_type = "text/plain; charset=utf-8",
     .file_ending = ".txt",
     .health = text::write,
     .checks = text::write,
     .reported = text::write,
     .fed = text::write,
     .forgotten = text::write,
     .cascade = text::write,
     .transitions = text::write_transitions,
     .reindexed = text::write,
     .pruned = text::write,
     .imported = text::write,
     .cond = text::write,
     .cond_explanation = text::write,
     .cond_check = text::write,
     .filter = text::write,
     .bench = text::write,
     .bench_list = text::write,
     .config = text::write,
     .config_search = text::write,
     .config_settings = text::write},
    {.name = "json",
     .media_type = "application/json",
     .file_ending = ".json",
     .health = json::write,
     .checks = json::write,
     .health_state = json::write,
     .reported = json::write,
     .fed = json::write,
     .forgotten = json::write,
     .cascade = json::write,
     .cascade_metrics = json::write,
     .detection = json::write,
     .transitions = json::write_transitions,
     .reindexed = json::write,
     .pruned = json::write,
     .imported = json::write,
     .cond = json::write,
     .cond_explanation = json::write,
     .cond_check = json::write,
     .filter = json::write,
     .bench = json::write,
     .bench_list = json::write,
     .config = json::write,
     .config_search = json::write,
     .config_settings = json::write,
     .failure = json::write},
    {.name = "ndjson",
     .media_type = "application/x-ndjson",
     .file_ending = ".ndjson",
     .transitions = ndjson::write_transitions},
    {.name = "csv",
     .media_type = "text/csv; charset=utf-8",
     .file_ending = ".csv",
     .transitions = csv::write_transitions,
     .bench = csv::write},
    {.name = "markdown",
     .media_type = "text/markdown; charset=utf-8",
     .file_ending = ".md",
     .transitions = markdown::write_transitions,
     .bench = markdown::write},
    {.name = "junit",
     .media_type = "application/xml",
     .file_ending = ".xml",
     .health = junit::write},
};

/// The names of the formats that write a document: `kNamesFor<&Format::transitions>`.
template <auto kDocument>
inline constexpr auto kNamesFor = [] {
  constexpr auto kWrites = [](const Format& format) { return format.*kDocument != nullptr; };
  std::array<std::string_view, std::count_if(std::begin(kFormats), std::end(kFormats), kWrites)>
      names;
  std::size_t used = 0;
  for (const Format& format : kFormats) {
    if (kWrites(format)) names[used++] = format.name;
  }
  return names;
}();

/// The format of that name; null if there is none.
const Format* find_format(std::string_view name);

/// Writes `document` in the format of that name, which must be one of kNamesFor<kind>.
template <class Document>
void write(Write<Document> Format::*kind, const Document& document, std::string_view format,
           Page& page) {
  (find_format(format)->*kind)(document, page);
}

}  // namespace rz::reports
