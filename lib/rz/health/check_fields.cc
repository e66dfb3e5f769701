#include "rz/health/check_fields.h"

#include "rz/base/text.h"
#include "rz/health/check_type.h"
#include "rz/health/judging/latency.h"
#include "rz/health/judging/maintenance.h"
#include "rz/health/judging/run_condition.h"
#include "rz/health/judging/status_history.h"

namespace rz::health {
namespace {

NamedWordsType severity_type() {
  NamedWordsType type;
  type.words = {"healthy", "degraded", "unhealthy", "unknown"};
  type.names = type.words;
  type.name_problem = [names = type.names](const std::string& name) -> std::optional<std::string> {
    if (parse_health_status(name)) return std::nullopt;
    return "'" + printable(name) + "' is not a status" + suggestion(name, names);
  };
  return type;
}

void visit_severity(FieldVisitor& fields, std::map<HealthStatus, HealthStatus>& severity) {
  static const NamedWordsType kType = severity_type();
  NamedWords named;
  for (const auto& [from, to] : severity) named.emplace_back(to_string(from), to_string(to));
  fields.named_words(
      {"severity", "Which status is reported for one that was found.", "{unknown: degraded}"},
      named, kType);
  severity.clear();
  for (const auto& [from, to] : named) {
    severity[*parse_health_status(from)] = *parse_health_status(to);
  }
}

void visit_histories(FieldVisitor& fields, CheckOptions& options) {
  fields.integer({"fail_after", "Bad results in a row until a healthy check is reported as bad."},
                 options.fail_after, {1, kMaxInARow});
  fields.integer({"pass_after", "Healthy results in a row until a bad check is reported healthy."},
                 options.pass_after, {1, kMaxInARow});
  std::string within;
  fields.text({"fail_within",
               "So many bad ones of the last results make it bad; empty: this does not.", "3 of 5"},
              within);
  if (within.empty()) return;
  const auto read = parse_fail_within(within);
  if (!read) return fields.error("fail_within", read.error().message);
  options.fail_within = *read;
  if (options.fail_after > 1) {
    fields.error("fail_after", "is another way to say it than 'fail_within'; give one of them");
  }
}

constexpr Choice<std::optional<HealthStatus>> kFailOn[] = {{"degraded", HealthStatus::degraded},
                                                           {"unhealthy", HealthStatus::unhealthy},
                                                           {"unknown", HealthStatus::unknown}};

/// Whether its result counts, and from where on.
void visit_counting(FieldVisitor& fields, CheckOptions& options) {
  fields.choice(
      {"fail_on", "From where on it counts as bad in the exit code; left out: as --fail-on says.",
       "unhealthy"},
      options.fail_on, std::span<const Choice<std::optional<HealthStatus>>>(kFailOn));
  visit_maintenance(fields, "Times in which it is run and reported, and does not count.",
                    options.maintenance);
  fields.duration({"start_period",
                   "For so long after the start of this machine or container, and of the process, "
                   "unit or container that it watches, a bad result does not count.",
                   "5m"},
                  options.start_period, {Millis{0}, std::chrono::hours{24 * 7}});
  visit_run_if(fields, options);
  fields.boolean({"canary",
                  "Whether it tells that this host can reach others at all. If all canaries fail "
                  "for a reason of this host's own side, the whole run is unknown."},
                 options.canary);
  fields.boolean({"counts", "Whether it is among the components that the fallback counts."},
                 options.counts);
}

/// The fields of every check, whatever its type, except its name.
void visit_common(FieldVisitor& fields, CheckOptions& options) {
  fields.duration({"timeout", "How long one try may take."}, options.timeout, kTimeoutRange);
  fields.texts({"tags", "Words by which --only and --skip select checks.", "[store, fast]"},
               options.tags);
  fields.integer({"retries", "Further tries before a bad result counts."}, options.retries,
                 {0, 100});
  fields.duration(
      {"retry_delay",
       "How long to wait before the first of them. It doubles each time, up to 30s, and "
       "a random part of it, half at least, is waited."},
      options.retry_delay, {Millis{0}, std::chrono::hours{1}});
  fields.section({"latency", "How long one try may take before its result is worse."},
                 [&](FieldVisitor& latency) { visit_fields(latency, options.latency); });
  fields.boolean({"invert", "Swaps healthy and unhealthy, where what is checked has answered."},
                 options.invert);
  fields.texts({"depends_on",
                "Names of checks. While one of them is unhealthy, or was skipped itself, this one "
                "is skipped.",
                "[disk]"},
               options.depends_on);
  visit_severity(fields, options.severity);
  visit_histories(fields, options);
  visit_counting(fields, options);
}

std::string visit_name(FieldVisitor& fields, std::string name) {
  const bool given = fields.text({.key = "name",
                                  .sentence = "Unique. Default: the type.",
                                  .when_empty = "is empty; give a name or remove the key"},
                                 name);
  if (given && printable(name) != name) {
    fields.error("name", "holds characters that cannot be printed");
  }
  return name;
}

CheckEntry entry_of(const FieldVisitor& fields, const CheckOptions& options) {
  CheckEntry entry{options.name, fields.place_of("name"), {}, {}, {}};
  for (const std::string& name : options.awaits) {
    entry.awaits.emplace_back(name, fields.place_of("run_if"));
  }
  // They stand in a list of names, or in a condition.
  const std::vector<Place> in_list = fields.places_in("checks");
  for (std::size_t i = 0; i < options.combines.size(); ++i) {
    const bool has_place = in_list.size() == options.combines.size();
    entry.combines.emplace_back(options.combines[i],
                                has_place ? in_list[i] : fields.place_of("when"));
  }
  const std::vector<Place> places = fields.places_in("depends_on");
  // Entries that are not texts have been reported and are missing from the options, so that the
  // places would belong to other entries.
  if (places.size() != options.depends_on.size()) return entry;
  for (std::size_t i = 0; i < places.size(); ++i) {
    entry.depends_on.emplace_back(options.depends_on[i], places[i]);
  }
  return entry;
}

}  // namespace

void visit_fields(FieldVisitor& fields, std::vector<CheckSpec>& checks) {
  std::vector<Kind> kinds;
  for (const CheckType& type : check_types()) kinds.push_back({type.name, type.summary});
  std::vector<CheckEntry> entries;
  bool complete = true;
  const Field list = {"checks",
                      "The checks. Without any, the disk of / and the store are checked."};
  fields.list(list, [&](FieldVisitor& item) {
    const auto kind =
        item.kind({.key = "type", .sentence = "What is checked.", .needed_by = "a check"}, kinds);
    if (!kind) {
      complete = false;
      return;
    }
    const CheckType& type = check_types()[*kind];
    std::string name = visit_name(item, std::string(type.name));
    const std::shared_ptr<CheckOptions> options = type.fields(item);
    options->name = std::move(name);
    options->config_line = item.place_of("type").line;
    visit_common(item, *options);
    entries.push_back(entry_of(item, *options));
    checks.emplace_back(type.name, options);
  });
  check_dependencies(entries, complete, fields);
}

}  // namespace rz::health
