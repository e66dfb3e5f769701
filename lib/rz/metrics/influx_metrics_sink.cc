#include "rz/metrics/influx_metrics_sink.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "rz/base/field_visitor.h"
#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/metrics/name_prefix.h"
#include "rz/net/url.h"

namespace rz::metrics {
namespace {

constexpr std::size_t kMaxAnswer = 64 * 1024;
constexpr std::size_t kMaxShownAnswer = 200;

// A backslash escapes what is behind it, and there is no way to write one at the end of a value.
// The wide one is a letter as any other, and no other text becomes the same.
std::string escaped(std::string_view text, std::string_view special) {
  constexpr std::string_view kWideBackslash = "\xEF\xBC\xBC";
  std::string out;
  for (const char c : printable(text)) {
    if (c == '\\') {
      out += kWideBackslash;
      continue;
    }
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

// A line that begins with `#` is a comment.
std::string escaped_name(std::string_view name) {
  std::string out = escaped(name, ", ");
  if (out.empty() || out.front() == '#') out.insert(0, "_");
  return out;
}

bool has_key_and_value(std::string_view tag) {
  const std::size_t colon = tag.find(':');
  return colon != std::string_view::npos && colon > 0 && colon + 1 < tag.size();
}

bool sets_precision(std::string_view url) {
  return url.find("?precision=") != std::string_view::npos ||
         url.find("&precision=") != std::string_view::npos;
}

// What InfluxDB says of an error. Any other answer may repeat the request, with its secrets.
std::string reason_of(std::string_view body) {
  const auto document = parse_json(body);
  if (!document) return {};
  for (const char* const name : {"error", "message"}) {
    const Value* const member = document->find(name);
    if (member != nullptr && member->as_string() != nullptr) return *member->as_string();
  }
  return {};
}

}  // namespace

void visit_fields(FieldVisitor& fields, InfluxOptions& options) {
  const bool given = fields.url({.key = "url",
                                 .sentence = "Where to write, with the database or the bucket.",
                                 .example = "http://influx.internal:8086/write?db=rz",
                                 .needed_by = "an influx sink"},
                                options.url);
  if (given && !net::is_http_url(options.url)) {
    fields.value_error("url",
                       "is not an HTTP URL; write it like http://host:8086/write?db=rz or "
                       "http://host:8086/api/v2/write?org=ops&bucket=rz",
                       "is not an HTTP URL");
  } else if (given && sets_precision(options.url)) {
    fields.value_error("url", "has a precision; remove it, since times are sent in nanoseconds",
                       "has a precision");
  }
  fields.secret({"token_file", "A file with the token.", "/run/secrets/influx"}, options.token);
  fields.texts({"tags", "Tags of everything that is sent.", "[\"env:prod\"]"}, options.tags);
  if (!std::all_of(options.tags.begin(), options.tags.end(), has_key_and_value)) {
    fields.value_error("tags", "has a tag without a key or a value; write it like env:prod",
                       "is not a tag like env:prod");
  }
  visit_prefix(fields, options.prefix, NameSeparator::dot_or_underscore);
}

Result<std::unique_ptr<InfluxMetricsSink>> InfluxMetricsSink::open(const InfluxOptions& options,
                                                                   Clock& clock) {
  auto client = net::make_http_client();
  if (!client) return fail(std::move(client).error());
  return std::unique_ptr<InfluxMetricsSink>(
      new InfluxMetricsSink(options, std::move(*client), clock));
}

void InfluxMetricsSink::emit(std::string_view name, double value, const MetricTags& tags,
                             std::optional<TimePoint> timestamp) {
  const std::lock_guard lock(mutex_);
  Point* const point = point_of(name, tags, value);
  if (point == nullptr) return;
  point->fields["value"] = value;
  point->timestamp = timestamp;
}

void InfluxMetricsSink::emit_counter(std::string_view name, double value, const MetricTags& tags) {
  const std::lock_guard lock(mutex_);
  if (Point* const point = point_of(name, tags, value)) point->fields["value"] += value;
}

void InfluxMetricsSink::emit_total(std::string_view name, double total, double,
                                   const MetricTags& tags) {
  emit(name, total, tags, std::nullopt);
}

void InfluxMetricsSink::emit_histogram(std::string_view name, double value,
                                       const MetricTags& tags) {
  const std::lock_guard lock(mutex_);
  Point* const point = point_of(name, tags, value);
  if (point == nullptr) return;
  ++point->fields["count"];
  point->fields["sum"] += value;
}

Result<void> InfluxMetricsSink::flush_by(Deadline deadline) {
  std::string lines = take_lines();
  const auto sent = lines.empty() ? Result<void>() : send(std::move(lines), deadline);
  const std::lock_guard lock(mutex_);
  if (!sent && !error_) error_ = sent.error();
  if (!error_) return {};
  return fail(*std::exchange(error_, std::nullopt));
}

std::string InfluxMetricsSink::series(std::string_view name, const MetricTags& tags) const {
  MetricTags all = tags;
  for (const std::string& tag : options_.tags) {
    const std::size_t colon = std::min(tag.find(':'), tag.size());
    // What a measurement says itself goes before it.
    all.emplace(tag.substr(0, colon), tag.substr(std::min(colon + 1, tag.size())));
  }
  std::string series = escaped_name(options_.prefix + std::string(name));
  for (const auto& [key, value] : all) {
    if (key.empty() || value.empty()) continue;
    series += "," + escaped(key, ", =") + "=" + escaped(value, ", =");
  }
  return series;
}

InfluxMetricsSink::Point* InfluxMetricsSink::point_of(std::string_view name, const MetricTags& tags,
                                                      double value) {
  if (!std::isfinite(value)) {
    note(ErrorCode::invalid_argument, "'" + printable(name) + "' is not finite");
    return nullptr;
  }
  std::string of = series(name, tags);
  if (points_.size() >= kMaxSeries && !points_.contains(of)) {
    note(ErrorCode::unavailable, "more measurements than can be kept until the next flush");
    return nullptr;
  }
  return &points_[std::move(of)];
}

std::string InfluxMetricsSink::take_lines() {
  const std::lock_guard lock(mutex_);
  const TimePoint now = clock_.now();
  std::string lines;
  for (const auto& [series, point] : std::exchange(points_, {})) {
    char before = ' ';
    lines += series;
    for (const auto& [field, value] : point.fields) {
      lines.append(1, std::exchange(before, ',')).append(field).append("=");
      lines += format_double(value);
    }
    const auto time = point.timestamp.value_or(now).time_since_epoch();
    lines += " " + std::to_string(std::chrono::nanoseconds(time).count()) + "\n";
  }
  return lines;
}

Result<void> InfluxMetricsSink::send(std::string lines, Deadline deadline) const {
  net::HttpRequest request;
  request.url = options_.url;
  request.method = "POST";
  request.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
  if (!options_.token.empty()) {
    request.headers.emplace_back("Authorization", "Token " + options_.token);
  }
  request.body = std::move(lines);
  request.max_body = kMaxAnswer;
  const auto left = deadline - std::chrono::steady_clock::now();
  request.timeout = std::max(Millis{1}, std::chrono::duration_cast<Millis>(left));
  const auto response = client_->send(request);
  if (!response) return fail(response.error());
  if (response->status == 204 || response->status == 200) return {};
  const std::string reason = ellipsize(printable(reason_of(response->body)), kMaxShownAnswer);
  return fail(response->status >= 500 ? ErrorCode::unavailable : ErrorCode::unsupported,
              "got " + std::to_string(response->status) + ", expected 204" +
                  (reason.empty() ? "" : ": " + reason),
              net::redacted_url(options_.url));
}

void InfluxMetricsSink::note(ErrorCode code, std::string message) {
  if (!error_) error_ = Error{code, std::move(message), net::redacted_url(options_.url)};
}

Result<std::unique_ptr<MetricsSink>> make_metrics_sink(const InfluxOptions& options,
                                                       const MetricsLog&) {
  auto sink = InfluxMetricsSink::open(options);
  if (!sink) return fail(std::move(sink).error());
  return std::unique_ptr<MetricsSink>(std::move(*sink));
}

}  // namespace rz::metrics
