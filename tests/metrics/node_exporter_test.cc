// The textfile, as Prometheus' own exporter reads it between any two runs.
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>

#include "rz/base/file.h"
#include "rz/metrics/prometheus_metrics_sink.h"
#include "rz/net/transport.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::metrics {
namespace {

constexpr const char* kProgram = "/usr/bin/prometheus-node-exporter";

std::uint16_t free_port() {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  return ntohs(address.sin_port);
}

/// An exporter of the textfiles in a folder.
class NodeExporter {
 public:
  explicit NodeExporter(const std::string& folder) : port_(free_port()) {
    const std::string listen = "--web.listen-address=127.0.0.1:" + std::to_string(port_);
    const std::string textfiles = "--collector.textfile.directory=" + folder;
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ > 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int null = ::open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; ++fd) ::dup2(null, fd);
    ::execl(kProgram, kProgram, "--collector.disable-defaults", "--collector.textfile",
            textfiles.c_str(), listen.c_str(), nullptr);
    ::_exit(127);
  }
  NodeExporter(const NodeExporter&) = delete;
  NodeExporter& operator=(const NodeExporter&) = delete;
  ~NodeExporter() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  /// What it shows now, once it listens.
  std::string scrape() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes{2};
    for (;;) {
      auto connection = connect_tcp("127.0.0.1", port_, deadline);
      if (!connection) {
        REQUIRE_MESSAGE(std::chrono::steady_clock::now() < deadline, "the exporter never listened");
        REQUIRE(::waitpid(pid_, nullptr, WNOHANG) == 0);
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
        continue;
      }
      REQUIRE((*connection)->write_all("GET /metrics HTTP/1.0\r\n\r\n", deadline));
      std::string text = "\n";
      char buffer[4096];
      while (const auto n = (*connection)->read_some(buffer, deadline)) text.append(buffer, *n);
      return text;
    }
  }

 private:
  std::uint16_t port_;
  pid_t pid_ = -1;
};

TEST_CASE("the node exporter reads what the runs tell, between any two of them") {
  if (!std::filesystem::exists(kProgram)) {
    MESSAGE("skipped: prometheus-node-exporter is not installed");
    return;
  }
  const TempFolder folder;
  NodeExporter exporter(folder.path());
  const auto shows = [&](const std::string& line) {
    const std::string text = exporter.scrape();
    CAPTURE(text);
    CHECK(text.find("\nnode_textfile_scrape_error 0\n") != std::string::npos);
    CHECK(text.find("\n" + line + "\n") != std::string::npos);
  };
  const auto run = [&](auto emit) {
    const auto sink = ok(make_prometheus_sink({.path = folder / "rz.prom"}));
    emit(static_cast<MetricsSink&>(*sink));
    CHECK(message_of(sink->flush()).empty());
  };
  for (int i = 1; i <= 3; ++i) {
    run([&](MetricsSink& sink) {
      sink.emit("fallback_mode", 2, {});
      sink.emit_total("fallback_transitions_total", i, 1, {{"to", "safe"}});
    });
    shows("rz_fallback_transitions_total{to=\"safe\"} " + std::to_string(i));
    run([](MetricsSink& sink) {
      sink.emit_health_check("disk of \"/\"\n", "healthy", 3);
      sink.emit_health_check("db", "unhealthy", 2'000);
    });
    shows("rz_fallback_mode 2");
    shows("rz_health_check_latency_seconds_count{check=\"db\"} " + std::to_string(i));
    run([](MetricsSink&) {});
    shows("rz_health_check_status{check=\"db\",status=\"unhealthy\"} 1");
  }
}

}  // namespace
}  // namespace rz::metrics
