#include <algorithm>
#include <array>

#include "rz/config/sections.h"
#include "rz/net/url.h"

namespace rz {
namespace {

using Type = SinkOptions::Type;
using Level = SinkOptions::Level;

constexpr std::array<Choice<Type>, 4> kTypes = {{{"noop", Type::noop},
                                                 {"logging", Type::logging},
                                                 {"prometheus", Type::prometheus},
                                                 {"statsd", Type::statsd}}};
constexpr std::array<Choice<Level>, 4> kLevels = {{{"debug", Level::debug},
                                                   {"info", Level::info},
                                                   {"warning", Level::warning},
                                                   {"error", Level::error}}};
constexpr std::array<Choice<bool>, 2> kDialects = {{{"statsd", false}, {"dogstatsd", true}}};

void read_sink(MapReader& map, SinkOptions& sink) {
  switch (sink.type) {
    case Type::noop: break;
    case Type::logging:
      map.choice("level", sink.level, std::span<const Choice<Level>>(kLevels));
      break;
    case Type::prometheus:
      map.require("path", "a prometheus sink");
      map.path("path", sink.path);
      break;
    case Type::statsd:
      if (map.text("address", sink.address) && !parse_host_port(sink.address)) {
        map.value_error("address", "is not an address; write it like 127.0.0.1:8125 or [::1]:8125",
                        "is not an address like 127.0.0.1:8125");
      }
      map.choice("dialect", sink.dogstatsd, std::span<const Choice<bool>>(kDialects));
      break;
  }
}

}  // namespace

void read_sinks(MapReader& map, std::vector<SinkOptions>& sinks) {
  map.list("metrics", [&](MapReader& item) {
    SinkOptions sink;
    item.require("type", "a sink");
    if (!item.choice("type", sink.type, std::span<const Choice<Type>>(kTypes))) {
      return item.skip_rest();
    }
    read_sink(item, sink);
    sinks.push_back(std::move(sink));
  });
}

std::vector<std::string> sink_types() {
  std::vector<std::string> names;
  for (const Choice<Type>& type : kTypes) names.emplace_back(type.name);
  return names;
}

}  // namespace rz
