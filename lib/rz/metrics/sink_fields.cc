#include "rz/metrics/sink_fields.h"

#include <array>

#include "rz/net/url.h"

namespace rz {
namespace {

using Type = SinkOptions::Type;
using Level = SinkOptions::Level;

constexpr std::array<Choice<Level>, 4> kLevels = {{{"debug", Level::debug},
                                                   {"info", Level::info},
                                                   {"warning", Level::warning},
                                                   {"error", Level::error}}};
constexpr std::array<Choice<bool>, 2> kDialects = {{{"statsd", false}, {"dogstatsd", true}}};

void visit_noop(FieldVisitor&, SinkOptions&) {}

void visit_logging(FieldVisitor& fields, SinkOptions& sink) {
  fields.choice({"level", "Of every line."}, sink.level, std::span<const Choice<Level>>(kLevels));
}

void visit_prometheus(FieldVisitor& fields, SinkOptions& sink) {
  fields.path({.key = "path",
               .sentence = "The text file for the node exporter.",
               .example = "/var/lib/prometheus/node-exporter/rz.prom",
               .needed_by = "a prometheus sink"},
              sink.path);
}

void visit_statsd(FieldVisitor& fields, SinkOptions& sink) {
  const bool given = fields.text({"address", "Host and UDP port."}, sink.address);
  if (given && !parse_host_port(sink.address)) {
    fields.value_error("address", "is not an address; write it like 127.0.0.1:8125 or [::1]:8125",
                       "is not an address like 127.0.0.1:8125");
  }
  fields.choice({"dialect", "dogstatsd has tags."}, sink.dogstatsd,
                std::span<const Choice<bool>>(kDialects));
}

struct SinkKind {
  Kind kind;
  Type type;
  void (*visit)(FieldVisitor& fields, SinkOptions& sink);
};

constexpr SinkKind kSinkKinds[] = {
    {{"noop", "Nowhere."}, Type::noop, visit_noop},
    {{"logging", "Lines on standard error."}, Type::logging, visit_logging},
    {{"prometheus", "A text file for the Prometheus node exporter."},
     Type::prometheus,
     visit_prometheus},
    {{"statsd", "Datagrams to a StatsD server."}, Type::statsd, visit_statsd}};

}  // namespace

void visit_fields(FieldVisitor& fields, std::vector<SinkOptions>& sinks) {
  std::vector<Kind> kinds;
  for (const SinkKind& one : kSinkKinds) kinds.push_back(one.kind);
  fields.list({"metrics", "Where the measurements of a run go."}, [&](FieldVisitor& item) {
    const auto kind =
        item.kind({.key = "type", .sentence = "The kind of sink.", .needed_by = "a sink"}, kinds);
    if (!kind) return;
    SinkOptions sink;
    sink.type = kSinkKinds[*kind].type;
    kSinkKinds[*kind].visit(item, sink);
    sinks.push_back(std::move(sink));
  });
}

}  // namespace rz
