#include "rz/fallback/callbacks/command_callback.h"

#include <doctest/doctest.h>

#include "fallback/fallback_support.h"
#include "rz/base/text.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::fallback {
namespace {

Transition to_safe(std::string reason) {
  return transition(at(0), Mode::primary, Mode::safe, std::move(reason), 7);
}

/// A command that runs `script` by /bin/sh, with `arguments`.
CommandOptions script(const std::string& text, std::vector<std::string> arguments = {}) {
  CommandOptions options;
  options.command = {"/bin/sh", "-c", text, "sh"};
  options.command.insert(options.command.end(), arguments.begin(), arguments.end());
  return options;
}

TEST_CASE("placeholders are replaced, once, and other braces stay") {
  const Transition record = to_safe("{to} {reason}");
  CHECK(fill_in("{from}>{to}#{epoch}", record) == "primary>safe#7");
  CHECK(fill_in("{timestamp}", record) == "2023-11-14T22:13:20.000000Z");
  CHECK(fill_in("{reason}{reason}", record) == "{to} {reason}{to} {reason}");
  for (const char* text : {"", "{", "}", "{}", "{ to }", "{TO}", "{{", "{to", "${HOME}", "{who}"}) {
    CHECK(fill_in(text, record) == text);
  }
  CHECK(fill_in("{{to}}", record) == "{safe}");
  Transition legacy = record;
  legacy.epoch.reset();
  CHECK(fill_in("[{epoch}]", legacy) == "[]");
}

TEST_CASE("a hostile reason arrives byte for byte, in its argument and in the environment") {
  const TempFolder folder;
  const std::string reasons[] = {
      "; rm -rf \"" + folder.path() + "\"",
      "$(touch " + (folder / "owned") + ")`touch " + (folder / "owned") + "`",
      "two\nlines\r\n\ttab",
      "'\"\\ * ? [a-z] ~ & | < > !",
      "--help",
      "",
      "\xff\xfe\x1b[31m",
  };
  for (const std::string& reason : reasons) {
    CAPTURE(reason);
    const std::string got = folder / "got";
    const auto done = command_callback(script(
        R"(printf '%s\0' "$@" "$RZ_FROM" "$RZ_TO" "$RZ_REASON" "$RZ_EPOCH" "$RZ_TIMESTAMP" >")" +
            got + "\"",
        {"{reason}", "a {to} b", "{reason}{reason}"}))(to_safe(reason));
    REQUIRE_MESSAGE(done.has_value(), message_of(done));
    std::string expected;
    for (const std::string& argument :
         {reason, std::string("a safe b"), reason + reason, std::string("primary"),
          std::string("safe"), reason, std::string("7"),
          std::string("2023-11-14T22:13:20.000000Z")}) {
      expected += argument + '\0';
    }
    CHECK(content_of(got) == expected);
    CHECK(content_of(folder / "owned").empty());
  }
}

TEST_CASE("a program that fails is told with its exit code and its first words") {
  const auto failed = command_callback(
      script("echo 'no pager \x1b[31mhere' >&2; echo second >&2; exit 3"))(to_safe("r"));
  CHECK(code_of(failed) == ErrorCode::unavailable);
  CHECK(message_of(failed) == "/bin/sh: ended with exit code 3: no pager \\x1b[31mhere");

  CHECK(message_of(run_command(script("exit 4"))) == "/bin/sh: ended with exit code 4");
  CHECK(run_command(script("exit 0")).has_value());
}

TEST_CASE("a program that is not there, and one that does not end") {
  CommandOptions missing;
  missing.command = {"/nowhere/page"};
  CHECK(code_of(command_callback(missing)(to_safe("r"))) == ErrorCode::not_found);

  CommandOptions stuck = script("sleep 60");
  stuck.timeout = Millis{50};
  CHECK(code_of(run_command(stuck)) == ErrorCode::timeout);
}

TEST_CASE("no reason is too long, or too odd, to call") {
  const std::string nul("a\0b", 3);
  CHECK(cut_for_program(nul) == "a?b");
  CHECK(command_callback(script("test \"$1\" = 'a?b'", {"{reason}"}))(to_safe(nul)));
  for (const std::string& piece : {std::string("x"), std::string("ö"), std::string("😀")}) {
    std::string longest;
    while (longest.size() < 200'000) longest += piece;
    const std::string cut = cut_for_program(longest);
    CHECK(cut.size() <= 4096 + 3);
    CHECK(cut.ends_with("…"));
    CHECK_FALSE(find_invalid_utf8(cut));
    CHECK(longest.starts_with(cut.substr(0, cut.size() - 3)));
    CHECK(command_callback(script("test -n \"$RZ_REASON\"", {"{reason}"}))(to_safe(longest)));
  }
  CHECK(cut_for_program("short") == "short");
}

}  // namespace
}  // namespace rz::fallback
