#include "cond_filter.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "cond_input.h"

#include "rz/base/text.h"
#include "rz/cli/progress.h"
#include "rz/cond/filter/filter_records.h"
#include "rz/reports/cond_reports.h"

namespace rz {
namespace {

constexpr int kMaxThreads = 8;

/// Records to standard output, what is wrong with some of them to stderr.
class OutputSink final : public cond::FilterSink {
 public:
  explicit OutputSink(cli::Context& context)
      : context_(context), progress_(context.options().quiet) {}

  void write(std::string_view bytes) override { context_.out().raw(bytes); }

  Result<void> flush(const cond::FilterProgress& now) override {
    if (progress_.due()) {
      progress_.show(
          cli::describe_progress(now.records, now.consumed, now.size, progress_.elapsed()));
    }
    // What comes through a pipe may be slow to come; what was found in it shall not wait.
    return context_.out().flush();
  }

  void bad_record(const Error& error) override {
    progress_.clear();
    if (++bad_ <= kShown) context_.warn(to_string(error));
  }

  void bad_file(const Error& error) override {
    progress_.clear();
    bad_files_.push_back(to_string(error));
  }

  void finish() {
    progress_.clear();
    if (bad_ > kShown) context_.warn(std::to_string(bad_ - kShown) + " more bad records");
  }

  /// What cannot be read, a line each.
  const std::vector<std::string>& bad_files() const { return bad_files_; }

 private:
  static constexpr std::uint64_t kShown = 10;
  cli::Context& context_;
  cli::Progress progress_;
  std::uint64_t bad_ = 0;
  std::vector<std::string> bad_files_;
};

Result<char> read_delimiter(const std::string& text) {
  if (text == "tab" || text == "\\t") return '\t';
  constexpr std::string_view kAllowed = ",;|:\t !#$%&*/=?@^_~";
  if (text.size() == 1 && kAllowed.find(text[0]) != std::string_view::npos) return text[0];
  return fail(ErrorCode::invalid_argument,
              "'" + text + "' cannot separate fields; take one of , ; | : or tab", "--delimiter");
}

// In lower case: what comes from other systems is named EXPORT.CSV.
std::string without_packing(std::string_view path) {
  std::string name = to_lower(path);
  for (const std::string_view packed : {".gz", ".zst"}) {
    if (name.ends_with(packed)) name.erase(name.size() - packed.size());
  }
  return name;
}

Result<char> read_comment(const std::string& text) {
  constexpr std::string_view kNone = "\"\n\r,";
  const bool printable = text.size() == 1 && text[0] > ' ' && text[0] < '\x7f';
  if (printable && kNone.find(text[0]) == std::string_view::npos) return text[0];
  return fail(ErrorCode::invalid_argument,
              "'" + text + "' cannot begin a comment; take a single character such as #",
              "--comment");
}

Result<std::string> read_annotation(const std::string& name) {
  if (name.empty()) return std::string("match");
  if (find_invalid_utf8(name)) {
    return fail(ErrorCode::invalid_argument, "expected a name of UTF-8, as in --annotate=alert",
                "--annotate");
  }
  return name;
}

// Options that mean nothing for NDJSON are not silently passed over.
Result<void> require_csv(const cli::Arguments& arguments, bool csv) {
  if (csv) return {};
  for (const std::string_view option : {"--delimiter", "--no-header", "--fill", "--comment"}) {
    if (arguments.has(option)) {
      return fail(ErrorCode::invalid_argument, "is for CSV; add --input csv", std::string(option));
    }
  }
  return {};
}

int default_threads() {
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kMaxThreads);
}

Result<cond::FilterOptions> filter_options(const cli::Arguments& arguments,
                                           std::string_view first_file, bool quiet) {
  cond::FilterOptions options;
  const std::string name = without_packing(first_file);
  const bool tabs = name.ends_with(".tsv");
  const std::string input = arguments.text("--input");
  const bool csv = input.empty() ? tabs || name.ends_with(".csv") : input == "csv";
  options.format = csv ? cond::RecordFormat::csv : cond::RecordFormat::ndjson;
  if (auto fits = require_csv(arguments, csv); !fits) return fail(std::move(fits).error());
  const auto delimiter = read_delimiter(arguments.has("--delimiter") ? arguments.text("--delimiter")
                                        : tabs                       ? "tab"
                                                                     : ",");
  if (!delimiter) return fail(delimiter.error());
  options.delimiter = *delimiter;
  options.header = !arguments.has("--no-header");
  options.fill = arguments.has("--fill");
  if (arguments.has("--comment")) {
    const auto comment = read_comment(arguments.text("--comment"));
    if (!comment) return fail(comment.error());
    options.comment = *comment;
  }
  const std::string on_bad = arguments.text("--on-error");
  options.on_bad = on_bad == "skip"    ? cond::BadRecordPolicy::skip
                   : on_bad == "false" ? cond::BadRecordPolicy::no_match
                                       : cond::BadRecordPolicy::fail;
  const bool count = arguments.has("--count");
  for (const std::string_view option : {"--line-number", "--annotate"}) {
    if (!count || !arguments.has(option)) continue;
    return fail(ErrorCode::invalid_argument,
                "no record is printed with --count; leave one of them out", std::string(option));
  }
  options.write_records = !count && !quiet;
  options.invert = arguments.has("--invert");
  options.line_numbers = arguments.has("--line-number");
  options.annotate = arguments.has("--annotate");
  const auto annotation = read_annotation(arguments.text("--annotate"));
  if (!annotation) return fail(annotation.error());
  options.annotation = *annotation;
  options.missing_is_false = cond_input::missing_is_false(arguments);
  if (const auto most = arguments.number("--max-count")) {
    options.max_matches = static_cast<std::uint64_t>(*most);
  } else if (quiet && !count) {
    // Who only asks whether there is one has the answer with the first.
    options.max_matches = 1;
  }
  options.threads = static_cast<int>(arguments.number("--threads").value_or(default_threads()));
  return options;
}

/// The files to read. With --expr-file there is no EXPR, and what stands in its place is a file.
std::vector<std::string> files_of(const cli::Arguments& arguments) {
  std::vector<std::string> files = arguments.operands("FILE");
  if (const auto first = arguments.operand("EXPR"); first && arguments.has("--expr-file")) {
    files.insert(files.begin(), *first);
  }
  if (files.empty()) files = {"-"};
  return files;
}

}  // namespace

Result<int> run_filter(cli::Context& context, const cli::Arguments& arguments) {
  const bool counting = arguments.has("--count");
  if (context.json() && !counting && !context.options().quiet) {
    return fail(
        ErrorCode::invalid_argument,
        "the records are not one JSON document; add --count for the counts, or leave it out",
        "--format");
  }
  const auto language = cond_input::read_language(context, arguments);
  if (!language) return fail(language.error());
  const auto question = cond_input::read_question(arguments, *language);
  if (!question) return fail(question.error());
  const std::vector<std::string> files = files_of(arguments);
  const auto options = filter_options(arguments, files.front(), context.options().quiet);
  if (!options) return fail(options.error());
  OutputSink sink(context);
  const auto report = cond::filter_records(question->condition, files, *options, sink);
  sink.finish();
  // Output that fails is reported once, when the program ends.
  if (!report && !context.out().flush()) return cli::kCouldNotTell;
  if (!report) return fail(report.error());
  // A count that lacks a file is not an answer to a program, but a person may want it.
  const bool whole = sink.bad_files().empty();
  if (counting && !context.options().quiet && (whole || !context.json())) {
    context.print(reports::FilterCounts{*report});
  }
  if (!whole) return fail(ErrorCode::unavailable, join(sink.bad_files(), "\n"));
  return report->matches > 0 ? cli::kYes : cli::kNo;
}

}  // namespace rz
