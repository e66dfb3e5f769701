#include "rz/config/expansion.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <filesystem>

#include "reading.h"
#include "rz/storage/storage_url.h"

namespace rz::config {
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

TEST_CASE("what is filled into a URL is data of its part") {
  const auto url = [](std::string_view text, const std::string& value) {
    const auto result = expand_url(text, environment_of({{"V", value}}), "");
    return result ? *result : "error: " + to_string(result.error());
  };
  CHECK(url("redis://rz:${V}@h:1/0", "a%41b") == "redis://rz:a%2541b@h:1/0");
  CHECK(url("redis://rz:${V}@h:1/0", "w?/#@:o") == "redis://rz:w%3F%2F%23%40%3Ao@h:1/0");
  CHECK(url("redis://${V}:x@h", "a:b") == "redis://a%3Ab:x@h");
  CHECK(url("redis://${V}:6379/0", "db.example.com") == "redis://db.example.com:6379/0");
  CHECK(url("redis://[${V}]/0", "::1") == "redis://[::1]/0");
  CHECK(url("redis://${V}/0", "x@evil?a#b") == "redis://x%40evil%3Fa%23b/0");
  CHECK(url("http://h/${V}?q=${V}", "a b/c&d") == "http://h/a%20b/c&d?q=a%20b%2Fc%26d");
  // A reference may hold what would end a part.
  CHECK(url("redis://rz:${file:/none/@x}@h", "").starts_with("error: "));
  // What the text begins with is a URL by itself, and a path of a file is one as it is.
  CHECK(url("${V}", "redis://u:p%41@h/0") == "redis://u:p%41@h/0");
  CHECK(url("${V}/health", "http://h") == "http://h/health");
  CHECK(url("sqlite:${V}/rz.db", "/a b%20c") == "sqlite:/a b%20c/rz.db");
  CHECK(url("sqlite:///${V}/rz.db", "a b") == "sqlite:///a b/rz.db");
}

TEST_CASE("any password that is filled into a storage URL comes out as it is") {
  CHECK(rc::check("password and user survive", [](const std::string& any) {
    std::string text;
    for (const char c : any) text += c == '\0' ? '0' : c;
    const auto filled = expand_url("redis://rz:${V}@h:1/0", environment_of({{"V", text}}), "");
    RC_ASSERT(filled.has_value());
    const auto parsed = storage::parse_storage_url(*filled);
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(parsed->password == text);
    RC_ASSERT(parsed->hosts.front().first == "h");
  }));
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
  CHECK(rc::check("no dollar", [](const std::string& text) {
    if (text.find('$') == std::string::npos) RC_ASSERT(expanded(text) == text);
  }));
  CHECK(rc::check("doubled", [](const std::string& text) {
    std::string doubled;
    for (char c : text) doubled += c == '$' ? "$$" : std::string(1, c);
    RC_ASSERT(expanded(doubled) == text);
  }));
}

TEST_CASE("relative paths begin at the folder") {
  CHECK(resolve_path("a/b", "/etc/rz") == "/etc/rz/a/b");
  CHECK(resolve_path("/a", "/etc/rz") == "/a");
  CHECK(resolve_path("a", "") == "a");
  CHECK(resolve_path("", "/etc") == "");
}

}  // namespace rz::config
