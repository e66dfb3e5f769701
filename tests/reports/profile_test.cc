#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "profile_results.h"
#include "rz/base/json.h"
#include "rz/base/process.h"
#include "rz/reports/formats.h"
#include "rz/reports/writing/gzip.h"
#include "support/patience.h"
#include "written.h"

namespace rz::reports {
namespace {

using testing::compared_profile;
using testing::contains;
using testing::cpu_profile;
using testing::heap_profile;
using testing::written;

/// What gunzip makes of it: it checks length and sum.
std::string gunzipped(const std::string& bytes) {
  const auto run =
      run_process({.argv = {"gunzip", "-c"}, .input = bytes, .timeout = test::kPatience});
  REQUIRE(run.has_value());
  REQUIRE_MESSAGE(run->exit_code == 0, run->error);
  return run->output;
}

/// A field of a message of protocol buffers.
struct ProtoField {
  std::uint64_t number = 0;
  std::uint64_t value = 0;
  std::string_view bytes{};
};

std::uint64_t take_varint(std::string_view& rest) {
  std::uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    REQUIRE_FALSE(rest.empty());
    const auto byte = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return value;
  }
}

std::vector<ProtoField> fields_of(std::string_view rest) {
  std::vector<ProtoField> fields;
  while (!rest.empty()) {
    const std::uint64_t tag = take_varint(rest);
    ProtoField field{tag >> 3, take_varint(rest)};
    if ((tag & 7U) == 2) {
      REQUIRE(field.value <= rest.size());
      field.bytes = rest.substr(0, field.value);
      rest.remove_prefix(field.value);
    } else {
      REQUIRE((tag & 7U) == 0);
    }
    fields.push_back(field);
  }
  return fields;
}

std::vector<ProtoField> fields_of(const std::vector<ProtoField>& all, std::uint64_t number) {
  std::vector<ProtoField> found;
  for (const ProtoField& field : all) {
    if (field.number == number) found.push_back(field);
  }
  return found;
}

std::vector<std::uint64_t> packed(std::string_view rest) {
  std::vector<std::uint64_t> values;
  while (!rest.empty()) values.push_back(take_varint(rest));
  return values;
}

}  // namespace

TEST_CASE("gzip reads what is stored for it, of any size") {
  for (const std::size_t size : {0, 1, 65'534, 65'535, 65'536, 200'000}) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i * 7);
    CHECK(gunzipped(stored_gzip(bytes)) == bytes);
  }
}

TEST_CASE("pprof has all measures of each stack, the innermost function first") {
  const std::string bytes = gunzipped(written(heap_profile(), "pprof"));
  const auto all = fields_of(bytes);
  std::vector<std::string> strings;
  for (const ProtoField& one : fields_of(all, 6)) strings.emplace_back(one.bytes);
  CHECK(strings.at(0) == "");
  std::vector<std::string> types;
  for (const ProtoField& one : fields_of(all, 1)) {
    const auto type = fields_of(one.bytes);
    types.push_back(strings.at(type.at(0).value) + " " + strings.at(type.at(1).value));
  }
  CHECK(types == std::vector<std::string>{"peak bytes", "allocations count", "leaked bytes"});
  CHECK(strings.at(fields_of(all, 14).at(0).value) == "peak");
  const auto samples = fields_of(all, 2);
  REQUIRE(samples.size() == 2);
  const auto sample = fields_of(samples[0].bytes);
  CHECK(packed(sample.at(1).bytes) == std::vector<std::uint64_t>{4096, 3, 0});
  const auto locations = fields_of(all, 4);
  const auto functions = fields_of(all, 5);
  REQUIRE(locations.size() == functions.size());
  std::vector<std::string> stack;
  for (const std::uint64_t id : packed(sample.at(0).bytes)) {
    const auto location = fields_of(locations.at(id - 1).bytes);
    CHECK(location.at(0).value == id);
    const std::uint64_t function = fields_of(location.at(1).bytes).at(0).value;
    stack.push_back(strings.at(fields_of(functions.at(function - 1).bytes).at(1).value));
  }
  CHECK(stack == std::vector<std::string>{"read_all", "main"});
}

TEST_CASE("speedscope has a profile of each measure, whose weights add up") {
  const auto document = parse_json(written(heap_profile(), "speedscope"));
  REQUIRE(document.has_value());
  CHECK(*document->find("$schema")->as_string() ==
        "https://www.speedscope.app/file-format-schema.json");
  const auto& profiles = *document->find("profiles")->as_array();
  REQUIRE(profiles.size() == 3);
  const auto frames = document->find("shared")->find("frames")->as_array()->size();
  for (const Value& one : profiles) {
    const auto& samples = *one.find("samples")->as_array();
    const auto& weights = *one.find("weights")->as_array();
    CHECK(samples.size() == weights.size());
    std::int64_t sum = 0;
    for (const Value& weight : weights) sum += *weight.as_int();
    CHECK(sum == *one.find("endValue")->as_int());
    for (const Value& sample : samples) {
      for (const Value& frame : *sample.as_array()) {
        CHECK(*frame.as_int() < static_cast<std::int64_t>(frames));
      }
    }
  }
}

TEST_CASE("of processor time shares are compared, of memory the amounts") {
  ProfileReport report = cpu_profile();
  report.before = profile::Profile({{"samples", profile::Unit::count}});
  report.before->add({"main", "parse"}, 0, 1);
  report.before->add({"main", "gone"}, 0, 1);
  // 60 of 100 now, half before.
  CHECK(report.change_of(60, 1) == doctest::Approx(0.1));
  CHECK(report.change_of(0, 1) == doctest::Approx(-0.5));
  ProfileReport heap = heap_profile();
  heap.before = profile::Profile({{"peak", profile::Unit::bytes}});
  heap.before->add({"main"}, 0, 10'000);
  CHECK(heap.change_of(4096, 10'000) == doctest::Approx(-0.5904));
}

TEST_CASE("a flame graph of two profiles tells change by sign and colour, and what is gone") {
  const std::string svg = written(compared_profile(), "svg");
  CHECK(contains(svg, "▲ "));
  CHECK(contains(svg, "▼ "));
  CHECK(contains(svg, "hsl(8,"));
  CHECK(contains(svg, "hsl(212,"));
  const std::string text = written(compared_profile(), "text");
  CHECK(contains(text, "gone"));
  CHECK(contains(text, "-20.0%"));
}

TEST_CASE("a flame graph leaves out what cannot be seen, and says how much") {
  ProfileReport report = cpu_profile();
  for (int i = 0; i < 50; ++i) {
    report.profile.add({"main", "f" + std::to_string(i)}, 0, 1);
  }
  report.profile.add({"main", "most"}, 0, 1'000'000'000);
  const std::string svg = written(report, "svg");
  CHECK(contains(svg, "small boxes left out"));
  CHECK_FALSE(contains(svg, ">f17<"));
}

}  // namespace rz::reports
