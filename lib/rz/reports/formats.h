#pragma once

#include <memory>
#include <string_view>

#include "rz/reports/format_table.h"
#include "rz/reports/writing/page.h"

namespace rz {
struct CallbackList;
struct FallbackMetrics;
struct HealthState;
struct Votes;
}  // namespace rz

namespace rz::reports {

// ---- The documents

struct AuditReport;
struct BenchHistory;
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
struct IngestedReports;
struct Listing;
struct LoadReport;
struct PolicyReplay;
struct ProfileReport;
struct Pruned;
struct Reindexed;
struct ReportedComponent;
struct StatsReport;
class TransitionsWriter;

// ---- The formats

// A format is a row of kFormats. It writes the documents for which it declares a write(): to give
// it one is to declare that function, and define it in formats/FORMAT_DOCUMENT.cc. The list of
// transitions is written as they come: begin_list() makes what writes it.

struct Text {
  static constexpr std::string_view kName = "text";
  static constexpr std::string_view kMediaType = "text/plain; charset=utf-8";
  static constexpr std::string_view kFileEnding = ".txt";
  static void write(const HealthReport& report, Page& page);
  static void write(const CheckList& list, Page& page);
  static void write(const ReportedComponent& reported, Page& page);
  static void write(const IngestedReports& ingested, Page& page);
  static void write(const FedBreaker& fed, Page& page);
  static void write(const Forgotten& forgotten, Page& page);
  static void write(const CascadeAnswer& answer, Page& page);
  static void write(const Votes& votes, Page& page);
  static void write(const CallbackList& list, Page& page);
  static void write(const PolicyReplay& replay, Page& page);
  static void write(const Listing& list, Page& page);
  static std::unique_ptr<TransitionsWriter> begin_list(Page& page);
  static void write(const Reindexed& done, Page& page);
  static void write(const Pruned& done, Page& page);
  static void write(const Imported& done, Page& page);
  static void write(const CondAnswer& answer, Page& page);
  static void write(const CondExplanation& explained, Page& page);
  static void write(const CondCheck& check, Page& page);
  static void write(const FilterCounts& filter, Page& page);
  static void write(const BenchReport& report, Page& page);
  static void write(const LoadReport& report, Page& page);
  static void write(const BenchList& list, Page& page);
  static void write(const BenchHistory& history, Page& page);
  static void write(const ProfileReport& report, Page& page);
  static void write(const ConfigFindings& found, Page& page);
  static void write(const ConfigSearch& search, Page& page);
  static void write(const ConfigSettings& shown, Page& page);
  static void write(const AuditReport& report, Page& page);
  static void write(const StatsReport& report, Page& page);
};

struct Json {
  static constexpr std::string_view kName = "json";
  static constexpr std::string_view kMediaType = "application/json";
  static constexpr std::string_view kFileEnding = ".json";
  static void write(const HealthReport& report, Page& page);
  static void write(const CheckList& list, Page& page);
  static void write(const HealthState& state, Page& page);
  static void write(const ReportedComponent& reported, Page& page);
  static void write(const IngestedReports& ingested, Page& page);
  static void write(const FedBreaker& fed, Page& page);
  static void write(const Forgotten& forgotten, Page& page);
  static void write(const CascadeAnswer& answer, Page& page);
  static void write(const Votes& votes, Page& page);
  static void write(const CallbackList& list, Page& page);
  static void write(const PolicyReplay& replay, Page& page);
  static void write(const Listing& list, Page& page);
  static void write(const FallbackMetrics& metrics, Page& page);
  static void write(const Detection& detection, Page& page);
  static std::unique_ptr<TransitionsWriter> begin_list(Page& page);
  static void write(const Reindexed& done, Page& page);
  static void write(const Pruned& done, Page& page);
  static void write(const Imported& done, Page& page);
  static void write(const CondAnswer& answer, Page& page);
  static void write(const CondExplanation& explained, Page& page);
  static void write(const CondCheck& check, Page& page);
  static void write(const FilterCounts& filter, Page& page);
  static void write(const BenchReport& report, Page& page);
  static void write(const LoadReport& report, Page& page);
  static void write(const BenchList& list, Page& page);
  static void write(const BenchHistory& history, Page& page);
  static void write(const ProfileReport& report, Page& page);
  static void write(const ConfigFindings& found, Page& page);
  static void write(const ConfigSearch& search, Page& page);
  static void write(const ConfigSettings& shown, Page& page);
  static void write(const Failure& failure, Page& page);
  static void write(const AuditReport& report, Page& page);
  static void write(const StatsReport& report, Page& page);
};

struct Ndjson {
  static constexpr std::string_view kName = "ndjson";
  static constexpr std::string_view kMediaType = "application/x-ndjson";
  static constexpr std::string_view kFileEnding = ".ndjson";
  static std::unique_ptr<TransitionsWriter> begin_list(Page& page);
};

struct Csv {
  static constexpr std::string_view kName = "csv";
  static constexpr std::string_view kMediaType = "text/csv; charset=utf-8";
  static constexpr std::string_view kFileEnding = ".csv";
  static std::unique_ptr<TransitionsWriter> begin_list(Page& page);
  static void write(const BenchReport& report, Page& page);
  static void write(const BenchHistory& history, Page& page);
  static void write(const AuditReport& report, Page& page);
  static void write(const StatsReport& report, Page& page);
  static void write(const LoadReport& report, Page& page);
};

struct Markdown {
  static constexpr std::string_view kName = "markdown";
  static constexpr std::string_view kMediaType = "text/markdown; charset=utf-8";
  static constexpr std::string_view kFileEnding = ".md";
  static void write(const HealthReport& report, Page& page);
  static std::unique_ptr<TransitionsWriter> begin_list(Page& page);
  static void write(const BenchReport& report, Page& page);
  static void write(const BenchHistory& history, Page& page);
  static void write(const AuditReport& report, Page& page);
  static void write(const StatsReport& report, Page& page);
  static void write(const LoadReport& report, Page& page);
};

struct Nagios {
  static constexpr std::string_view kName = "nagios";
  static constexpr std::string_view kMediaType = "text/plain; charset=utf-8";
  static constexpr std::string_view kFileEnding = ".txt";
  static void write(const HealthReport& report, Page& page);
  static void write(const Failure& failure, Page& page);
  static void write(const AuditReport& report, Page& page);
};

struct Prometheus {
  static constexpr std::string_view kName = "prometheus";
  static constexpr std::string_view kMediaType = "text/plain; version=0.0.4; charset=utf-8";
  static constexpr std::string_view kFileEnding = ".prom";
  static void write(const HealthReport& report, Page& page);
  static void write(const AuditReport& report, Page& page);
};

struct OpenMetrics {
  static constexpr std::string_view kName = "openmetrics";
  static constexpr std::string_view kMediaType =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";
  static constexpr std::string_view kFileEnding = ".txt";
  static void write(const HealthReport& report, Page& page);
  static void write(const AuditReport& report, Page& page);
};

struct Junit {
  static constexpr std::string_view kName = "junit";
  static constexpr std::string_view kMediaType = "application/xml";
  static constexpr std::string_view kFileEnding = ".xml";
  static void write(const HealthReport& report, Page& page);
  static void write(const AuditReport& report, Page& page);
};

struct Tap {
  static constexpr std::string_view kName = "tap";
  static constexpr std::string_view kMediaType = "text/plain; charset=utf-8";
  static constexpr std::string_view kFileEnding = ".tap";
  static void write(const HealthReport& report, Page& page);
  static void write(const Failure& failure, Page& page);
};

struct Github {
  static constexpr std::string_view kName = "github";
  static constexpr std::string_view kMediaType = "text/plain; charset=utf-8";
  static constexpr std::string_view kFileEnding = ".txt";
  static void write(const HealthReport& report, Page& page);
  static void write(const BenchReport& report, Page& page);
  static void write(const LoadReport& report, Page& page);
  static void write(const Failure& failure, Page& page);
  static void write(const AuditReport& report, Page& page);
};

struct Checkmk {
  static constexpr std::string_view kName = "checkmk";
  static constexpr std::string_view kMediaType = "text/plain; charset=utf-8";
  static constexpr std::string_view kFileEnding = ".txt";
  static void write(const HealthReport& report, Page& page);
  static void write(const Failure& failure, Page& page);
};

struct HealthJson {
  static constexpr std::string_view kName = "health+json";
  static constexpr std::string_view kMediaType = "application/health+json";
  static constexpr std::string_view kFileEnding = ".json";
  static void write(const HealthReport& report, Page& page);
  static void write(const Failure& failure, Page& page);
};

/// A page that stands alone, for a browser.
struct Html {
  static constexpr std::string_view kName = "html";
  static constexpr std::string_view kMediaType = "text/html; charset=utf-8";
  static constexpr std::string_view kFileEnding = ".html";
  static std::unique_ptr<TransitionsWriter> begin_list(Page& page);
  static void write(const AuditReport& report, Page& page);
  static void write(const StatsReport& report, Page& page);
  static void write(const BenchReport& report, Page& page);
  static void write(const LoadReport& report, Page& page);
};

/// A picture of one answer.
struct Badge {
  static constexpr std::string_view kName = "badge";
  static constexpr std::string_view kMediaType = "image/svg+xml";
  static constexpr std::string_view kFileEnding = ".svg";
  static void write(const AuditReport& report, Page& page);
  static void write(const StatsReport& report, Page& page);
};

/// Folded stacks, a line each: what tools for flame graphs read.
struct Folded {
  static constexpr std::string_view kName = "folded";
  static constexpr std::string_view kMediaType = "text/plain; charset=utf-8";
  static constexpr std::string_view kFileEnding = ".folded";
  static void write(const ProfileReport& report, Page& page);
};

/// A flame graph.
struct Svg {
  static constexpr std::string_view kName = "svg";
  static constexpr std::string_view kMediaType = "image/svg+xml";
  static constexpr std::string_view kFileEnding = ".svg";
  static void write(const ProfileReport& report, Page& page);
};

/// What www.speedscope.app shows.
struct Speedscope {
  static constexpr std::string_view kName = "speedscope";
  static constexpr std::string_view kMediaType = "application/json";
  static constexpr std::string_view kFileEnding = ".speedscope.json";
  static void write(const ProfileReport& report, Page& page);
};

/// What `go tool pprof` reads: profile.proto in gzip.
struct Pprof {
  static constexpr std::string_view kName = "pprof";
  static constexpr std::string_view kMediaType = "application/vnd.google.protobuf";
  static constexpr std::string_view kFileEnding = ".pb.gz";
  static void write(const ProfileReport& report, Page& page);
};

// ---- The table of the formats

/// The formats, in the order in which help names them; the first of a document is its default.
using Formats =
    FormatTable<Text, Json, Ndjson, Csv, Markdown, Nagios, Prometheus, OpenMetrics, Junit, Tap,
                Github, Checkmk, HealthJson, Html, Badge, Folded, Svg, Speedscope, Pprof>;
inline constexpr auto& kFormats = Formats::kRows;

/// The names of the formats that write a document: `kNamesFor<HealthReport>`.
template <class Document>
inline constexpr auto& kNamesFor = Formats::kNames<Document>;

/// As FormatTable::writer().
template <class Document>
Write<Document> writer(std::string_view format) {
  return Formats::writer<Document>(format);
}

/// Writes `document` in the format of that name, which must be one of its kNamesFor.
template <class Document>
void write(const Document& document, std::string_view format, Page& page) {
  writer<Document>(format)(document, page);
}

}  // namespace rz::reports
