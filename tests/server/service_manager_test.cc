#include "rz/server/service_manager.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include "support/bare_home.h"
#include "support/notify_socket.h"

namespace rz::server {

TEST_CASE("the manager is told in its words, a datagram each") {
  const test::NotifySocket socket;
  const ServiceManager manager(socket.path(), Micros{10'000'000});
  manager.ready("healthy\nREADY=0");
  CHECK(socket.receive() == "READY=1\nSTATUS=healthy\\nREADY=0");
  manager.alive();
  CHECK(socket.receive() == "WATCHDOG=1");
  manager.reloading();
  CHECK(socket.receive().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  manager.stopping();
  CHECK(socket.receive() == "STOPPING=1\nSTATUS=stopping");
  CHECK(manager.interval() == Micros{5'000'000});
}

TEST_CASE("without a manager nothing is sent, and nobody is waited for") {
  const ServiceManager none("", Micros{10});
  none.ready("x");
  CHECK_FALSE(none.interval());
  const ServiceManager gone("/nonexistent/socket", Micros{10});
  gone.alive();
  CHECK_FALSE(gone.interval());
  const ServiceManager too_long("/" + std::string(200, 'x'), std::nullopt);
  too_long.alive();
}

TEST_CASE("what is in the environment is taken out of it, and another's watchdog is not ours") {
  const test::NotifySocket socket;
  const std::string other = std::to_string(::getpid() + 1);
  const testing::Variable address("NOTIFY_SOCKET", socket.path().c_str());
  const testing::Variable period("WATCHDOG_USEC", "2000000");
  {
    const testing::Variable process("WATCHDOG_PID", std::to_string(::getpid()).c_str());
    const auto manager = ServiceManager::from_environment();
    CHECK(manager.interval() == Micros{1'000'000});
    CHECK(::getenv("NOTIFY_SOCKET") == nullptr);
    CHECK(::getenv("WATCHDOG_USEC") == nullptr);
    CHECK(::getenv("WATCHDOG_PID") == nullptr);
    manager.alive();
    CHECK(socket.receive() == "WATCHDOG=1");
  }
  const testing::Variable again("NOTIFY_SOCKET", socket.path().c_str());
  const testing::Variable period_again("WATCHDOG_USEC", "2000000");
  const testing::Variable process("WATCHDOG_PID", other.c_str());
  CHECK_FALSE(ServiceManager::from_environment().interval());
}

}  // namespace rz::server
