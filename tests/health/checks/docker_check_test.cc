#include "rz/health/checks/docker_check.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "rz/base/file.h"
#include "support/patience.h"
#include "support/temp_folder.h"

namespace rz::health {
namespace {

/// A daemon at a unix socket that answers each request with the body for its container.
class FakeDocker {
 public:
  FakeDocker() : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket().copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(listener_.get(), 8) == 0);
    thread_ = std::thread([this] { serve(); });
  }
  ~FakeDocker() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  FakeDocker(const FakeDocker&) = delete;
  FakeDocker& operator=(const FakeDocker&) = delete;

  std::string socket() const { return folder_ / "docker.sock"; }
  void set(const std::string& container, int status, const std::string& body) {
    const std::lock_guard lock(mutex_);
    answers_["GET /containers/" + container + "/json HTTP/1.1"] = {status, body};
  }

 private:
  void serve() {
    while (true) {
      const UniqueFd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!client) return;
      std::string request(4096, '\0');
      const ssize_t size = ::recv(client.get(), request.data(), request.size(), 0);
      request.resize(static_cast<std::size_t>(std::max<ssize_t>(0, size)));
      const std::string answer = answer_to(request.substr(0, request.find("\r\n")));
      ::send(client.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    }
  }
  std::string answer_to(const std::string& line) {
    const std::lock_guard lock(mutex_);
    const auto found = answers_.find(line);
    const auto [status, body] = found != answers_.end()
                                    ? found->second
                                    : std::pair<int, std::string>(404, R"({"message":"no"})");
    return "HTTP/1.1 " + std::to_string(status) +
           " X\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  TempFolder folder_{};
  UniqueFd listener_;
  std::mutex mutex_;
  std::map<std::string, std::pair<int, std::string>> answers_;
  std::thread thread_;
};

CheckResult check_container(const std::string& socket, const std::string& container,
                            std::optional<std::int64_t> restarts_warning = {}) {
  DockerCheckOptions options;
  options.container = container;
  options.socket = socket;
  options.restarts_warning = restarts_warning;
  options.timeout = test::kPatience;
  return make_docker_check(options, net::make_http_client)->check();
}

TEST_CASE("a container is as healthy as its own health check says") {
  FakeDocker docker;
  const auto check = [&](const std::string& state) {
    docker.set("web", 200, R"({"RestartCount":2,"State":)" + state + "}");
    return check_container(docker.socket(), "web");
  };
  auto result = check(R"({"Status":"running"})");
  CHECK(result.status == HealthStatus::healthy);
  CHECK(result.message == "web: running");
  CHECK(*result.metadata.find("restarts") == Value(2));

  result = check(R"({"Status":"running","Health":{"Status":"healthy"}})");
  CHECK(result.status == HealthStatus::healthy);
  CHECK(result.message == "web: running, healthy");
  CHECK(*result.metadata.find("health") == Value("healthy"));

  result = check(R"({"Status":"running","Health":{"Status":"starting","Log":[]}})");
  CHECK(result.status == HealthStatus::degraded);
  CHECK(result.message == "web: running, starting (expected healthy)");

  result = check(R"({"Status":"running","Health":{"Status":"unhealthy",)"
                 R"("Log":[{"Output":"old"},{"Output":"curl: (7)\u001b[31m refused\nmore"}]}})");
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message ==
        "web: running, unhealthy (expected healthy; it said: curl: (7)\\x1b[31m refused)");
}

TEST_CASE("a container that does not run is unhealthy, and says how it ended") {
  FakeDocker docker;
  const auto check = [&](const std::string& state) {
    docker.set("web", 200, R"({"State":)" + state + "}");
    return check_container(docker.socket(), "web");
  };
  auto result = check(R"({"Status":"exited","ExitCode":3})");
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message == "web: exited (expected running; exit code 3)");
  result = check(R"({"Status":"exited","ExitCode":137,"OOMKilled":true})");
  CHECK(result.message ==
        "web: exited (expected running; killed for lack of memory; exit code 137)");
  CHECK(check(R"({"Status":"restarting"})").status == HealthStatus::unhealthy);
  CHECK(check(R"({"Status":"paused"})").status == HealthStatus::degraded);

  result = check_container(docker.socket(), "db");
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message == "db: no container has this name or id");
}

TEST_CASE("a container that was restarted too often is degraded") {
  FakeDocker docker;
  docker.set("web", 200, R"({"RestartCount":5,"State":{"Status":"running"}})");
  CHECK(check_container(docker.socket(), "web", 6).status == HealthStatus::healthy);
  const auto result = check_container(docker.socket(), "web", 5);
  CHECK(result.status == HealthStatus::degraded);
  CHECK(result.message == "web: running (5 restarts, warning from 5)");
  for (const char* untold : {"", R"("RestartCount":"5",)"}) {
    docker.set("web", 200, std::string("{") + untold + R"("State":{"Status":"running"}})");
    const auto unknown = check_container(docker.socket(), "web", 5);
    CHECK(unknown.status == HealthStatus::unknown);
    CHECK(unknown.message == "web: running (the number of restarts is not told, warning from 5)");
  }
}

TEST_CASE("a daemon that does not tell leaves the container unknown") {
  FakeDocker docker;
  docker.set("web", 500, R"({"message":"driver failed"})");
  auto result = check_container(docker.socket(), "web");
  CHECK(result.status == HealthStatus::unknown);
  CHECK(result.message == docker.socket() + ": got 500, expected 200: driver failed");
  docker.set("web", 200, "[]");
  result = check_container(docker.socket(), "web");
  CHECK(result.status == HealthStatus::unknown);
  CHECK(result.message == docker.socket() + ": got 200 without the state of a container");

  const TempFolder folder;
  result = check_container(folder / "none.sock", "web");
  CHECK(result.status == HealthStatus::unknown);
  CHECK(result.message ==
        (folder / "none.sock") +
            ": no such file or directory; does the daemon run, and may this user ask it?");
}

TEST_CASE("a container's name cannot lead to another path of the daemon") {
  FakeDocker docker;
  docker.set("..%2Fimages", 200, R"({"State":{"Status":"running"}})");
  CHECK(check_container(docker.socket(), "../images").status == HealthStatus::healthy);
}

}  // namespace
}  // namespace rz::health
