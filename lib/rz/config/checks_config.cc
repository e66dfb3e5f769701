#include "rz/base/text.h"
#include "rz/config/sections.h"
#include "rz/net/url.h"
#include "rz/storage/storage_url.h"

namespace rz {
namespace {

constexpr Range<Millis> kIntervalRange = {Millis{0}, std::chrono::hours{24 * 365}};

CheckSpec read_redis_check(MapReader& map) {
  RedisCheckOptions options;
  map.require("url", "a redis check");
  read_connection(map, options.server);
  const auto url = parse_storage_url(options.server.url);
  if (url && (url->kind == StorageUrl::Kind::memory || url->kind == StorageUrl::Kind::sqlite)) {
    map.value_error("url", "is not the URL of a Redis server; write it like redis://host:6379",
                    "is not the URL of a Redis server");
  }
  return options;
}

CheckSpec read_http_check(MapReader& map) {
  HttpCheckOptions options;
  map.require("url", "an http check");
  if (map.url("url", options.url) && !is_http_url(options.url)) {
    map.value_error("url", "is not an HTTP URL; write it like https://host/health",
                    "is not an HTTP URL");
  }
  map.integer("expected_status", options.expected_status, {100, 599});
  return options;
}

CheckSpec read_disk_check(MapReader& map) {
  DiskCheckOptions options;
  map.path("path", options.path);
  const bool has_warning = map.percent("warning", options.warning);
  const bool has_critical = map.percent("critical", options.critical);
  const bool right = has_warning == map.has("warning") && has_critical == map.has("critical");
  if (right && options.warning > options.critical) {
    map.error("warning", "is above 'critical', and so would never be seen");
  }
  return options;
}

CheckSpec read_component_check(MapReader& map) {
  ComponentCheckOptions options;
  map.require("component", "a component check");
  if (map.text("component", options.component) && options.component.empty()) {
    map.error("component", "is empty; name a component");
  }
  map.duration("interval", options.interval, kIntervalRange);
  map.duration("grace", options.grace, kIntervalRange);
  if (map.has("grace") && !map.has("interval")) {
    map.error("grace", "says nothing without 'interval'");
  }
  return options;
}

struct CheckType {
  const char* name;
  CheckSpec (*read)(MapReader& map);
};

constexpr CheckType kCheckTypes[] = {{"redis", read_redis_check},
                                     {"http", read_http_check},
                                     {"disk", read_disk_check},
                                     {"component", read_component_check}};

void read_severity(MapReader& map, std::map<HealthStatus, HealthStatus>& severity) {
  static const std::vector<std::string> kNames = {"healthy", "degraded", "unhealthy", "unknown"};
  Value recorded = Value::object();
  for (const YamlMember& member : map.members("severity")) {
    const std::string path = map.path_of("severity");
    const auto from = parse_health_status(member.key);
    const auto to = parse_health_status(member.value.text);
    if (!from) {
      map.reader().error(member.place, path + ": '" + printable(member.key) + "' is not a status" +
                                           suggestion(member.key, kNames));
    } else if (!to) {
      map.reader().error(member.value.place,
                         path + "." + member.key + ": expected " + one_of(kNames) + ", got " +
                             describe(member.value) + suggestion(member.value.text, kNames));
    } else {
      severity[*from] = *to;
      recorded.set(to_string(*from), to_string(*to));
    }
  }
  map.reader().record(map.path_of("severity"), std::move(recorded), map.peek("severity"));
}

void read_common(MapReader& map, CheckOptions& options) {
  map.duration("timeout", options.timeout, kTimeoutRange);
  map.texts("tags", options.tags);
  map.integer("retries", options.retries, {0, 100});
  map.duration("retry_delay", options.retry_delay, {Millis{0}, std::chrono::hours{1}});
  map.boolean("invert", options.invert);
  map.texts("depends_on", options.depends_on);
  read_severity(map, options.severity);
  map.boolean("counts", options.counts);
}

std::optional<CheckSpec> read_check(MapReader& map) {
  std::vector<Choice<const CheckType*>> choices;
  for (const CheckType& type : kCheckTypes) choices.push_back({type.name, &type});
  const CheckType* type = nullptr;
  map.require("type", "a check");
  if (!map.choice("type", type, std::span<const Choice<const CheckType*>>(choices))) {
    map.skip_rest();
    return std::nullopt;
  }
  std::string name = type->name;
  if (map.text("name", name) && (name.empty() || printable(name) != name)) {
    map.error("name", name.empty() ? "is empty; give a name or remove the key"
                                   : "holds characters that cannot be printed");
  }
  CheckSpec spec = type->read(map);
  std::visit(
      [&](CheckOptions& options) {
        options.name = std::move(name);
        read_common(map, options);
      },
      spec);
  return spec;
}

CheckEntry entry_of(const MapReader& map, const CheckOptions& options) {
  const YamlNode* name = map.peek("name");
  CheckEntry entry{options.name, name ? name->place : map.place(), {}};
  const YamlNode* parents = map.peek("depends_on");
  for (std::size_t i = 0; parents && i < options.depends_on.size(); ++i) {
    // Entries that were no texts are told already and are missing among the options.
    if (options.depends_on.size() != parents->items.size()) break;
    entry.depends_on.emplace_back(options.depends_on[i], parents->items[i].place);
  }
  return entry;
}

}  // namespace

void read_checks(MapReader& map, std::vector<CheckSpec>& checks) {
  std::vector<CheckEntry> entries;
  bool complete = true;
  map.list("checks", [&](MapReader& item) {
    if (auto spec = read_check(item)) {
      entries.push_back(entry_of(item, common(*spec)));
      checks.push_back(*std::move(spec));
    } else {
      complete = false;
    }
  });
  check_dependencies(entries, complete, map.reader());
}

std::vector<std::string> check_types() {
  std::vector<std::string> names;
  for (const CheckType& type : kCheckTypes) names.emplace_back(type.name);
  return names;
}

}  // namespace rz
