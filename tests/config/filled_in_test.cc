#include "rz/config/filled_in.h"

#include <doctest/doctest.h>

#include <functional>
#include <set>

#include "documents.h"
#include "reading.h"
#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/config/yaml.h"

namespace rz::config {
namespace {

const std::string kSecret = "Hunter2.secret";
const testing::Variables kSecrets = {{"SEC", kSecret}};

/// Each text of a document, with where it begins.
std::vector<std::size_t> texts_of(const YamlNode& node) {
  std::vector<std::size_t> offsets;
  const std::function<void(const YamlNode&)> visit = [&](const YamlNode& each) {
    if (each.value.as_string()) offsets.push_back(each.offset);
    for (const YamlNode& item : each.items) visit(item);
    for (const YamlMember& member : each.members) visit(member.value);
  };
  visit(node);
  return offsets;
}

/// The bytes of the scalar that begins at `offset`. Those of config/rz.yaml are in one line.
std::size_t scalar_size(std::string_view text, std::size_t offset) {
  const char first = text[offset];
  const std::string_view rest = text.substr(offset);
  if (first == '"' || first == '\'') return rest.find(first, 1) + 1;
  std::size_t end = rest.find_first_of("\n");
  for (const std::string_view mark : {", ", "]", "}", " #"}) end = std::min(end, rest.find(mark));
  return end;
}

/// All that is said of such a file, and what `rz config show` shows of it.
std::string all_said(const std::string& text) {
  const testing::Files files;
  const CheckedConfig checked =
      check_config(files.write("rz.yaml", text), testing::environment_of(kSecrets));
  std::string said;
  for (const Error& error : checked.errors) said += to_string(error) + "\n";
  for (const Notice& notice : checked.config.notices.kept()) said += notice.what + "\n";
  for (const Setting& setting : checked.config.settings)
    said += setting.path + ": " + to_json(setting.value) + "\n";
  return said;
}

std::string lines_with_secret(const std::string& said) {
  std::string found;
  for (const std::string_view line : split(said, '\n')) {
    if (to_lower(line).find("hunter2") != std::string::npos) found += std::string(line) + "\n";
  }
  return found;
}

}  // namespace

TEST_CASE("what was filled in is in no message, wherever in a configuration it stands") {
  const std::string example = testing::with_examples(testing::read_source("config/rz.yaml"));
  const std::vector<std::size_t> offsets = texts_of(read_yaml(example).root);
  REQUIRE(offsets.size() > 300);
  std::string everywhere = example;
  for (auto offset = offsets.rbegin(); offset != offsets.rend(); ++offset) {
    const std::size_t size = scalar_size(example, *offset);
    std::string once = example;
    for (const char* with : {"\"${SEC}\"", "\"a${SEC}b\""}) {
      INFO(example.substr(*offset > 40 ? *offset - 40 : 0, size + 40));
      once = example;
      once.replace(*offset, size, with);
      CHECK(lines_with_secret(all_said(once)) == "");
    }
    everywhere.replace(*offset, size, "\"${SEC}\"");
  }
  CHECK(lines_with_secret(all_said(everywhere)) == "");
}

TEST_CASE("messages over several keys show the reference") {
  const auto error = [](const std::string& text) { return testing::wrong(text, kSecrets); };
  CHECK(error("health: {checks: [{type: group, checks: [\"${SEC}\"]}]}") ==
        "rz.yaml:1:42: no check is named '${SEC}'");
  CHECK(error("health: {checks: [{type: load, name: \"${SEC}\", depends_on: [\"${SEC}\"]}]}") ==
        "rz.yaml:1:61: depends_on: a check would wait for itself: ${SEC} -> ${SEC}");
  const auto window = [&](const std::string& members) {
    return error("health: {checks: [{type: load, maintenance: [{" + members + "}]}]}");
  };
  CHECK(window("start: \"${SEC}\", duration: 1h").find("'${SEC}' is not a time") !=
        std::string::npos);
  CHECK(window("start: \"02:00\", duration: 1h, every: [\"${SEC}\"]")
            .find("'${SEC}' is not a day of the week") != std::string::npos);
  CHECK(window("start: \"02:00\", duration: 1h, timezone: \"${SEC}\"").find("${SEC}") !=
        std::string::npos);
}

TEST_CASE("masked: the value, cut off or not, but no word that is alike by chance") {
  FilledIn filled_in;
  filled_in.add("${LONG}", "hunter2secret");
  filled_in.add("${WORD}", "disk");
  filled_in.add("${PORT}", "80");
  filled_in.add("${LINE}", "one\ntwo three");
  struct Row {
    const char* message;
    const char* masked;
  };
  const Row rows[] = {
      {"names 'hunter2secret' twice", "names '${LONG}' twice"},
      {"xhunter2secrets", "x${LONG}s"},
      {"a -> hunter2sec…", "a -> ${LONG}…"},
      {"a -> hun…", "a -> hun…"},
      {"no check is named 'disk'", "no check is named '${WORD}'"},
      {"health.checks[disk].path: disk, diskette", "health.checks[disk].path: ${WORD}, diskette"},
      {"80 is not from 1 to 80, got '80'", "80 is not from 1 to 80, got '${PORT}'"},
      {"got 'one\\ntwo three'", "got '${LINE}'"},
  };
  for (const Row& row : rows) CHECK(filled_in.masked(row.message) == row.masked);
}

}  // namespace rz::config
