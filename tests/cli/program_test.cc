#include "rz/cli/program.h"

#include <doctest/doctest.h>

#include <csignal>
#include <new>
#include <stdexcept>

#include "framed.h"
#include "support/bare_home.h"

namespace rz::cli {
namespace {

using testing::BareHome;
using testing::Framed;
using testing::run_work;
using testing::Variable;

Result<int> open_store(Context& context) {
  const auto storage = context.runtime().storage();
  if (!storage) return fail(storage.error());
  return kYes;
}

Result<int> read_config(Context& context) {
  const auto config = context.runtime().config();
  if (!config) return fail(config.error());
  return kYes;
}

}  // namespace

TEST_CASE("what the work says is the exit code; an error is a message and 3") {
  for (const int code : {kYes, kNo, kNoBadly, kCouldNotTell}) {
    const Framed ran = run_work({}, [code](Context& context) -> Result<int> {
      context.out().line("the answer");
      return code;
    });
    CHECK(ran.exit_code == code);
    CHECK(ran.output == "the answer\n");
    CHECK(ran.error == "");
  }
  const Framed failed = run_work({}, [](Context&) -> Result<int> {
    return fail(ErrorCode::unavailable, "it is gone\nlook \x1b[2J there", "a place");
  });
  CHECK(failed.exit_code == kCouldNotTell);
  CHECK(failed.error == "rz demo: a place: it is gone\nrz demo: look \\x1b[2J there\n");
  CHECK(failed.output == "");
}

TEST_CASE("each line of a message says where it comes from, what is indented belongs to the last") {
  const Framed ran = run_work({}, [](Context& context) -> Result<int> {
    context.warn("a\n  ^~~\nb");
    return fail(ErrorCode::parse, "c\n  d\n\ne", "f");
  });
  CHECK(ran.error ==
        "rz demo: warning: a\n  ^~~\nrz demo: warning: b\n"
        "rz demo: f: c\n  d\n\nrz demo: e\n");
}

TEST_CASE("with --format json a failure is an object, unless something was written already") {
  const auto failing = [](Context&) -> Result<int> {
    return fail(ErrorCode::unavailable, "gone \"\x1b\n", "a place");
  };
  const Framed failed = run_work({"--format", "json"}, failing);
  CHECK(failed.exit_code == kCouldNotTell);
  CHECK(failed.output ==
        "{\"schema\":\"rz.demo/1\",\"answer\":null,\"error\":{\"code\":\"unavailable\","
        "\"message\":\"gone \\\"\\u001b\\n\",\"where\":\"a place\"}}\n");
  CHECK(run_work({}, failing).output == "");
  const Framed thrown = run_work({"--format", "json"},
                                 [](Context&) -> Result<int> { throw std::runtime_error("odd"); });
  CHECK(thrown.output.find("\"code\":\"internal\"") != std::string::npos);
  const Framed partial = run_work({"--format", "json"}, [](Context& context) -> Result<int> {
    context.out().line("{}");
    return fail(ErrorCode::timeout, "late");
  });
  CHECK(partial.output == "{}\n");
  CHECK(partial.exit_code == kCouldNotTell);
}

TEST_CASE("--pretty indents JSON, and is wrong usage beside anything else") {
  const auto answer = [](Context& context) -> Result<int> {
    context.out().json(Value::object({{"a", 1}}));
    return kYes;
  };
  CHECK(run_work({"--format", "json"}, answer).output == "{\"a\":1}\n");
  CHECK(run_work({"--format", "json", "--pretty"}, answer).output == "{\n  \"a\": 1\n}\n");
  CHECK(run_work({"--pretty", "--format", "json", "--wrong"}, answer)
            .output.starts_with("{\n  \"schema\": \"rz.demo/1\",\n"));
  const Framed text = run_work({"--pretty"}, answer);
  CHECK(text.exit_code == kCouldNotTell);
  CHECK(text.output == "");
  CHECK(text.error == "rz demo: --pretty is for JSON; add --format json\nTry 'rz demo --help'.\n");
}

TEST_CASE("an exception is a message and 3, and no crash") {
  const Framed memory = run_work({}, [](Context&) -> Result<int> { throw std::bad_alloc(); });
  CHECK(memory.exit_code == kCouldNotTell);
  CHECK(memory.error == "rz demo: out of memory\n");
  const Framed other =
      run_work({}, [](Context&) -> Result<int> { throw std::runtime_error("odd"); });
  CHECK(other.exit_code == kCouldNotTell);
  CHECK(other.error == "rz demo: internal error: odd\n");
}

TEST_CASE("a message does not bury the terminal") {
  const Framed ran = run_work({}, [](Context&) -> Result<int> {
    return fail(ErrorCode::parse, std::string(1'000'000, 'x') + "\nand a way out");
  });
  CHECK(ran.error.size() < 10'000);
  CHECK(ran.error.ends_with("x…\nrz demo: and a way out\n"));
}

TEST_CASE("--quiet silences warnings, --verbose lets notes through, a log is a log") {
  const auto work = [](Context& context) -> Result<int> {
    context.warn("w");
    context.note("n");
    context.log("l\x1b");
    return kYes;
  };
  CHECK(run_work({}, work).error == "rz demo: warning: w\nl\\x1b\n");
  CHECK(run_work({"-q"}, work).error == "l\\x1b\n");
  CHECK(run_work({"-v"}, work).error == "rz demo: warning: w\nrz demo: n\nl\\x1b\n");
  CHECK(run_work({"-vv", "--quiet"}, work).error == "rz demo: n\nl\\x1b\n");
}

TEST_CASE("a wrong store is told with what named it") {
  const BareHome bare;
  const std::string wrong =
      ": wrong storage URL: the host is missing; write "
      "redis://[USER[:PASSWORD]@]HOST[:PORT][/DB]\n";
  const Framed flag = run_work({"--storage", "redis://"}, open_store);
  CHECK(flag.exit_code == kCouldNotTell);
  CHECK(flag.error == "rz demo: --storage" + wrong);
  {
    const Variable variable("RZ_STORAGE_URL", "redis://");
    CHECK(run_work({}, open_store).error == "rz demo: RZ_STORAGE_URL" + wrong);
    CHECK(run_work({"--storage", "memory:"}, open_store).exit_code == kYes);
  }
  const std::string file = bare.write("rz.yaml", "storage: {url: \"redis://\"}\n");
  CHECK(run_work({"--config", file}, open_store).error ==
        "rz demo: " + file + ":1:16: storage.url" + wrong);
}

TEST_CASE("a configuration that is not there is told with what named it") {
  const BareHome bare;
  CHECK(run_work({"--config", "/nowhere/rz.yaml"}, read_config).error ==
        "rz demo: /nowhere/rz.yaml: cannot read: No such file or directory\n");
  {
    const Variable variable("RZ_CONFIG", "/nowhere/rz.yaml");
    const Framed ran = run_work({}, read_config);
    CHECK(ran.exit_code == kCouldNotTell);
    CHECK(ran.error ==
          "rz demo: /nowhere/rz.yaml: cannot read: No such file or directory (RZ_CONFIG names "
          "it)\n");
    // A flag beats it.
    CHECK(run_work({"--config", "/dev/null"}, read_config).exit_code == kYes);
  }
  // What is wrong inside a file has a place of its own.
  const std::string file = bare.write("rz.yaml", "x: 1\n");
  const Variable variable("RZ_CONFIG", file.c_str());
  CHECK(run_work({}, read_config).error == "rz demo: " + file + ":1:1: unknown key 'x'\n");
}

TEST_CASE("a configuration's warnings are told once") {
  const BareHome bare;
  const std::string file = bare.write("rz.yaml", "timeout: 5s\n");
  const Framed ran = run_work({"--config", file}, [](Context& context) -> Result<int> {
    CHECK(*context.runtime().config() == *context.runtime().config());
    CHECK(*context.runtime().storage() == *context.runtime().storage());
    return kYes;
  });
  CHECK(ran.error.starts_with("rz demo: warning: " + file + ":1:1: "));
  CHECK(ran.error.find("warning", ran.error.find("warning") + 1) == std::string::npos);
}

TEST_CASE("neither config nor store is opened for a command that asks for none") {
  const Framed ran = run_work({"--config", "/nowhere", "--storage", "redis://"},
                              [](Context&) -> Result<int> { return kYes; });
  CHECK(ran.exit_code == kYes);
  CHECK(ran.error == "");
}

TEST_CASE("a lost reader and a file that may not grow are failed writes, not the end") {
  run_work({}, [](Context&) -> Result<int> {
    struct sigaction action {};
    for (const int signal : {SIGPIPE, SIGXFSZ}) {
      REQUIRE(::sigaction(signal, nullptr, &action) == 0);
      CHECK((action.sa_handler == SIG_IGN));
    }
    return kYes;
  });
}

TEST_CASE("--version is the program's name and a version") {
  const Framed ran = run_work({"--version"}, [](Context&) -> Result<int> { return kNo; });
  CHECK(ran.exit_code == kYes);
  CHECK(ran.output.starts_with("rz demo "));
}

TEST_CASE("a logging sink of level debug wants --verbose") {
  const BareHome home;
  const std::string file =
      home.write("rz.yaml", "health: {metrics: [{type: logging, level: debug}]}");
  const auto work = [](Context& context) -> Result<int> {
    const auto sink = context.runtime().sinks();
    if (!sink) return fail(sink.error());
    (*sink)->emit("load", 2);
    return kYes;
  };
  CHECK(run_work({"--config", file}, work).error == "");
  CHECK(
      run_work({"--config", file, "-v"}, work).error.ends_with("metric=load kind=gauge value=2\n"));
}

}  // namespace rz::cli
