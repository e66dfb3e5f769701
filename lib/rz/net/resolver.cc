#include "rz/net/resolver.h"

#include <netdb.h>

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "rz/base/text.h"

namespace rz::net {
namespace {

struct AddressesDeleter {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

// Asks the system; `error` is what getaddrinfo returns.
SocketAddresses ask_system(const std::string& host, std::uint16_t port, int flags, int& error) {
  addrinfo hints{};
  // Without a type of socket, each address would come once for each type.
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | flags;
  addrinfo* found = nullptr;
  error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  const std::unique_ptr<addrinfo, AddressesDeleter> owned(found);
  SocketAddresses addresses;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    SocketAddress address;
    if (at->ai_addrlen > sizeof address.storage) continue;
    std::memcpy(&address.storage, at->ai_addr, at->ai_addrlen);
    address.size = at->ai_addrlen;
    addresses.push_back(address);
  }
  return addresses;
}

// Whether the name service has answered that there is no such host or address, and has not failed
// itself.
bool is_answer(int error) {
  return error == EAI_NONAME || error == EAI_NODATA || error == EAI_ADDRFAMILY;
}

Result<SocketAddresses> look_up(const std::string& host, std::uint16_t port) {
  int error = 0;
  SocketAddresses addresses = ask_system(host, port, AI_ADDRCONFIG, error);
  // AI_ADDRCONFIG hides the loopback addresses of a machine that has no others.
  const bool hidden = error == EAI_NONAME || error == EAI_ADDRFAMILY;
  if (hidden) addresses = ask_system(host, port, 0, error);
  if (error == 0) return addresses;
  return fail(Error{ErrorCode::unavailable,
                    "cannot find the host '" + printable(host) + "': " + ::gai_strerror(error),
                    {},
                    !is_answer(error)});
}

// The number of threads that are looking up a name. They may outlive the callers that started them,
// so this lives as long as the process.
std::atomic<std::size_t>& running() {
  static std::atomic<std::size_t> count{0};
  return count;
}

// One look-up, shared by the caller that waits for it and the thread that makes it. Whichever ends
// last frees it.
class LookUp {
 public:
  void make(const LookUpName& look_up) {
    Result<SocketAddresses> answer = look_up();
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
    changed_.notify_one();
  }

  Result<SocketAddresses> wait(Deadline deadline) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_until(lock, deadline, [this] { return answer_.has_value(); })) {
      return fail_own_side(ErrorCode::timeout, "no answer in time from the name service");
    }
    return *std::move(answer_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Result<SocketAddresses>> answer_;
};

}  // namespace

Result<SocketAddresses> look_up_until(LookUpName look_up, Deadline deadline) {
  if (std::chrono::steady_clock::now() >= deadline) {
    return fail_own_side(ErrorCode::timeout, "no time is left to look the host up");
  }
  if (running().fetch_add(1) >= kMaxWaitingLookUps) {
    --running();
    return fail_own_side(ErrorCode::unavailable, "the name service does not answer; " +
                                                     std::to_string(kMaxWaitingLookUps) +
                                                     " look-ups wait for it already");
  }
  const auto shared = std::make_shared<LookUp>();
  try {
    std::thread([shared, ask = std::move(look_up)] {
      shared->make(ask);
      --running();
    }).detach();
  } catch (const std::system_error& error) {
    --running();
    return fail_own_side(ErrorCode::unavailable,
                         std::string("cannot start a thread: ") + error.what());
  }
  return shared->wait(deadline);
}

Result<SocketAddresses> resolve(const std::string& host, std::uint16_t port, Deadline deadline) {
  int error = 0;
  SocketAddresses literal = ask_system(host, port, AI_NUMERICHOST, error);
  if (error == 0) return literal;
  return look_up_until([host, port] { return look_up(host, port); }, deadline);
}

}  // namespace rz::net
