#include "rz/bench/http/threshold.h"

#include <doctest/doctest.h>

#include <string>

#include "support/results.h"

namespace rz::bench {
namespace {

using std::chrono::milliseconds;

/// 98 answers of 1 to 98 ms, one of them a 500; a timeout after 1 s; one dropped.
LoadResult known_result() {
  LoadResult result;
  result.open_loop = true;
  result.elapsed = milliseconds{2'000};
  result.answered = 98;
  result.statuses = {0, 0, 97, 0, 0, 1};
  result.errors[static_cast<std::size_t>(LoadError::timeout)] = 1;
  result.queued = 2;
  result.dropped = 1;
  for (int ms = 1; ms <= 98; ++ms) {
    result.latency.record(milliseconds{ms});
    result.first_byte.record(milliseconds{ms} / 2);
  }
  result.latency.record(milliseconds{1'000});
  result.connect.record(milliseconds{3});
  result.lateness.record(milliseconds{0});
  return result;
}

bool meets(const std::string& text, const LoadResult& result) {
  const auto outcomes = judge({ok(parse_threshold(text))}, result);
  return outcomes.front().is_met();
}

TEST_CASE("thresholds on known figures, each just met and just missed") {
  const LoadResult result = known_result();
  struct Row {
    const char* met;
    const char* missed;
  };
  const Row rows[] = {
      {"p50<51ms", "p50<49ms"},
      {"p50 <= 51ms", "p50 >= 51ms"},
      {"min<2ms", "min<1ms"},
      {"min<=1ms", "min>1ms"},
      {"mean>50ms", "mean>70ms"},
      {"stddev<200ms", "stddev<20ms"},
      {"first_byte_p50<30ms", "first_byte_p50<20ms"},
      {"connect_max<=3ms", "connect_max<3ms"},
      {"lateness_p99<1ms", "lateness_p99>1us"},
      {"error_rate<=3%", "error_rate<3%"},
      {"drop_rate<=1%", "drop_rate<1%"},
      {"errors<=2", "errors<2"},
      {"dropped<=1", "dropped<1"},
      {"queued<3", "queued<2"},
      {"requests>=99", "requests>99"},
      {"answers>=98", "answers>98"},
      {"throughput>=49", "throughput>49"},
      {"status_2xx>=97", "status_2xx>97"},
      {"status_3xx<1", "status_3xx>0"},
      {"status_4xx<1", "status_4xx>0"},
      {"status_5xx<=1", "status_5xx<1"},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.met));
    CHECK(meets(row.met, result));
    CHECK_FALSE(meets(row.missed, result));
  }
}

TEST_CASE("what was dropped was never answered: it is beyond every latency") {
  LoadResult result = known_result();
  CHECK(meets("p97<99ms", result));
  CHECK_FALSE(meets("p99.9<10h", result));
  CHECK_FALSE(meets("max<10h", result));
  result.dropped = 0;
  result.errors = {};
  CHECK(meets("p99.9<=1s", result));
  CHECK(meets("max<=1s", result));
}

TEST_CASE("a timeout tells how long an answer takes at least, and no threshold is met by it") {
  LoadResult result = known_result();
  result.dropped = 0;
  const auto outcome = [&](const std::string& text) {
    return judge({ok(parse_threshold(text))}, result).front();
  };
  // Of 99 the last one timed out, after 1 s.
  for (const char* text : {"p99<5s", "p99.9<=5s", "max<5s", "mean<5s", "p99.9>5s", "max>=5s"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(outcome(text).value.has_value());
  }
  CHECK(outcome("p98<5s").is_met());
  CHECK(outcome("p99.9<900ms").is_missed());
  CHECK(outcome("max>900ms").is_met());
  CHECK(outcome("min<5s").is_met());

  result.open_loop = false;
  CHECK_FALSE(outcome("corrected_p99<5s").value.has_value());
  CHECK(outcome("corrected_p99<100ms").is_missed());

  LoadResult nothing;
  nothing.errors[static_cast<std::size_t>(LoadError::timeout)] = 2;
  nothing.latency.record(milliseconds{1'000}, 2);
  for (const char* text : {"min<5s", "p50<5s", "p95<5s"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(judge({ok(parse_threshold(text))}, nothing).front().value.has_value());
  }
}

TEST_CASE("every metric can be asked for, and has a value where there is something to tell") {
  LoadResult closed = known_result();
  closed.open_loop = false;
  closed.tls.record(milliseconds{4});
  for (const std::string& name : load_metric_names()) {
    CAPTURE(name);
    CHECK(load_metric(name, closed).has_value());
    const bool is_time = parse_threshold(name + "<1ms").has_value();
    const bool is_rate = parse_threshold(name + "<1%").has_value();
    const bool is_count = parse_threshold(name + "<1").has_value();
    CHECK(is_time + is_rate + is_count == 1);
  }
}

TEST_CASE("where there is nothing to tell, nothing is met and nothing is missed") {
  const LoadResult nothing;
  for (const char* text : {"p95<500ms", "error_rate<1%", "tls_p50<1s", "corrected_p99<1s"}) {
    CAPTURE(text);
    const auto outcomes = judge({ok(parse_threshold(text))}, nothing);
    CHECK_FALSE(outcomes.front().is_met());
    CHECK_FALSE(outcomes.front().is_missed());
  }
  // An open loop needs no correction, and has none.
  CHECK_FALSE(load_metric("corrected_p99", known_result()));
}

TEST_CASE("a rate is kept up with where all is answered, or a goal says how much need not be") {
  const auto sustained = [](const std::vector<std::string>& texts, const LoadResult& result) {
    std::vector<Threshold> goals;
    for (const std::string& text : texts) goals.push_back(ok(parse_threshold(text)));
    return is_sustained(judge(goals, result), result);
  };
  LoadResult result = known_result();
  CHECK_FALSE(sustained({"error_rate<50%"}, result));  // One is dropped.
  result.dropped = 0;
  CHECK_FALSE(sustained({"p50<1s"}, result));
  CHECK_FALSE(sustained({"p50<1s", "status_5xx<2"}, result));  // One has no answer.
  CHECK(sustained({"p50<1s", "error_rate<50%"}, result));
  CHECK(sustained({"p50<1s", "errors<5"}, result));
  CHECK_FALSE(sustained({"p50<1s", "errors<1"}, result));
  result.errors = {};
  CHECK_FALSE(sustained({"p50<1s"}, result));  // One has the status 500.
  CHECK(sustained({"p50<1s", "status_5xx<2"}, result));
  CHECK_FALSE(sustained({"p50<1s", "status_4xx<2"}, result));
  result.statuses = {0, 0, 98, 0, 0, 0};
  CHECK(sustained({"p50<1s"}, result));
  result.answered = 0;
  CHECK_FALSE(sustained({"p50<1s"}, result));
}

TEST_CASE("wrong thresholds say what there is") {
  struct Row {
    const char* text;
    const char* message;
  };
  const Row rows[] = {
      {"p95", "'p95': write a metric, one of < <= > >=, and a limit: p95<500ms"},
      {"p95==1ms", "'p95==1ms': write a metric, one of < <= > >=, and a limit: p95<500ms"},
      {"p95!=1ms", "'p95!=1ms': write a metric, one of < <= > >=, and a limit: p95<500ms"},
      {"p95<500", "'p95<500': the limit must be a duration, as 500ms or 250us"},
      {"p95<=", "'p95<=': the limit must be a duration, as 500ms or 250us"},
      {"error_rate<0.01", "'error_rate<0.01': the limit must be a percentage, as 1%"},
      {"errors<1%", "'errors<1%': the limit must be a plain number, as 1000"},
      {"errors<-1", "'errors<-1': the limit must be a plain number, as 1000"},
      {"eror_rate<1%",
       "'eror_rate<1%': there is no metric 'eror_rate'; did you mean 'error_rate'? (rz-bench(1) "
       "lists them: p50 to p99.99, error_rate, …)"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(error_of(parse_threshold(row.text)).code == ErrorCode::invalid_argument);
    CHECK(message_of(parse_threshold(row.text)) == row.message);
  }
  for (const char* text : {"", "<1s", "p101<1s", "p<1s", "p0<1s", "pp<1s", "p9x<1s",
                           "first_byte_<1s", "corrected_<1s"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_threshold(text));
  }
}

}  // namespace
}  // namespace rz::bench
