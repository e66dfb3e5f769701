#include "rz/metrics/pushgateway_metrics_sink.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "rz/base/field_visitor.h"
#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/metrics/name_prefix.h"
#include "rz/net/url.h"

namespace rz::metrics {
namespace {

constexpr std::array<Choice<PushMethod>, 3> kMethods = {
    {{"post", PushMethod::post}, {"put", PushMethod::put}, {"delete", PushMethod::remove}}};

// A Pushgateway has the measurements of every machine.
constexpr std::size_t kMaxPage = 64 * 1024 * 1024;
constexpr std::size_t kMaxReason = 200;

std::string machine_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

std::string base64_url(std::string_view bytes) {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : bytes) {
    bits = (bits << 8 | static_cast<unsigned char>(c)) & 0xFFFFFF;
    for (held += 8; held >= 6; held -= 6) text += kLetters[bits >> (held - 6) & 63];
  }
  if (held > 0) text += kLetters[bits << (6 - held) & 63];
  while (text.size() % 4 != 0 || text.empty()) text += '=';
  return bytes.empty() ? "=" : text;
}

using SeriesLabels = std::map<std::string, std::string, std::less<>>;

// `{a="b",c="d"}` as it is written, values with their escapes.
SeriesLabels labels_of_series(std::string_view series) {
  SeriesLabels labels;
  std::size_t at = series.find('{');
  while (at != std::string_view::npos && at + 1 < series.size()) {
    const std::size_t equals = series.find('=', at);
    if (equals == std::string_view::npos) break;
    std::size_t end = equals + 2;
    while (end < series.size() && series[end] != '"') end += series[end] == '\\' ? 2 : 1;
    if (end >= series.size()) break;
    labels.emplace(series.substr(at + 1, equals - at - 1),
                   series.substr(equals + 2, end - equals - 2));
    at = end + 1;
  }
  return labels;
}

std::string series_with(std::string_view series, const SeriesLabels& labels) {
  std::string text(series.substr(0, series.find('{')));
  std::string_view before = "{";
  for (const auto& [name, value] : labels) {
    text.append(std::exchange(before, ",")).append(name);
    text.append("=\"").append(value).append("\"");
  }
  if (!labels.empty()) text += '}';
  return text;
}

std::string escaped_label(std::string_view value) {
  std::string escaped;
  for (const char c : value) {
    if (c == '\n') {
      escaped += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

// The order of the labels is that of the writer, and a Pushgateway has another.
void sort_labels(std::vector<PrometheusFamily>& families) {
  for (PrometheusFamily& family : families) {
    for (auto& [series, value] : family.samples) {
      series = series_with(series, labels_of_series(series));
    }
  }
}

}  // namespace

void visit_fields(FieldVisitor& fields, PushgatewayOptions& options) {
  const bool given = fields.url({.key = "url",
                                 .sentence = "The Pushgateway.",
                                 .example = "http://pushgateway.internal:9091",
                                 .needed_by = "a pushgateway sink"},
                                options.url);
  if (given && !net::is_http_url(options.url)) {
    fields.value_error("url", "is not an HTTP URL; write it like http://host:9091",
                       "is not an HTTP URL");
  }
  fields.text({.key = "job",
               .sentence = "The job of the group that is pushed.",
               .when_empty = "is empty; a Pushgateway refuses that"},
              options.job);
  fields.text({"instance", "Its instance; empty: the name of the machine.", "web-1"},
              options.instance);
  fields.choice({"method", "What is done with the group after each run."}, options.method,
                std::span<const Choice<PushMethod>>(kMethods));
  visit_prefix(fields, options.prefix, NameSeparator::underscore);
}

std::string group_label(std::string_view name, std::string_view value) {
  const bool plain = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return is_alpha(c) || is_digit(c) || c == '-' || c == '_' || c == '.' || c == '~';
  });
  // A path loses `.` and `..`.
  if (plain && value.find_first_not_of('.') != std::string_view::npos) {
    return "/" + std::string(name) + "/" + std::string(value);
  }
  return "/" + std::string(name) + "@base64/" + base64_url(value);
}

std::vector<PrometheusFamily> series_of_group(const std::vector<PrometheusFamily>& all,
                                              const std::vector<PrometheusFamily>& mine,
                                              std::string_view job, std::string_view instance) {
  std::vector<PrometheusFamily> found;
  for (const PrometheusFamily& family : all) {
    const bool named = std::any_of(mine.begin(), mine.end(), [&](const PrometheusFamily& one) {
      return one.name == family.name;
    });
    if (!named) continue;
    PrometheusFamily of_group = family;
    of_group.samples.clear();
    for (const auto& [series, value] : family.samples) {
      SeriesLabels labels = labels_of_series(series);
      const auto is = [&labels](std::string_view name, std::string_view wanted) {
        const auto label = labels.find(name);
        return label != labels.end() && label->second == escaped_label(wanted);
      };
      if (!is("job", job) || !is("instance", instance)) continue;
      labels.erase("job");
      labels.erase("instance");
      of_group.samples.emplace_back(series_with(series, labels), value);
    }
    if (!of_group.samples.empty()) found.push_back(std::move(of_group));
  }
  return found;
}

Result<std::unique_ptr<PushgatewayMetricsSink>> PushgatewayMetricsSink::open(
    const PushgatewayOptions& options) {
  PushgatewayOptions complete = options;
  if (complete.instance.empty()) complete.instance = machine_name();
  while (complete.url.ends_with('/')) complete.url.pop_back();
  auto measured = make_prometheus_sink({.path = {}, .prefix = options.prefix});
  if (!measured) return fail(std::move(measured).error());
  auto client = net::make_http_client();
  if (!client) return fail(std::move(client).error());
  return std::unique_ptr<PushgatewayMetricsSink>(
      new PushgatewayMetricsSink(std::move(complete), std::move(*measured), std::move(*client)));
}

void PushgatewayMetricsSink::emit(std::string_view name, double value, const MetricTags& tags,
                                  std::optional<TimePoint> timestamp) {
  measured_->emit(name, value, tags, timestamp);
}

void PushgatewayMetricsSink::emit_counter(std::string_view name, double value,
                                          const MetricTags& tags) {
  measured_->emit_counter(name, value, tags);
}

void PushgatewayMetricsSink::emit_total(std::string_view name, double total, double added,
                                        const MetricTags& tags) {
  measured_->emit_total(name, total, added, tags);
}

void PushgatewayMetricsSink::emit_histogram(std::string_view name, double value,
                                            const MetricTags& tags) {
  measured_->emit_histogram(name, value, tags);
}

Result<void> PushgatewayMetricsSink::flush_by(Deadline deadline) {
  std::lock_guard lock(mutex_);
  TRY(push(deadline));
  // What it could not take.
  return measured_->flush_by(deadline);
}

Result<void> PushgatewayMetricsSink::push(Deadline deadline) {
  PrometheusUpdate update = measured_->update();
  if (update.families.empty()) return {};
  if (options_.method == PushMethod::remove) {
    const auto removed = send("DELETE", group_path(), {}, deadline);
    if (!removed) return fail(removed.error());
    return {};
  }
  sort_labels(update.families);
  update.told = told_;
  const auto page = send("GET", "/metrics", {}, deadline);
  if (!page) return fail(page.error());
  const auto all = parse_prometheus_text(*page);
  if (!all) return fail(all.error().code, all.error().message, net::redacted_url(options_.url));
  auto families = series_of_group(*all, update.families, options_.job, options_.instance);
  merge(families, update);
  const std::string method = options_.method == PushMethod::put ? "PUT" : "POST";
  const auto pushed = send(method, group_path(), to_prometheus_text(families), deadline);
  if (!pushed) return fail(pushed.error());
  told_.clear();
  for (const PrometheusFamily& family : update.families) {
    told_.insert(told_.end(), family.samples.begin(), family.samples.end());
  }
  return {};
}

Result<std::string> PushgatewayMetricsSink::send(const std::string& method, const std::string& path,
                                                 std::string body, Deadline deadline) const {
  net::HttpRequest request;
  request.url = options_.url + path;
  request.method = method;
  if (!body.empty()) request.headers.emplace_back("Content-Type", "text/plain; version=0.0.4");
  request.body = std::move(body);
  request.max_body = kMaxPage;
  const auto left = deadline - std::chrono::steady_clock::now();
  request.timeout = std::max(Millis{1}, std::chrono::duration_cast<Millis>(left));
  const auto response = client_->send(request);
  if (!response) return fail(response.error());
  if (response->status == 200 || response->status == 202) return response->body;
  const std::string reason = ellipsize(printable(trim(response->body)), kMaxReason);
  return fail(ErrorCode::unsupported,
              "got " + std::to_string(response->status) + ", expected 200 or 202" +
                  (reason.empty() ? "" : ": " + reason),
              net::redacted_url(options_.url));
}

std::string PushgatewayMetricsSink::group_path() const {
  return "/metrics" + group_label("job", options_.job) + group_label("instance", options_.instance);
}

Result<std::unique_ptr<MetricsSink>> make_metrics_sink(const PushgatewayOptions& options,
                                                       const MetricsLog&) {
  auto sink = PushgatewayMetricsSink::open(options);
  if (!sink) return fail(std::move(sink).error());
  return std::unique_ptr<MetricsSink>(std::move(*sink));
}

}  // namespace rz::metrics
