#include "rz/config/expansion.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <filesystem>

#include "reading.h"

namespace rz {
namespace {

using testing::environment_of;
using testing::Files;

std::string expanded(std::string_view text, const std::string& folder = "") {
  const auto result =
      expand(text, environment_of({{"A", "alpha"}, {"EMPTY", ""}, {"NESTED", "${A}"}}), folder);
  return result ? *result : "error: " + to_string(result.error());
}

}  // namespace

TEST_CASE("variables, files and dollar signs are filled in") {
  CHECK(expanded("") == "");
  CHECK(expanded("plain") == "plain");
  CHECK(expanded("${A}") == "alpha");
  CHECK(expanded("<${A}${A}>") == "<alphaalpha>");
  CHECK(expanded("[${EMPTY}]") == "[]");
  CHECK(expanded("$$A $${A} $$$$") == "$A ${A} $$");
  CHECK(expanded("^ok$ $5 $") == "^ok$ $5 $");
  CHECK(expanded("${NESTED}") == "${A}");
}

TEST_CASE("a file's content is taken less its line end") {
  const Files folder;
  folder.write("secret", "s3cret\n");
  folder.write("windows", "s3cret\r\n");
  folder.write("two", "a\nb\n\n");
  CHECK(expanded("${file:secret}", folder.path()) == "s3cret");
  CHECK(expanded("${file:windows}", folder.path()) == "s3cret");
  CHECK(expanded("${file:two}", folder.path()) == "a\nb\n");
  CHECK(expanded("${file:" + folder.path() + "/secret}", "/nowhere") == "s3cret");
}

TEST_CASE("what cannot be filled in is told") {
  CHECK(expanded("${NOPE}") == "error: the environment variable 'NOPE' is not set");
  CHECK(expanded("$HOME/x") ==
        "error: '$HOME' is not replaced; write ${HOME}, or $$ for a $ that "
        "stands for itself");
  CHECK(expanded("a${A") ==
        "error: a '${' is never closed; a $ that stands for itself is written "
        "$$");
  CHECK(expanded("${A:-x}") ==
        "error: '${A:-x}' is neither ${NAME} nor ${file:PATH}; a $ that "
        "stands for itself is written $$");
  CHECK(expanded("${}") ==
        "error: '${}' is neither ${NAME} nor ${file:PATH}; a $ that stands for "
        "itself is written $$");
  CHECK(expanded("${file:}") == "error: '${file:}' names no file");
  CHECK(expanded("${file:/nowhere/x}") ==
        "error: /nowhere/x: cannot read: No such file or directory");
}

TEST_CASE("a secret's file must hold a secret") {
  const Files folder;
  const auto error = [&](std::string_view content) {
    const auto secret = read_secret(folder.write("s", content));
    REQUIRE(!secret.has_value());
    CHECK(secret.error().where == folder.path() + "/s");
    return secret.error().message;
  };
  CHECK(error("\n") == "the file is empty");
  CHECK(error(std::string("a\0b", 3)) == "the file holds a NUL byte");
  CHECK(error(std::string(kMaxSecretBytes + 1, 'x')).ends_with("is larger than 64.0 KiB"));
}

TEST_CASE("a text without a dollar sign stays as it is, and doubling the signs protects any text") {
  rc::check("no dollar", [](const std::string& text) {
    if (text.find('$') == std::string::npos) RC_ASSERT(expanded(text) == text);
  });
  rc::check("doubled", [](const std::string& text) {
    std::string doubled;
    for (char c : text) doubled += c == '$' ? "$$" : std::string(1, c);
    RC_ASSERT(expanded(doubled) == text);
  });
}

TEST_CASE("relative paths begin at the folder") {
  CHECK(resolve_path("a/b", "/etc/rz") == "/etc/rz/a/b");
  CHECK(resolve_path("/a", "/etc/rz") == "/a");
  CHECK(resolve_path("a", "") == "a");
  CHECK(resolve_path("", "/etc") == "");
}

}  // namespace rz
