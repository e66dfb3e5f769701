// `rz health serve` as an operator runs it: real sockets, signals, and a service manager.

#include <doctest/doctest.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "rz/base/json.h"
#include "rz/base/process.h"
#include "support/http_talk.h"
#include "support/notify_socket.h"
#include "support/paths.h"
#include "support/results.h"
#include "support/server_process.h"

namespace rz::testing {
namespace {

using test::body_of;
using test::code_of;
using test::http_get;
using test::http_post;
using test::HttpTalk;

// A check whose answer follows a file of the test: its text is the exit code of a plugin. While a
// file `hang` is there, it does not answer.
constexpr const char* kPlugin =
    "while [ -e hang ]; do sleep 0.05; done; echo \"code $(cat code)\"; exit $(cat code)";

/// A server and its folder.
struct Endpoint {
  TempFolder folder;
  int port = test::unused_port(SOCK_STREAM);
  std::string storage = "sqlite:" + (folder / "rz.db");
  std::unique_ptr<test::ServerProcess> process;

  Endpoint() { write("code", "0"); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder / (name + ".new")) << text;
    std::filesystem::rename(folder / (name + ".new"), folder / name);
  }
  /// The configuration: a check that follows the file `code`, and these options of `serve`.
  void configure(const std::string& serve, const std::string& more = "") const {
    write("rz.yaml",
          "health:\n  timeout: 20m\n  checks:\n    - type: command\n      name: plugin\n"
          "      tags: [tagged]\n      timeout: 20m\n      command: [sh, -c, '" +
              std::string("cd ") + folder.path() + " && " + kPlugin + "']\n" + more +
              "serve: {refresh: 100ms, " + serve + "}\n");
  }
  static std::vector<std::string> environment(const TempFolder& home) {
    return {"/usr/bin/env", "-i", std::string("PATH=") + test::build_dir() + "/bin:/usr/bin:/bin",
            "XDG_STATE_HOME=" + home.path(), "ASAN_OPTIONS=detect_leaks=0"};
  }
  void start(const std::vector<std::string>& variables = {},
             const std::vector<std::string>& before = {}) {
    std::vector<std::string> argv = environment(folder);
    argv.insert(argv.end(), variables.begin(), variables.end());
    argv.insert(argv.end(), before.begin(), before.end());
    const std::string config = folder / "rz.yaml";
    for (const std::string& word :
         {test::build_dir() + "/bin/rz", std::string("health"), std::string("serve"),
          std::string("--config"), config, std::string("--storage"), storage}) {
      argv.push_back(word);
    }
    if (before.empty()) {
      argv.insert(argv.end(), {"--listen", "127.0.0.1:" + std::to_string(port)});
    }
    process = std::make_unique<test::ServerProcess>(argv, folder / "log");
    process->wait_until([&] { return process->log().find("listening on") != std::string::npos; });
  }
  int code(const std::string& target, const std::string& headers = "") const {
    return code_of(http_get(port, target, headers));
  }
  void wait_for(const std::string& target, int wanted) {
    process->wait_until([&] { return code(target) == wanted; });
  }
  void wait_for_log(const std::string& text) {
    process->wait_until([&] { return process->log().find(text) != std::string::npos; });
  }
  /// Ends it by `signal`, and returns its exit code; -1: it was killed.
  int stop(int signal = SIGTERM) {
    process->stop(signal);
    return WIFEXITED(process->wait_status()) ? WEXITSTATUS(process->wait_status()) : -1;
  }
};

}  // namespace

TEST_CASE("each path answers what it is for, and follows what the checks find") {
  Endpoint endpoint;
  endpoint.configure("drain: 0s");
  endpoint.start();
  endpoint.wait_for("/ready", 200);
  CHECK(endpoint.code("/live") == 200);
  CHECK(endpoint.code("/ready/plugin") == 200);
  CHECK(endpoint.code("/ready/tagged") == 200);
  CHECK(endpoint.code("/ready/nobody") == 404);
  CHECK(endpoint.code("/nothing") == 404);
  const Value report = ok(parse_json(body_of(http_get(endpoint.port, "/health"))));
  CHECK(*report.find("schema")->as_string() == "rz.health/1");
  CHECK(*report.find("status")->as_string() == "healthy");
  const std::string page = http_get(endpoint.port, "/", "Accept: text/html\r\n");
  CHECK(page.find("\r\nContent-Security-Policy: default-src 'none'; ") != std::string::npos);
  CHECK(page.find("<td>plugin</td>") != std::string::npos);
  const std::string metrics = http_get(endpoint.port, "/metrics");
  CHECK(metrics.find("rz_check_status{check=\"plugin\",type=\"command\",status=\"healthy\"} 1\n") !=
        std::string::npos);
  HttpTalk head(endpoint.port);
  head.say("HEAD /health HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(code_of(head.answer(true)) == 200);
  CHECK(code_of(http_post(endpoint.port, "/health", "x")) == 405);

  endpoint.write("code", "1");
  endpoint.process->wait_until([&] {
    return http_get(endpoint.port, "/ready?verbose").find("[+]plugin degraded: ") !=
           std::string::npos;
  });
  CHECK(endpoint.code("/ready") == 200);
  endpoint.write("code", "2");
  endpoint.wait_for("/ready", 503);
  CHECK(endpoint.code("/health") == 503);
  CHECK(endpoint.code("/live") == 200);
  CHECK(endpoint.code("/metrics") == 200);
  endpoint.wait_for_log("rz health: unhealthy: 1 unhealthy");
  endpoint.write("code", "3");
  endpoint.wait_for_log("rz health: unknown: 1 unknown");
  CHECK(endpoint.code("/ready") == 503);
  CHECK(endpoint.stop() == 0);
}

TEST_CASE("while a refresh hangs everybody is answered, and what it found before grows too old") {
  Endpoint endpoint;
  endpoint.configure("max_age: 400ms, drain: 0s");
  endpoint.write("hang", "");
  endpoint.start();
  CHECK(body_of(http_get(endpoint.port, "/ready")) == "unknown: there are no results yet\n");
  CHECK(endpoint.code("/live") == 200);
  std::filesystem::remove(endpoint.folder / "hang");
  endpoint.wait_for("/ready", 200);
  endpoint.write("hang", "");
  endpoint.wait_for("/ready", 503);
  endpoint.process->wait_until([&] {
    return body_of(http_get(endpoint.port, "/health")).find("old, and count for 400ms") !=
           std::string::npos;
  });
  endpoint.wait_for_log("warning: unknown: the newest results are");
  ::kill(endpoint.process->pid(), SIGHUP);
  endpoint.wait_for_log(
      "the configuration was read again; its checks are run once the present refresh has ended");
  CHECK(endpoint.code("/metrics") == 200);
  std::filesystem::remove(endpoint.folder / "hang");
  endpoint.wait_for("/ready", 200);
  // One that hangs does not hold up the end either.
  endpoint.write("hang", "");
  endpoint.wait_for("/ready", 503);
  CHECK(endpoint.stop() == 0);
  std::filesystem::remove(endpoint.folder / "hang");
}

TEST_CASE("slow clients, large bodies and large heads keep nobody out") {
  Endpoint endpoint;
  endpoint.configure(
      "max_connections: 50, max_connections_per_client: 40, max_body_size: 1KiB, "
      "max_header_size: 2KiB, drain: 0s");
  endpoint.start();
  endpoint.wait_for("/ready", 200);
  std::vector<std::unique_ptr<HttpTalk>> slow;
  for (int i = 0; i < 200; ++i) {
    slow.push_back(std::make_unique<HttpTalk>(endpoint.port));
    slow.back()->say(i % 3 == 0   ? ""
                     : i % 3 == 1 ? "GET /health HTTP/1.1\r\nX: "
                                  : "POST /monitoring/datadog/webhook HTTP/1.1\r\n"
                                    "Host: x\r\nContent-Length: 500\r\n\r\nabc");
    if (i % 20 == 0) CHECK(endpoint.code("/live") == 200);
  }
  CHECK(code_of(http_post(endpoint.port, "/monitoring/datadog/webhook", std::string(2000, 'x'))) ==
        413);
  HttpTalk head(endpoint.port);
  head.say("GET /live HTTP/1.1\r\nHost: x\r\nX: " + std::string(50'000, 'x') + "\r\n\r\n");
  CHECK(code_of(head.rest()) != 200);
  CHECK(endpoint.code("/live") == 200);
  CHECK(http_get(endpoint.port, "/metrics").find("rz_serve_connections_evicted_total 0\n") ==
        std::string::npos);
  slow.clear();  // What has begun would be waited for.
  CHECK(endpoint.stop() == 0);
}

TEST_CASE("told to stop it is not ready first, lives on meanwhile, and a second time ends it") {
  Endpoint endpoint;
  endpoint.configure("drain: 10m");
  endpoint.start();
  endpoint.wait_for("/ready", 200);
  HttpTalk open(endpoint.port);
  open.say("GET /live HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(code_of(open.answer()) == 200);
  ::kill(endpoint.process->pid(), SIGTERM);
  endpoint.wait_for("/ready", 503);
  CHECK(body_of(http_get(endpoint.port, "/ready")).find("[-]shutdown failed") != std::string::npos);
  CHECK(endpoint.code("/live") == 200);
  CHECK(endpoint.code("/health") == 200);
  // What is open is answered, and closed with that.
  open.say("GET /live HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string last = open.rest();
  CHECK(code_of(last) == 200);
  CHECK(last.find("\r\nConnection: close\r\n") != std::string::npos);
  CHECK(endpoint.stop(SIGINT) == 0);
  CHECK(endpoint.process->log().find("told to stop by SIGTERM") != std::string::npos);
  CHECK(endpoint.process->log().ends_with("rz health: stopped\n"));
}

TEST_CASE("SIGHUP reads the configuration again, and one that is wrong changes nothing") {
  Endpoint endpoint;
  endpoint.configure("degraded_http: 200, drain: 0s");
  endpoint.write("code", "1");
  endpoint.start();
  endpoint.wait_for("/ready", 200);
  endpoint.write("rz.yaml", "serve: {degraded_http: 404}\n");
  ::kill(endpoint.process->pid(), SIGHUP);
  endpoint.wait_for_log("the configuration is not read again, as it is wrong");
  CHECK(endpoint.process->log().find("rz.yaml:1:24: ") != std::string::npos);
  CHECK(endpoint.code("/ready") == 200);
  endpoint.configure("degraded_http: 503, drain: 0s", "    - {type: disk, name: new, path: /}\n");
  ::kill(endpoint.process->pid(), SIGHUP);
  endpoint.wait_for("/ready", 503);
  endpoint.process->wait_until([&] { return endpoint.code("/ready/new") != 404; });
  CHECK(endpoint.process->log().find("the configuration was read again") != std::string::npos);
  CHECK(endpoint.stop() == 0);
}

TEST_CASE("webhooks are stored, counted, and ask for the token") {
  Endpoint endpoint;
  endpoint.configure("drain: 0s");
  endpoint.start({"RZ_SERVE_TOKEN=s3cret"});
  const std::string datadog = "/monitoring/datadog/webhook";
  const std::string event =
      R"({"title":"[Triggered on {host:a}] Load","alert_transition":"Triggered","text":"load is 9"})";
  const std::string right = "Authorization: Bearer s3cret\r\n";
  CHECK(code_of(http_post(endpoint.port, datadog, event)) == 401);
  CHECK(code_of(http_post(endpoint.port, datadog, event, "Authorization: Bearer s3creT\r\n")) ==
        401);
  endpoint.wait_for_log("warning: refused with 401: POST " + datadog);
  const std::string taken = http_post(endpoint.port, datadog, event, right);
  CHECK(code_of(taken) == 200);
  CHECK(body_of(taken) == "{\"ingested\":1}\n");
  const std::string violations =
      R"({"violations":[{"condition_name":"cpu","severity":"critical","description":"99 %"},)"
      R"({"condition_name":"memory"}]})";
  CHECK(body_of(http_post(endpoint.port, "/monitoring/newrelic/webhook", violations, right)) ==
        "{\"ingested\":2}\n");
  CHECK(code_of(http_post(endpoint.port, datadog, "{\"x\":", right)) == 400);
  CHECK(code_of(http_post(endpoint.port, "/monitoring/other/webhook", "{}", right)) == 404);
  // Until then it is unknown to the results, or they could not be read in time.
  endpoint.process->wait_until([&] {
    const std::string ready = http_get(endpoint.port, "/ready/cpu?verbose", right);
    return code_of(ready) == 503 && body_of(ready).find("[-]cpu failed: 99 %") != std::string::npos;
  });
  CHECK(http_get(endpoint.port, "/metrics").find("rz_serve_ingested_total 3\n") !=
        std::string::npos);
  CHECK(endpoint.process->log().find("s3cret") == std::string::npos);
  CHECK(endpoint.stop() == 0);
}

TEST_CASE("the service manager hears of everything, and of life only while there is some") {
  Endpoint endpoint;
  endpoint.configure("drain: 0s");
  const test::NotifySocket manager;
  endpoint.start({"NOTIFY_SOCKET=" + manager.path(), "WATCHDOG_USEC=400000"});
  CHECK(manager.receive_with("READY=1").find("STATUS=") != std::string::npos);
  manager.receive_with("STATUS=healthy: 1 healthy");
  manager.receive_with("WATCHDOG=1");
  manager.receive_with("WATCHDOG=1");
  endpoint.write("code", "2");
  manager.receive_with("STATUS=unhealthy: 1 unhealthy");
  ::kill(endpoint.process->pid(), SIGHUP);
  CHECK(manager.receive_with("RELOADING=1").find("MONOTONIC_USEC=") != std::string::npos);
  manager.receive_with("READY=1");
  CHECK(endpoint.stop() == 0);
  manager.receive_with("STOPPING=1");
}

TEST_CASE("where few files may be opened there are as many connections as fit, and that is said") {
  Endpoint endpoint;
  endpoint.configure("drain: 0s, listen: ['127.0.0.1:" + std::to_string(endpoint.port) + "']");
  endpoint.start({}, {"sh", "-c", "ulimit -n 100; exec \"$@\"", "sh"});
  endpoint.wait_for("/ready", 200);
  CHECK(endpoint.process->log().find(
            "this process may open 100 files, so there are at most 25 connections instead of 256; "
            "raise its limit (ulimit -n, LimitNOFILE=) or lower 'serve.max_connections'") !=
        std::string::npos);
  std::vector<std::unique_ptr<HttpTalk>> silent;
  for (int i = 0; i < 150; ++i) {
    silent.push_back(std::make_unique<HttpTalk>(endpoint.port));
    if (i % 10 == 0) CHECK(endpoint.code("/live") == 200);
  }
  CHECK(endpoint.code("/ready") == 200);
  CHECK(endpoint.process->log().find("Too many open files") == std::string::npos);
  CHECK(endpoint.stop() == 0);
}

TEST_CASE("a request that has begun is waited for") {
  Endpoint endpoint;
  endpoint.configure("drain: 0s, request_timeout: 10m");
  endpoint.start();
  endpoint.wait_for("/ready", 200);
  HttpTalk slow(endpoint.port);
  slow.say("GET /live HTTP/1.1\r\nHost: ");
  endpoint.code("/live");  // What was said before has arrived.
  ::kill(endpoint.process->pid(), SIGTERM);
  endpoint.wait_for_log("told to stop by SIGTERM");
  slow.say("x\r\n\r\n");
  CHECK(code_of(slow.rest()) == 200);
  CHECK(endpoint.stop(0) == 0);  // A second signal might meet its last steps.
}

TEST_CASE("somebody in a hurry does not wait for requests that have begun") {
  Endpoint endpoint;
  endpoint.configure("drain: 0s, request_timeout: 10m");
  endpoint.start();
  endpoint.wait_for("/ready", 200);
  HttpTalk slower(endpoint.port);
  slower.say("GET /live HTTP/1.1\r\nHost: ");
  endpoint.code("/live");
  ::kill(endpoint.process->pid(), SIGTERM);
  endpoint.wait_for_log("told to stop by SIGTERM");
  // The first may have come while it still drained, the second has not.
  ::kill(endpoint.process->pid(), SIGTERM);
  CHECK(endpoint.stop(0) == 0);  // Which waits for its end alone.
  CHECK(slower.rest().empty());
}

TEST_CASE("a socket that was handed over is used, and no program inherits it") {
  Endpoint endpoint;
  // The check fails if it has the socket, or the variables that name it.
  endpoint.configure("drain: 0s",
                     "    - {type: command, name: heir, command: [sh, -c, "
                     "'[ -z \"$$LISTEN_FDS$$NOTIFY_SOCKET\" ] && ! [ -e /proc/self/fd/3 ]']}\n");
  constexpr const char* kParent =
      "import os, socket, sys\n"
      "s = socket.socket(); s.bind(('127.0.0.1', int(sys.argv[1]))); s.listen()\n"
      "if s.fileno() != 3: os.dup2(s.fileno(), 3)\n"
      "os.set_inheritable(3, True)\n"
      "os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))\n"
      "os.execv(sys.argv[2], sys.argv[2:])\n";
  endpoint.start({}, {"python3", "-c", kParent, std::to_string(endpoint.port)});
  endpoint.wait_for("/ready/plugin", 200);
  CHECK(endpoint.code("/ready/heir") == 200);
  CHECK(endpoint.stop() == 0);
}

TEST_CASE("a unix socket is listened at, and goes with the server") {
  Endpoint endpoint;
  const std::string path = endpoint.folder / "health.sock";
  endpoint.configure("drain: 0s, listen: ['unix:" + path + "']");
  endpoint.start({}, {"/usr/bin/env"});
  endpoint.process->wait_until([&] { return code_of(http_get(path, "/ready")) == 200; });
  CHECK(code_of(http_post(path, "/monitoring/datadog/webhook", "{\"title\":\"x\"}")) == 200);
  CHECK(code_of(http_post(path, "/monitoring/datadog/webhook", "{\"title\":\"x\"}",
                          "Origin: https://any.example\r\n")) == 403);
  CHECK(endpoint.stop() == 0);
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("where it cannot listen it says so and ends") {
  const TempFolder home;
  const auto run = [&](const std::vector<std::string>& more) {
    ProcessOptions options{.argv = Endpoint::environment(home), .timeout = test::kPatience};
    for (const std::string& word :
         {test::build_dir() + "/bin/rz", std::string("health"), std::string("serve")}) {
      options.argv.push_back(word);
    }
    options.argv.insert(options.argv.end(), more.begin(), more.end());
    return ok(run_process(options));
  };
  const ProcessResult wrong = run({"--listen", ":8080"});
  CHECK(wrong.exit_code == 3);
  CHECK(
      wrong.error ==
      "rz health: --listen: ':8080' is not an address to listen on; write 127.0.0.1:8080 for this "
      "machine alone, [::]:8080 for all networks\n");
  const ProcessResult taken = run({"--listen", "192.0.2.1:1"});
  CHECK(taken.exit_code == 3);
  CHECK(taken.error.ends_with(
      "rz health: 192.0.2.1:1: cannot listen: Cannot assign requested address\n"));
  const ProcessResult store = run({"--storage", "nonsense:"});
  CHECK(store.exit_code == 3);
  CHECK(store.error.starts_with("rz health: --storage: "));
}

TEST_CASE("a Redis that comes back is found again, without a restart") {
  Endpoint endpoint;
  const int redis = test::unused_port(SOCK_STREAM);
  endpoint.storage = "redis://127.0.0.1:" + std::to_string(redis);
  endpoint.configure("drain: 0s");
  endpoint.start();
  endpoint.wait_for("/ready/plugin", 200);
  CHECK(endpoint.code("/ready") == 503);
  test::ServerProcess server({"redis-server", "--port", std::to_string(redis), "--save", "",
                              "--bind", "127.0.0.1", "--dir", endpoint.folder.path()},
                             endpoint.folder / "redis.log");
  endpoint.wait_for("/ready", 200);
  CHECK(endpoint.stop() == 0);
}

TEST_CASE("the units of systemd are right, and give away no more than they need") {
  if (!std::filesystem::exists("/usr/bin/systemd-analyze")) return;
  const TempFolder home;
  const std::string folder = test::source_dir() + "/config/";
  // The program need not be installed to look at its unit.
  std::filesystem::copy(folder + "rz-health.socket", home / "rz-health.socket");
  std::string unit = ok(read_file(folder + "rz-health.service", 1 << 20));
  const std::string program = "/usr/bin/rz";
  unit.replace(unit.find(program), program.size(), "/bin/true");
  std::ofstream(home / "rz-health.service") << unit;
  const auto analyze = [&](std::vector<std::string> argv) {
    argv.insert(argv.begin(), "systemd-analyze");
    return ok(run_process({.argv = std::move(argv), .timeout = test::kPatience}));
  };
  const ProcessResult verified =
      analyze({"verify", "--man=no", home / "rz-health.service", home / "rz-health.socket"});
  INFO(verified.error);
  CHECK(verified.exit_code == 0);
  CHECK(verified.error.find("rz-health") == std::string::npos);
  const ProcessResult secure =
      analyze({"security", "--offline=true", "--threshold=20", home / "rz-health.service"});
  INFO(secure.output);
  CHECK(secure.exit_code == 0);
}

}  // namespace rz::testing
