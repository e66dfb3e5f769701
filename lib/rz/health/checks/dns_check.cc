#include "rz/health/checks/dns_check.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "rz/base/file.h"
#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/health/checks/basic_check.h"
#include "rz/net/dns_client.h"

namespace rz::health {
namespace {

using Match = DnsCheckOptions::Match;
using net::DnsAnswer;
using net::DnsCode;
using net::DnsType;
using net::HostPort;

constexpr Choice<DnsType> kRecords[] = {{"A", DnsType::a},         {"AAAA", DnsType::aaaa},
                                        {"CNAME", DnsType::cname}, {"MX", DnsType::mx},
                                        {"TXT", DnsType::txt},     {"NS", DnsType::ns},
                                        {"SOA", DnsType::soa},     {"PTR", DnsType::ptr},
                                        {"SRV", DnsType::srv},     {"CAA", DnsType::caa}};

constexpr Choice<Match> kMatches[] = {
    {"all", Match::all}, {"any", Match::any}, {"exact", Match::exact}};

const char* name_of_record(DnsType type) {
  return std::find_if(std::begin(kRecords), std::end(kRecords),
                      [&](const Choice<DnsType>& each) { return each.value == type; })
      ->name;
}

std::optional<HostPort> parse_server(const std::string& text) {
  if (auto with_port = net::parse_host_port(text)) return with_port;
  // An address of IPv6 has colons of its own; with a port it needs brackets.
  const auto host = std::count(text.begin(), text.end(), ':') > 1 ? "[" + text + "]" : text;
  return net::parse_host_port(host + ":" + std::to_string(net::kDnsPort));
}

// `192.0.2.1, 192.0.2.2`
std::string listed(std::vector<std::string> values) {
  constexpr std::size_t kShownColumns = 200;
  std::sort(values.begin(), values.end());
  return ellipsize(printable(join(values, ", ")), kShownColumns);
}

// Why a server has no answer, and what to look at.
std::string excuse_of(DnsCode code) {
  const std::string name = std::string(" (") + net::name_of(code) + ")";
  if (code == DnsCode::refused) {
    return " refuses to answer" + name + "; is it to know this domain, and may this host ask it?";
  }
  if (code == DnsCode::server_failure) return " has failed" + name + "; see its log";
  return " could not tell" + name;
}

class DnsCheck final : public BasicCheck {
 public:
  explicit DnsCheck(DnsCheckOptions options)
      : BasicCheck(DnsCheckOptions::kType, options), options_(std::move(options)) {
    const bool reverse = options_.record == DnsType::ptr;
    domain_ = reverse ? net::reverse_domain(options_.domain) : options_.domain;
    for (const std::string& value : options_.expected) {
      expected_.push_back(net::canonical_dns_value(options_.record, value));
    }
  }

  bool shares_thread() const override { return true; }

  CheckResult check() override {
    Value metadata =
        Value::object({{"domain", options_.domain}, {"record", name_of_record(options_.record)}});
    std::string server;
    auto answer = ask(server);
    if (!server.empty()) metadata.set("server", server);
    if (!answer) {
      if (options_.server.empty()) answer.error().own_side = true;
      answer.error().where = subject();
      return failed(answer.error(), std::move(metadata));
    }
    return judge(*answer, server, std::move(metadata));
  }

 private:
  std::string subject() const {
    return printable(options_.domain) + " " + name_of_record(options_.record);
  }

  // Whether a server could not find out, so that another one may be asked.
  static bool could_not_tell(const Result<DnsAnswer>& answer) {
    if (!answer) return answer.error().code != ErrorCode::invalid_argument;
    return answer->code != DnsCode::no_error && answer->code != DnsCode::no_such_name;
  }

  // `server`: the one whose answer it is.
  Result<DnsAnswer> ask(std::string& server) const {
    TRY_ASSIGN(const std::vector<HostPort> servers, servers_to_ask());
    const Deadline deadline = std::chrono::steady_clock::now() + timeout();
    Result<DnsAnswer> answer = fail(ErrorCode::unavailable, "no name server was asked");
    auto left = static_cast<int>(servers.size());
    for (const HostPort& each : servers) {
      const auto now = std::chrono::steady_clock::now();
      server = each.host + " port " + std::to_string(each.port);
      // One that is silent must not use up the time of the next.
      answer =
          net::ask_name_server(each, domain_, options_.record, now + (deadline - now) / left--);
      if (!could_not_tell(answer)) break;
    }
    return answer;
  }

  Result<std::vector<HostPort>> servers_to_ask() const {
    if (options_.server.empty()) {
      constexpr std::uint64_t kMaxResolvConf = 64 * 1024;
      // Without the file the system asks the server of this machine.
      const auto text = read_file(options_.resolv_conf, kMaxResolvConf);
      return net::name_servers_of(text ? *text : "");
    }
    const auto server = parse_server(options_.server);
    if (server) return std::vector<HostPort>{*server};
    return fail(ErrorCode::invalid_argument, "the server is not a host");
  }

  CheckResult judge(const DnsAnswer& answer, const std::string& server, Value metadata) const {
    metadata.set("code", net::name_of(answer.code));
    if (answer.code == DnsCode::no_such_name) {
      return this->answer(HealthStatus::unhealthy,
                          subject() + ": the domain does not exist (NXDOMAIN)",
                          std::move(metadata));
    }
    if (answer.code != DnsCode::no_error) {
      // Nothing was learned of the domain. A server of the system is no more than a messenger.
      const Error error{ErrorCode::unavailable,
                        "the server " + printable(server) + excuse_of(answer.code), subject()};
      if (!options_.server.empty()) return failed(error, std::move(metadata));
      return this->answer(HealthStatus::unknown, to_string(error), std::move(metadata));
    }
    if (answer.records.empty()) {
      return this->answer(HealthStatus::unhealthy,
                          subject() + ": the domain has no record of this type",
                          std::move(metadata));
    }
    return compare(answer, std::move(metadata));
  }

  CheckResult compare(const DnsAnswer& answer, Value metadata) const {
    std::vector<std::string> values;
    std::uint32_t ttl = answer.records.front().ttl;
    Value shown = Value::array();
    for (const net::DnsRecord& record : answer.records) {
      values.push_back(net::canonical_dns_value(options_.record, record.value));
      shown.push_back(printable(record.value));
      ttl = std::min(ttl, record.ttl);
    }
    metadata.set("values", std::move(shown));
    metadata.set("ttl", ttl);
    if (is_expected(values)) {
      return this->answer(HealthStatus::healthy, subject() + ": " + listed(std::move(values)),
                          std::move(metadata));
    }
    return this->answer(HealthStatus::degraded,
                        subject() + ": got " + listed(std::move(values)) + ", expected " +
                            how_many() + listed(expected_),
                        std::move(metadata));
  }

  bool is_expected(const std::vector<std::string>& values) const {
    if (expected_.empty()) return true;
    const auto among = [](const std::vector<std::string>& all) {
      return [&all](const std::string& one) {
        return std::find(all.begin(), all.end(), one) != all.end();
      };
    };
    if (options_.match == Match::any) {
      return std::any_of(expected_.begin(), expected_.end(), among(values));
    }
    const bool all = std::all_of(expected_.begin(), expected_.end(), among(values));
    return all && (options_.match == Match::all ||
                   std::all_of(values.begin(), values.end(), among(expected_)));
  }

  std::string how_many() const {
    if (options_.match == Match::exact) return "exactly ";
    if (expected_.size() == 1) return "";
    return options_.match == Match::any ? "any of " : "all of ";
  }

  DnsCheckOptions options_;
  std::string domain_;                 ///< What is asked for.
  std::vector<std::string> expected_;  ///< As the values of an answer are written.
};

void check_expected(FieldVisitor& fields, const DnsCheckOptions& options) {
  const bool address = options.record == DnsType::a || options.record == DnsType::aaaa;
  for (std::size_t i = 0; address && i < options.expected.size(); ++i) {
    if (!net::canonical_dns_value(options.record, options.expected[i]).empty()) continue;
    fields.value_error("expected",
                       "'" + printable(options.expected[i]) + "' is not the value of a record " +
                           name_of_record(options.record),
                       "is not the value of such a record");
  }
  if (options.match != Match::all && options.expected.empty()) {
    fields.error("match", "has no effect without 'expected'");
  }
}

}  // namespace

void visit_fields(FieldVisitor& fields, DnsCheckOptions& options) {
  const bool named = fields.text({.key = "domain",
                                  .sentence = "The domain; for PTR an address will do.",
                                  .example = "www.example.com",
                                  .needed_by = "a dns check",
                                  .when_empty = "is empty; name a domain"},
                                 options.domain);
  if (named && !net::make_dns_query(options.domain, DnsType::a, 0, false)) {
    fields.value_error("domain", "is not the name of a domain; write it like www.example.com",
                       "is not the name of a domain");
  }
  fields.choice({"record", "The type of the records."}, options.record,
                std::span<const Choice<DnsType>>(kRecords));
  const bool given = fields.text({"server",
                                  "The name server that is asked, a host with a port or without; "
                                  "empty: those of the system.",
                                  "192.0.2.53"},
                                 options.server);
  if (given && !options.server.empty() && !parse_server(options.server)) {
    fields.value_error("server", "is not a host; write it like 192.0.2.53 or ns1.example.com:53",
                       "is not a host");
  }
  fields.texts({"expected", "Values that the records must have.", "[192.0.2.10]"},
               options.expected);
  fields.choice({"match", "Whether all of them, any, or exactly they must be there."},
                options.match, std::span<const Choice<Match>>(kMatches));
  check_expected(fields, options);
}

std::shared_ptr<HealthCheck> make_dns_check(DnsCheckOptions options) {
  return std::make_shared<DnsCheck>(std::move(options));
}

std::shared_ptr<HealthCheck> make_health_check(const DnsCheckOptions& options,
                                               const CheckDependencies&) {
  return make_dns_check(options);
}

}  // namespace rz::health
