#include "rz/health/checks/dns_check.h"

#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "support/name_server.h"
#include "support/patience.h"
#include "support/temp_folder.h"

namespace rz::health {
namespace {

using Match = DnsCheckOptions::Match;
using net::DnsType;

const test::Dnsmasq& name_server() {
  static const std::string pieces = [] {
    std::string text;
    for (int i = 0; i < 9; ++i) text += "," + std::string(200, 'x');
    return text;
  }();
  static const test::Dnsmasq server({
      "--host-record=www.rz.test,192.0.2.1,2001:db8::1",
      "--host-record=www.rz.test,192.0.2.2",
      "--cname=alias.rz.test,www.rz.test",
      "--mx-host=rz.test,Mail.rz.test,10",
      "--txt-record=rz.test,v=spf1 -all",
      "--srv-host=_sip._tcp.rz.test,sip.rz.test,5060,1,2",
      "--ptr-record=1.2.0.192.in-addr.arpa,www.rz.test",
      "--caa-record=rz.test,0,issue,letsencrypt.org",
      "--txt-record=long.rz.test" + pieces,
      "--dns-rr=rz.test,2,036e7331027a7a047465737400",
      // ns1.zz.test, hm.rz.test, then 7, 1, 2, 3, 4.
      "--dns-rr=rz.test,6,036e7331027a7a04746573740002686d02727a0474657374000000000700000001"
      "000000020000000300000004",
  });
  return server;
}

CheckResult ask(DnsCheckOptions options) {
  if (options.server.empty()) options.server = name_server().address();
  options.timeout = test::kPatience;
  return make_dns_check(options)->check();
}

DnsCheckOptions about(const std::string& domain, DnsType record,
                      std::vector<std::string> expected = {}, Match match = Match::all) {
  DnsCheckOptions options;
  options.domain = domain;
  options.record = record;
  options.expected = std::move(expected);
  options.match = match;
  return options;
}

struct Known {
  const char* domain;
  DnsType record;
  const char* value;
};

TEST_CASE("every type of record has its value") {
  const Known kKnown[] = {
      {"www.rz.test", DnsType::aaaa, "2001:DB8::1"},
      {"alias.rz.test", DnsType::cname, "www.rz.test."},
      {"rz.test", DnsType::mx, "10 mail.rz.test"},
      {"rz.test", DnsType::txt, "v=spf1 -all"},
      {"rz.test", DnsType::ns, "ns1.zz.test"},
      {"rz.test", DnsType::soa, "ns1.zz.test hm.rz.test 7 1 2 3 4"},
      {"192.0.2.1", DnsType::ptr, "www.rz.test"},
      {"_sip._tcp.rz.test", DnsType::srv, "1 2 5060 sip.rz.test"},
      {"rz.test", DnsType::caa, "0 issue \"letsencrypt.org\""},
      {"alias.rz.test", DnsType::a, "192.0.2.1"},
  };
  for (const Known& known : kKnown) {
    const auto result = ask(about(known.domain, known.record, {known.value}));
    CAPTURE(result.message);
    CHECK(result.status == HealthStatus::healthy);
  }
}

TEST_CASE("values are held against all, any or exactly the expected ones") {
  const auto all = ask(about("www.rz.test", DnsType::a, {"192.0.2.2", "192.0.2.1"}));
  REQUIRE(all.status == HealthStatus::healthy);
  CHECK(all.message == "www.rz.test A: 192.0.2.1, 192.0.2.2");
  CHECK(*all.metadata.find("code") == Value("NOERROR"));
  CHECK(all.metadata.find("values")->as_array()->size() == 2);
  const auto missing = ask(about("www.rz.test", DnsType::a, {"192.0.2.9", "192.0.2.1"}));
  CHECK(missing.status == HealthStatus::degraded);
  CHECK(missing.message ==
        "www.rz.test A: got 192.0.2.1, 192.0.2.2, expected all of 192.0.2.1, 192.0.2.9");
  const auto any = ask(about("www.rz.test", DnsType::a, {"192.0.2.9", "192.0.2.1"}, Match::any));
  CHECK(any.status == HealthStatus::healthy);
  CHECK(ask(about("www.rz.test", DnsType::a, {"192.0.2.1"})).status == HealthStatus::healthy);
  const auto exact = ask(about("www.rz.test", DnsType::a, {"192.0.2.1"}, Match::exact));
  CHECK(exact.status == HealthStatus::degraded);
  CHECK(exact.message == "www.rz.test A: got 192.0.2.1, 192.0.2.2, expected exactly 192.0.2.1");
  CHECK(ask(about("www.rz.test", DnsType::a)).status == HealthStatus::healthy);
}

TEST_CASE("an answer that does not fit into a datagram is asked for by TCP") {
  const auto result = ask(about("long.rz.test", DnsType::txt));
  CAPTURE(result.message);
  REQUIRE(result.status == HealthStatus::healthy);
  CHECK(result.metadata.find("values")->as_array()->at(0).as_string()->size() == 1800);
}

TEST_CASE("a domain or record that does not exist, and a server that refuses, are told apart") {
  const auto no_domain = ask(about("nope.rz.test", DnsType::a));
  CHECK(no_domain.status == HealthStatus::unhealthy);
  CHECK(no_domain.message == "nope.rz.test A: the domain does not exist (NXDOMAIN)");
  CHECK(*no_domain.metadata.find("code") == Value("NXDOMAIN"));
  const auto no_record = ask(about("www.rz.test", DnsType::mx));
  CHECK(no_record.status == HealthStatus::unhealthy);
  CHECK(no_record.message == "www.rz.test MX: the domain has no record of this type");
  const auto refused = ask(about("www.example.com", DnsType::a));
  CHECK(refused.status == HealthStatus::unhealthy);
  CHECK(refused.message ==
        "www.example.com A: the server 127.0.0.1 port " + std::to_string(name_server().port()) +
            " refuses to answer (REFUSED); is it to know this domain, and may this host ask it?");
}

TEST_CASE("a named server that fails or is silent is unhealthy") {
  const test::FakeNameServer failing([](const std::string& query) {
    return std::vector<std::string>{test::answer_with_code(query, 2)};
  });
  DnsCheckOptions options = about("www.rz.test", DnsType::a);
  options.server = failing.address();
  const auto result = ask(options);
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message.ends_with(" has failed (SERVFAIL); see its log"));
  const test::FakeNameServer silent([](const std::string&) { return std::vector<std::string>{}; });
  options.server = silent.address();
  options.timeout = Millis{20};
  const auto nothing = make_dns_check(options)->check();
  CHECK(nothing.status == HealthStatus::unhealthy);
  CHECK(nothing.message == "www.rz.test A: no answer within 20ms");
}

TEST_CASE("a resolver of this machine that fails says nothing of the domain") {
  // Both are this machine, and nobody listens there.
  const TempFolder folder;
  std::ofstream(folder / "resolv.conf") << "nameserver 127.9.9.9\nnameserver 127.9.9.8\n";
  DnsCheckOptions options = about("www.rz.test", DnsType::a);
  options.resolv_conf = folder / "resolv.conf";
  options.timeout = test::kPatience;
  const auto result = make_dns_check(options)->check();
  CAPTURE(result.message);
  CHECK(result.status == HealthStatus::unknown);
  CHECK(*result.metadata.find("server") == Value("127.9.9.8 port 53"));
}

TEST_CASE("what is not a domain cannot be asked for") {
  CHECK(ask(about("a..b", DnsType::a)).status == HealthStatus::unknown);
}

}  // namespace
}  // namespace rz::health
