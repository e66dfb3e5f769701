// `rz health run` in place of a program, as cron and shells start it: what the program does with
// its descriptors, its signals and its exit code is as if rz were not there.

#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "rz/base/json.h"
#include "shell_folder.h"

namespace rz::testing {
namespace {

/// A folder with a store.
struct RunFolder : ShellFolder {
  RunFolder() : ShellFolder("ASAN_OPTIONS=detect_leaks=0 RZ_STORAGE_URL=sqlite:rz.db") {}

  /// What the store has of the component `job`.
  Value job() const {
    const Value state = ok(parse_json(shell("rz health state").output));
    const Value* components = state.find("components");
    const Value* job = components != nullptr ? components->find("job") : nullptr;
    REQUIRE(job != nullptr);
    return *job;
  }

  std::string said() const { return *job().find("message")->as_string(); }
  std::string status() const { return *job().find("status")->as_string(); }
};

TEST_CASE("the program has its standard input and output, and its exit code is the answer") {
  const RunFolder folder;
  const ProcessResult ran =
      folder.shell("echo in | rz health run job -- sh -c \"cat; echo err >&2; exit 3\"");
  CHECK(ran.exit_code == 3);
  CHECK(ran.output == "in\n");
  CHECK(ran.error == "err\n");
  CHECK(folder.status() == "failed");
  CHECK(folder.said().starts_with("exit code 3 after "));
  const Value job = folder.job();
  CHECK(job.find("running") == nullptr);
  const Value* run = job.find("last_run");
  REQUIRE(run != nullptr);
  CHECK(*run->find("exit_code")->as_int() == 3);
  CHECK(run->find("started_at") != nullptr);
  CHECK(run->find("ended_at") != nullptr);
  CHECK(run->find("duration_seconds")->is_number());

  CHECK(folder.shell("rz health run job -- true").exit_code == 0);
  CHECK(folder.status() == "healthy");
  CHECK(*folder.job().find("error_count")->as_int() == 1);
}

TEST_CASE("its arguments reach it as they are, also those that rz has itself") {
  const RunFolder folder;
  const ProcessResult ran =
      folder.shell("rz health run --max 1h job -- printf \"%s|\" --help \"\" -q \"a b\"");
  CHECK(ran.output == "--help||-q|a b|");
  CHECK(ran.exit_code == 0);
}

TEST_CASE("a program that a signal ends, that is not there, or that cannot be run") {
  const RunFolder folder;
  CHECK(folder.shell("rz health run job -- sh -c \"kill -KILL \\$\\$\"").exit_code == 137);
  CHECK(folder.said().starts_with("ended by SIGKILL after "));
  const ProcessResult missing = folder.shell("rz health run job -- no-such-program");
  CHECK(missing.exit_code == 127);
  CHECK(missing.error ==
        "rz health: warning: no-such-program: cannot run: No such file or directory\n");
  CHECK(folder.said() == "no-such-program: cannot run: No such file or directory");
  CHECK(folder.status() == "failed");
  CHECK(folder.shell("touch plain; rz health run job -- ./plain").exit_code == 126);
}

TEST_CASE("wrong usage runs nothing") {
  const RunFolder folder;
  for (const char* arguments :
       {"job", "job --", "--max 0s job -- touch ran", "--max 1s --min 2s job -- touch ran",
        "job -- \"\"", "--format json job -- touch ran", "\"\" -- touch ran"}) {
    CAPTURE(arguments);
    CHECK(folder.shell("rz health run " + std::string(arguments)).exit_code == 3);
  }
  CHECK(folder.shell("test -e ran").exit_code == 1);
}

TEST_CASE("signals are passed on, and the program says how it ends") {
  const RunFolder folder;
  for (const char* signal : {"INT", "TERM", "HUP", "QUIT", "USR1", "USR2"}) {
    CAPTURE(signal);
    // A shell starts a background job with INT and QUIT ignored.
    const ProcessResult ran = folder.shell(
        "rm -f ready; env --default-signal=INT,QUIT rz health run job -- sh -c \"trap \\\"echo "
        "caught; exit 5\\\" " +
        std::string(signal) +
        "; touch ready; while :; do sleep 0.05; done\" & "
        "while kill -0 $! && ! test -e ready; do sleep 0.05; done; kill -" +
        signal + " $!; wait $!");
    CHECK(ran.output == "caught\n");
    CHECK(ran.exit_code == 5);
    CHECK(folder.said().starts_with("exit code 5 after "));
  }
}

TEST_CASE("a signal that ends the program ends the run, with its number") {
  const RunFolder folder;
  const ProcessResult ran = folder.shell(
      "rz health run job -- sh -c \"touch ready; exec sleep 1000\" & "
      "while kill -0 $! && ! test -e ready; do sleep 0.05; done; kill -TERM $!; wait $!");
  CHECK(ran.exit_code == 143);
  CHECK(folder.said().starts_with("ended by SIGTERM after "));
  CHECK(folder.job().find("running") == nullptr);
}

TEST_CASE("signals and descriptors are those that rz was started with") {
  const RunFolder folder;
  const std::string look = "grep -E \"Sig(Blk|Ign|Cgt)\" /proc/self/status";
  CHECK(folder.shell("rz health run job -- " + look).output == folder.shell(look).output);
  const std::string ignoring = "env --ignore-signal=HUP,USR1 ";
  CHECK(folder.shell(ignoring + "rz health run job -- " + look).output ==
        folder.shell(ignoring + look).output);
  CHECK(folder.shell("rz health run job -- sh -c \"echo kept >&7\" 7>seven; cat seven").output ==
        "kept\n");
  const std::string count = "sh -c \"ls /proc/self/fd | wc -l\"";
  CHECK(folder.shell("rz health run job -- " + count).output == folder.shell(count).output);
  // Where SIGCHLD is ignored, the exit code would be lost.
  CHECK(folder.shell("env --ignore-signal=CHLD rz health run job -- sh -c \"exit 4\"").exit_code ==
        4);
}

TEST_CASE("the program runs whatever is wrong with the store or the configuration") {
  const RunFolder folder;
  std::ofstream(folder / "away.yaml") << "storage: {max_retries: 0}\n";
  const ProcessResult away = folder.shell(
      "rz health run --config away.yaml --storage redis://127.0.0.1:1/0 job -- "
      "sh -c \"echo ran; exit 6\"");
  CHECK(away.output == "ran\n");
  CHECK(away.exit_code == 6);
  CHECK(away.error.find("warning: the start of 'job' is not reported: ") != std::string::npos);
  CHECK(away.error.find("warning: the end of 'job' is not reported: ") != std::string::npos);

  std::ofstream(folder / "bad.yaml") << "health: {chekcs: []}\n";
  const ProcessResult wrong = folder.shell("rz health run --config bad.yaml job -- echo ran");
  CHECK(wrong.output == "ran\n");
  CHECK(wrong.exit_code == 0);
  CHECK(wrong.error.find("is not reported: ") != std::string::npos);

  std::ofstream(folder / "names.yaml") << "health: {components: [worker]}\n";
  const ProcessResult other = folder.shell("rz health run --config names.yaml job -- echo ran");
  CHECK(other.output == "ran\n");
  CHECK(other.error.find("'job' is not in health.components") != std::string::npos);
}

TEST_CASE("a store that is back when the program ends has its end") {
  const RunFolder folder;
  const ProcessResult ran = folder.shell(
      "touch away; rz health run --storage sqlite:away/rz.db job -- sh -c \"rm away; mkdir away\"");
  CHECK(ran.exit_code == 0);
  CHECK(ran.error.find("the start of 'job' is not reported") != std::string::npos);
  CHECK(ran.error.find("the end of 'job' is not reported") == std::string::npos);
  CHECK(folder.shell("rz health state --storage sqlite:away/rz.db").output.find("exit code 0") !=
        std::string::npos);
}

TEST_CASE("a component check judges how long the run took") {
  const RunFolder folder;
  std::ofstream(folder / "rz.yaml")
      << "health: {checks: [{type: component, name: job, component: job}]}\n";
  folder.shell("rz health run --max 1ms job -- sleep 0.05");
  const ProcessResult slow = folder.shell("rz health --config rz.yaml");
  CHECK(slow.exit_code == 1);
  CHECK(slow.output.find("too slow: took ") != std::string::npos);
  folder.shell("rz health run --min 1h job -- true");
  CHECK(folder.shell("rz health --config rz.yaml").output.find("too fast: took ") !=
        std::string::npos);
  // While it runs, the check sees that it has gone on for too long.
  const ProcessResult inside = folder.shell(
      "rz health run --max 1ms job -- sh -c \"sleep 0.05; rz health --config rz.yaml\"");
  CHECK(inside.exit_code == 2);
  CHECK(inside.output.find("not ended: started ") != std::string::npos);
}

TEST_CASE("a payload of a webhook becomes reports, all or none") {
  const RunFolder folder;
  std::ofstream(folder / "payload.json")
      << R"({"events":[{"title":"job","alert_type":"error","text":"stuck"},{"title":"db"}]})";
  const ProcessResult ran = folder.shell(
      "rz health ingest datadog payload.json --format json; rz health ingest "
      "datadog < payload.json; rz health ingest DATADOG - < payload.json");
  CHECK(ran.exit_code == 0);
  CHECK(ran.output ==
        "{\"schema\":\"rz.health.ingest/1\",\"ingested\":2,\"components\":[{\"name\":\"job\","
        "\"status\":\"failed\"},{\"name\":\"db\",\"status\":\"healthy\"}]}\n");
  CHECK(*folder.job().find("error_count")->as_int() == 3);
  CHECK(folder.said() == "stuck");

  const ProcessResult other = folder.shell("rz health ingest newrelic payload.json");
  CHECK(other.exit_code == 3);
  CHECK(other.error.starts_with("rz health: payload: not a payload of New Relic: expected "));
  std::ofstream(folder / "names.yaml") << "health: {components: [job]}\n";
  CHECK(folder.shell("rz health ingest --config names.yaml datadog payload.json").exit_code == 3);
  CHECK(*folder.job().find("error_count")->as_int() == 3);
  CHECK(folder.shell("rz health ingest nagios payload.json").exit_code == 3);
  CHECK(folder.shell("rz health ingest datadog absent.json").exit_code == 3);
}

}  // namespace
}  // namespace rz::testing
