#include "rz/net/dns_message.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "support/results.h"

namespace rz::net {
namespace {

std::string answer_to(std::string query, std::string_view records, int count) {
  query[2] = '\x81';
  query[3] = '\x80';
  query[7] = static_cast<char>(count);
  return query.append(records);
}

// A record, at the domain of the question if its owner is not another place of the message.
std::string record(char type, const std::string& data, char owner = '\x0c') {
  std::string text("\xc0");
  text += owner;
  text += '\0';
  text += type;
  text.append("\0\x01\0\0\0\x3c\0", 7);
  text += static_cast<char>(data.size());
  return text + data;
}

TEST_CASE("a question has its id, the domain and the type") {
  const std::string query = ok(make_dns_query("www.Example.com.", DnsType::mx, 0x1234, false));
  CHECK(query == std::string("\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03www\x07"
                             "Example\x03"
                             "com\0\0\x0f\0\x01",
                             33));
  CHECK(ok(make_dns_query("a", DnsType::a, 1, true)).size() == 12 + 3 + 4 + 11);
  for (const std::string& wrong :
       {std::string(), std::string("a..b"), std::string(64, 'x'), std::string(300, '.')}) {
    CHECK(code_of(make_dns_query(wrong, DnsType::a, 1, true)) == ErrorCode::invalid_argument);
  }
}

TEST_CASE("records of the type that was asked for are read") {
  const std::string query = ok(make_dns_query("x.test", DnsType::a, 7, false));
  const std::string alias = record(5, std::string("\x01y\xc0\x0e", 4));
  // The alias is what stands in the first record, behind a head of 12 bytes at 24.
  const std::string of_alias = record(1, "\xc0\x01\x02\x03", '\x24');
  const auto answer = ok(read_dns_answer(answer_to(query, alias + of_alias, 2), query));
  CHECK(answer.code == DnsCode::no_error);
  REQUIRE(answer.records.size() == 1);
  CHECK(answer.records[0].value == "192.1.2.3");
  CHECK(answer.records[0].ttl == 60);
}

TEST_CASE("records of names that were not asked for are left out") {
  const std::string query = ok(make_dns_query("x.test", DnsType::a, 7, false));
  const std::string of_parent = record(1, "\xc0\x01\x02\x03", '\x0e');
  CHECK(ok(read_dns_answer(answer_to(query, of_parent, 1), query)).records.empty());
  const std::string own = record(1, "\xc0\x01\x02\x04");
  const auto both = ok(read_dns_answer(answer_to(query, of_parent + own, 2), query)).records;
  REQUIRE(both.size() == 1);
  CHECK(both[0].value == "192.1.2.4");
  // An alias of itself ends.
  const std::string circle = record(5, "\xc0\x0c");
  CHECK(ok(read_dns_answer(answer_to(query, circle + circle, 2), query)).records.empty());
}

TEST_CASE("what does not answer the question is refused") {
  const std::string query = ok(make_dns_query("x.test", DnsType::a, 7, false));
  const std::string good = answer_to(query, record(1, "\xc0\x01\x02\x03"), 1);
  CHECK(read_dns_answer(good, query));
  std::string other_id = good;
  other_id[1] = 8;
  std::string other_name = good;
  other_name[13] = 'y';
  for (const std::string& wrong : {other_id, other_name, query, std::string()}) {
    CHECK(code_of(read_dns_answer(wrong, query)) == ErrorCode::corrupt);
  }
}

TEST_CASE("a damaged answer does no harm") {
  const std::string query = ok(make_dns_query("x.test", DnsType::caa, 7, false));
  std::string caa = record(1, std::string("\0\x05issueca.test", 14));
  caa[2] = 1;  // Type 257.
  const std::string good = answer_to(query, caa, 1);
  CHECK(ok(read_dns_answer(good, query)).records.at(0).value == "0 issue ca.test");
  for (std::size_t size = 0; size < good.size(); ++size) {
    CHECK(code_of(read_dns_answer(std::string_view(good).substr(0, size), query)) ==
          ErrorCode::corrupt);
  }
  // Any byte may be anything; a sanitizer sees what is read beyond the end.
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      std::string bad = good;
      bad[at] = static_cast<char>(value);
      (void)read_dns_answer(bad, query).has_value();
    }
  }
  // A name that goes on at itself.
  CHECK(code_of(read_dns_answer(
            answer_to(query, std::string("\xc0\x18\0\x01\0\x01\0\0\0\0\0\0", 12), 1), query)) ==
        ErrorCode::corrupt);
}

TEST_CASE("values are compared in one form") {
  CHECK(canonical_dns_value(DnsType::aaaa, "2001:DB8:0::1") == "2001:db8::1");
  CHECK(canonical_dns_value(DnsType::a, "192.0.2.300").empty());
  CHECK(canonical_dns_value(DnsType::mx, "10  Mail.Example.com.") == "10 mail.example.com");
  CHECK(canonical_dns_value(DnsType::caa, "0 issue \"Ca.test\"") == "0 issue ca.test");
  CHECK(canonical_dns_value(DnsType::txt, "V=spf1 a.") == "V=spf1 a.");
  CHECK(canonical_dns_value(DnsType::mx, "0 .") == "0 .");
  CHECK(reverse_domain("192.0.2.1") == "1.2.0.192.in-addr.arpa");
  CHECK(reverse_domain("2001:db8::1") ==
        "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
  CHECK(reverse_domain("a.test") == "a.test");
  CHECK(name_of(DnsCode::refused) == "REFUSED");
  CHECK(name_of(static_cast<DnsCode>(9)) == "code 9");
}

}  // namespace
}  // namespace rz::net
