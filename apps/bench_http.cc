#include "bench_http.h"

#include "bench_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench_session.h"
#include "rz/base/duration.h"
#include "rz/base/file.h"
#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/bench/http/load_request.h"
#include "rz/bench/http/load_run.h"
#include "rz/bench/http/rate_search.h"
#include "rz/bench/http/threshold.h"
#include "rz/bench/machine.h"
#include "rz/cli/interrupt.h"
#include "rz/cli/option_values.h"
#include "rz/cli/progress.h"
#include "rz/reports/load_report.h"
#include "rz/reports/saved_load.h"
#include "rz/reports/writing/sparkline.h"

namespace rz {
namespace {

using bench::LoadOptions;
using bench::LoadResult;
using bench::Threshold;

constexpr std::uint64_t kMaxLoadBody = 64 << 20;
constexpr double kFirstSearchedRate = 100;
constexpr double kMostSearchedRate = 100'000;
constexpr Millis kSearchStep{5'000};
constexpr Millis kSearchWarmUp{500};

tl::unexpected<Error> wrong_option(std::string option, std::string message) {
  return fail(ErrorCode::invalid_argument, std::move(message), std::move(option));
}

/// An error of an option's value, with the option's name.
template <class T>
Result<T> of_option(Result<T> read, const std::string& option) {
  if (read) return read;
  return wrong_option(option, read.error().message);
}

Result<double> parse_rate(const std::string& option, std::string_view text) {
  const auto rate = parse_double(text);
  if (!rate || *rate < bench::kLoadRates.min || *rate > bench::kLoadRates.max) {
    return wrong_option(option, "'" + printable(text) +
                                    "' is not a rate from 1 to 1000000 requests a second; "
                                    "write it like 1000, or 100..5000 for a ramp");
  }
  return *rate;
}

Result<void> read_rate(const cli::Arguments& arguments, LoadOptions& options) {
  if (!arguments.has("--rate")) return {};
  const std::string text = arguments.text("--rate");
  const std::size_t dots = text.find("..");
  TRY_ASSIGN(options.rate, parse_rate("--rate", std::string_view(text).substr(0, dots)));
  options.end_rate.reset();
  if (dots == std::string::npos) return {};
  TRY_ASSIGN(options.end_rate, parse_rate("--rate", std::string_view(text).substr(dots + 2)));
  return {};
}

Result<void> read_duration(const cli::Arguments& arguments, const std::string& option,
                           Range<Millis> range, Millis& into) {
  if (!arguments.has(option)) return {};
  TRY_ASSIGN(const auto given, of_option(parse_duration(arguments.text(option)), option));
  if (given < range.min || given > range.max) {
    return wrong_option(
        option, "must be from " + format_duration(range.min) + " to " + format_duration(range.max));
  }
  into = std::chrono::floor<Millis>(given);
  return {};
}

Result<std::string> read_body(const cli::Arguments& arguments) {
  if (!arguments.has("--body-file")) return arguments.text("--body");
  if (arguments.has("--body")) return wrong_option("--body-file", "--body is given, too");
  return read_file(arguments.text("--body-file"), kMaxLoadBody);
}

/// The request that the command line describes, in place of the configured endpoints.
Result<void> read_request(const cli::Arguments& arguments, LoadOptions& options) {
  for (const std::string& line : arguments.all("--header")) {
    TRY_ASSIGN(auto header, of_option(bench::parse_header(line), "--header"));
    options.headers.push_back(std::move(header));
  }
  const bool describes =
      arguments.has("--method") || arguments.has("--body") || arguments.has("--body-file");
  if (!arguments.has("--url") && !describes) return {};
  if (arguments.has("--url")) options.url = arguments.text("--url");
  if (options.url.empty()) return {};
  TRY_ASSIGN(const auto target, of_option(bench::parse_load_target(options.url), "--url"));
  bench::LoadEndpoint endpoint;
  endpoint.path = target.path;
  TRY_ASSIGN(endpoint.body, read_body(arguments));
  endpoint.method = arguments.has("--method") ? arguments.text("--method")
                    : endpoint.body.empty()   ? "GET"
                                              : "POST";
  TRY(of_option(bench::check_endpoint(endpoint), "--method"));
  options.endpoints = {std::move(endpoint)};
  return {};
}

/// Refuses options that mean nothing without another one, which the configuration may have.
Result<void> check_companions(const cli::Arguments& arguments, const LoadOptions& options) {
  const bool searches = arguments.has("--find-max");
  const bool open_loop = options.rate.has_value() || searches;
  const bool tls = !options.url.starts_with("http:");
  struct Companion {
    const char* option;
    bool there;
    const char* message;
  };
  const Companion companions[] = {
      {"--arrivals", open_loop, "is for an open loop: give --rate, too"},
      {"--queue", open_loop, "is for an open loop: give --rate, too"},
      {"--max-rate", searches, "is where a search ends: give --find-max, too"},
      {"--streams", options.http2, "is for HTTP/2: give --http2, too"},
      {"--ca", tls, "is for https, and the URL is of http"},
      {"--insecure", tls, "is for https, and the URL is of http"},
  };
  for (const Companion& one : companions) {
    if (arguments.has(one.option) && !one.there) return wrong_option(one.option, one.message);
  }
  return {};
}

Result<LoadOptions> read_load(cli::Context& context, const cli::Arguments& arguments) {
  TRY_ASSIGN(const config::Config* config, context.runtime().config());
  LoadOptions options = config->load;
  TRY(read_request(arguments, options));
  const auto number = [&](const char* option, auto& into) {
    if (arguments.has(option)) {
      into = static_cast<std::decay_t<decltype(into)>>(*arguments.number(option));
    }
  };
  TRY(read_rate(arguments, options));
  number("--connections", options.connections);
  number("--streams", options.streams);
  if (arguments.has("--requests")) {
    options.requests = arguments.number("--requests");
    // However long they take, unless --duration says otherwise.
    if (!options.end_rate) options.duration = bench::kLoadDurations.max;
  }
  if (arguments.has("--queue")) options.queue = arguments.number("--queue");
  TRY(read_duration(arguments, "--duration", bench::kLoadDurations, options.duration));
  TRY(read_duration(arguments, "--warm-up", {Millis{0}, bench::kLoadDurations.max},
                    options.warm_up));
  TRY(read_duration(arguments, "--timeout", bench::kLoadTimeouts, options.timeout));
  if (arguments.has("--arrivals")) {
    options.arrivals = arguments.text("--arrivals") == "poisson" ? bench::Arrivals::poisson
                                                                 : bench::Arrivals::constant;
  }
  if (arguments.has("--no-keepalive")) options.keep_alive = false;
  if (arguments.has("--http2")) options.http2 = true;
  if (arguments.has("--ca")) options.tls.ca = arguments.text("--ca");
  if (arguments.has("--insecure")) options.tls.verify = false;
  if (options.http2 && !options.keep_alive) {
    return wrong_option("--no-keepalive", "HTTP/2 is for many requests on a connection");
  }
  if (options.url.empty()) {
    return fail(ErrorCode::invalid_argument,
                "name the server, as in: rz bench http --url http://127.0.0.1:8080/ (or as "
                "bench.http.url in the configuration)");
  }
  TRY(check_companions(arguments, options));
  return options;
}

Result<std::vector<Threshold>> read_thresholds(const std::vector<std::string>& texts,
                                               const std::string& option) {
  std::vector<Threshold> thresholds;
  for (const std::string& text : texts) {
    TRY_ASSIGN(auto threshold, of_option(bench::parse_threshold(text), option));
    thresholds.push_back(std::move(threshold));
  }
  return thresholds;
}

/// Runs loads, and shows a person at a terminal how each of them stands.
class LoadRunner {
 public:
  LoadRunner(cli::Context& context, bool allow_remote) : progress_(context.options().quiet) {
    run_.allow_remote = allow_remote;
    run_.go_on = [this](const bench::LoadProgress& now) { return go_on(now); };
  }

  Result<LoadResult> run(const LoadOptions& options) {
    seen_ = 0;
    seen_at_ = {};
    rates_.clear();
    auto result = bench::run_load(options, run_);
    progress_.clear();
    return result;
  }

  const cli::Interrupt& interrupt() const { return interrupt_; }

 private:
  using Seconds = std::chrono::duration<double>;

  bool go_on(const bench::LoadProgress& now) {
    if (progress_.due()) show(now);
    return !interrupt_.asked();
  }

  void show(const bench::LoadProgress& now) {
    constexpr std::size_t kShownRates = 20;
    const double passed = Seconds(now.elapsed - seen_at_).count();
    const std::uint64_t answered = now.so_far.answered + now.so_far.warm_up;
    if (passed > 0 && answered >= seen_) {
      rates_.push_back(static_cast<double>(answered - seen_) / passed);
    }
    if (rates_.size() > kShownRates) rates_.erase(rates_.begin());
    seen_ = answered;
    seen_at_ = now.elapsed;
    const LoadResult& r = now.so_far;
    std::string line = fmt::format(
        "{:.0f} s{}  {:.0f}/s {}", Seconds(now.elapsed).count(), now.warming_up ? " (warm-up)" : "",
        rates_.empty() ? 0 : rates_.back(), reports::sparkline(rates_, kShownRates));
    if (!r.latency.empty()) {
      line += "  p99 " +
              reports::humanize_load_value(static_cast<double>(r.latency.percentile(99).count()),
                                           bench::LoadUnit::nanoseconds);
    }
    line += fmt::format("  {} errors", r.failed() + r.bad_status() + r.dropped);
    if (now.waiting > 0) line += fmt::format("  {} waiting", now.waiting);
    progress_.show(line);
  }

  const cli::Interrupt interrupt_;
  cli::Progress progress_;
  bench::LoadRunOptions run_;
  std::vector<double> rates_;
  std::uint64_t seen_ = 0;
  std::chrono::nanoseconds seen_at_{};
};

/// The answer of a run: what it says of the thresholds, if anything can be said.
int answer_of(cli::Context& context, const reports::LoadReport& report) {
  const LoadResult& result = report.result;
  if (result.is_late()) {
    context.warn(fmt::format(
        "the run is not valid: the sender was late by {} at p99, so that the latencies are its own "
        "as well; ask for less, or make the machine quieter",
        reports::humanize_load_value(static_cast<double>(result.lateness.percentile(99).count()),
                                     bench::LoadUnit::nanoseconds)));
    return cli::kCouldNotTell;
  }
  if (result.answered == 0) {
    context.warn("no request was answered");
    return cli::kCouldNotTell;
  }
  const auto& outcomes = report.thresholds;
  const auto missed = [](const auto& outcome) { return outcome.is_missed(); };
  if (std::any_of(outcomes.begin(), outcomes.end(), missed)) return cli::kNo;
  for (const bench::ThresholdOutcome& outcome : outcomes) {
    if (outcome.value) continue;
    const bool known = bench::load_metric(outcome.threshold.metric, result).has_value();
    context.warn("the threshold " + printable(outcome.threshold.text) + " cannot be judged: " +
                 (known ? "that part of the requests timed out; give them longer by --timeout"
                        : "the run has no such figure"));
    return cli::kCouldNotTell;
  }
  return cli::kYes;
}

/// Keeps it, if a file was named.
Result<void> save_load(const std::string& path, const reports::LoadReport& report) {
  if (path.empty()) return {};
  return write_file(path, to_json(reports::to_stored(report)) + "\n");
}

Result<int> run_once(cli::Context& context, const LoadOptions& options,
                     const std::vector<Threshold>& thresholds, const std::string& save,
                     LoadRunner& runner) {
  TRY_ASSIGN(LoadResult result, runner.run(options));
  reports::LoadReport report{
      options, std::move(result), {}, std::nullopt, bench::machine_fingerprint()};
  report.thresholds = bench::judge(thresholds, report.result);
  TRY(save_load(save, report));
  context.print(report);
  apps::summarize_step(context, report, "rz bench http");
  if (runner.interrupt().asked()) return runner.interrupt().exit_code();
  return answer_of(context, report);
}

/// What is said where the goals are met and the rate is too high all the same; else nothing.
std::string why_not_sustained(double rate, const std::vector<bench::ThresholdOutcome>& goals,
                              const LoadResult& result) {
  const std::uint64_t errors = result.failed() + result.bad_status();
  if (errors == 0 || !bench::all_met(goals)) return {};
  return fmt::format(
      "the goals are met at {:.1f}/s, but {} of {} requests had no answer, or a status of 400 or "
      "more; a goal says how many may, as error_rate<1%",
      rate, errors, result.sent());
}

/// Finds the highest rate that meets `goals`. The result of the best run is that of the report.
Result<int> find_highest_rate(cli::Context& context, LoadOptions options,
                              const std::vector<Threshold>& goals, double most,
                              const std::string& save, LoadRunner& runner) {
  reports::LoadReport report{options, {}, {}, reports::LoadSearch{}, bench::machine_fingerprint()};
  report.result.open_loop = true;
  bench::RateSearch search(options.rate.value_or(kFirstSearchedRate), most);
  bool answered = false;
  std::string too_high;
  while (const auto rate = search.next()) {
    options.rate = *rate;
    TRY_ASSIGN(LoadResult result, runner.run(options));
    if (runner.interrupt().asked()) break;
    auto outcomes = bench::judge(goals, result);
    const bool late = result.is_late();
    const bool met = bench::is_sustained(outcomes, result);
    answered = answered || result.answered > 0;
    if (!met) too_high = why_not_sustained(*rate, outcomes, result);
    report.search->steps.push_back(
        {*rate, met, late, outcomes, reports::shown_percentiles(result.latency)});
    if (late) {
      search.report_late_sender();
    } else {
      search.report(met);
    }
    if (!met) continue;
    report.options = options;
    report.result = std::move(result);
    report.thresholds = std::move(outcomes);
  }
  report.search->best = search.best();
  report.search->bounded = search.is_bounded();
  TRY(save_load(save, report));
  context.print(report);
  apps::summarize_step(context, report, "rz bench http");
  if (runner.interrupt().asked()) return runner.interrupt().exit_code();
  if (search.best() > 0) return cli::kYes;
  if (search.is_bounded() && !answered) {
    context.warn("no request was answered");
    return cli::kCouldNotTell;
  }
  if (search.is_bounded()) {
    if (!too_high.empty()) context.warn(too_high);
    return cli::kNo;
  }
  context.warn("the sender could not keep up with any rate; make the machine quieter");
  return cli::kCouldNotTell;
}

}  // namespace

Result<int> run_http_load(cli::Context& context, const cli::Arguments& arguments) {
  TRY_ASSIGN(LoadOptions options, read_load(context, arguments));
  TRY_ASSIGN(auto goals, read_thresholds(arguments.all("--find-max"), "--find-max"));
  const auto given = arguments.all("--threshold");
  TRY_ASSIGN(const auto thresholds,
             read_thresholds(given.empty() ? options.thresholds : given, "--threshold"));
  const std::string save = arguments.text("--save");
  if (!save.empty()) TRY(apps::check_save(save));
  LoadRunner runner(context, arguments.has("--allow-remote"));
  if (goals.empty()) return run_once(context, options, thresholds, save, runner);

  if (options.end_rate) return wrong_option("--rate", "a ramp has no place in a search");
  double most = kMostSearchedRate;
  if (arguments.has("--max-rate")) {
    TRY_ASSIGN(most, parse_rate("--max-rate", arguments.text("--max-rate")));
  }
  // What every run must meet, each run of the search must.
  goals.insert(goals.end(), thresholds.begin(), thresholds.end());
  if (!arguments.has("--duration")) options.duration = kSearchStep;
  if (!arguments.has("--warm-up")) options.warm_up = std::max(options.warm_up, kSearchWarmUp);
  return find_highest_rate(context, options, goals, most, save, runner);
}

}  // namespace rz
