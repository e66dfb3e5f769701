#include "rz/net/resolver.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "rz/base/counted.h"
#include "rz/base/file.h"
#include "rz/base/text.h"
#include "rz/base/waiter.h"

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

Result<SocketAddresses> look_up(const std::string& host) {
  int error = 0;
  SocketAddresses addresses = ask_system(host, 0, AI_ADDRCONFIG, error);
  // AI_ADDRCONFIG hides the loopback addresses of a machine that has no others.
  const bool hidden = error == EAI_NONAME || error == EAI_ADDRFAMILY;
  if (hidden) addresses = ask_system(host, 0, 0, error);
  if (error == 0) return addresses;
  return fail(Error{ErrorCode::unavailable,
                    "cannot find the host '" + printable(host) + "': " + ::gai_strerror(error),
                    {},
                    !is_answer(error)});
}

// One look-up. Callers that ask for the same name at the same time share it.
struct LookUp {
  std::string host;  ///< Empty: not shared.
  LookUpName ask;
  UniqueFd answered;     ///< Readable once `answer` is there: what a Waiter can wait for.
  std::size_t callers;   ///< How many wait for it. Guarded by the pool's mutex, as are the next.
  bool started = false;  ///< A thread has taken it.
  std::optional<Result<SocketAddresses>> answer{};
};

/// The threads that look up names: as many as there are look-ups, up to kMaxLookUpThreads; what
/// comes beyond that waits for one of them. A thread ends when nothing is left to look up.
class LookUpPool {
 public:
  // Never destroyed: its threads may outlive the callers, up to the end of the process.
  static LookUpPool& instance() {
    static LookUpPool& pool = *new LookUpPool;
    return pool;
  }

  Result<SocketAddresses> ask(const std::string& host, LookUpName look_up, Deadline deadline) {
    auto begun = begin(host, std::move(look_up));
    if (!begun) return fail(std::move(begun).error());
    const std::shared_ptr<LookUp> mine = *std::move(begun);
    pollfd entry{mine->answered.get(), POLLIN, 0};
    current_waiter().wait({&entry, 1}, deadline);
    const std::lock_guard lock(mutex_);
    --mine->callers;
    if (mine->answer) return *mine->answer;
    std::string why = "no answer in time from the name service";
    if (!mine->started && threads_ == kMaxLookUpThreads) {
      why += ", which owes " + counted(threads_, "other answer");
    }
    if (mine->callers == 0) forget(*mine);
    return fail_own_side(ErrorCode::timeout, std::move(why));
  }

 private:
  Result<std::shared_ptr<LookUp>> begin(const std::string& host, LookUpName look_up) {
    const std::lock_guard lock(mutex_);
    if (const auto shared = shared_.find(host); shared != shared_.end()) {
      ++shared->second->callers;
      return shared->second;
    }
    UniqueFd answered(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!answered) return fail_own_side(ErrorCode::unavailable, errno_text(errno));
    const auto made =
        std::make_shared<LookUp>(LookUp{host, std::move(look_up), std::move(answered), 1});
    if (threads_ < kMaxLookUpThreads) {
      try {
        std::thread([this] { work(); }).detach();
        ++threads_;
      } catch (const std::system_error& error) {
        // Those that run take it over; without any, nobody would.
        if (threads_ == 0) {
          return fail_own_side(ErrorCode::unavailable,
                               std::string("cannot start a thread: ") + error.what());
        }
      }
    }
    waiting_.push_back(made);
    if (!host.empty()) shared_[host] = made;
    return made;
  }

  void work() {
    std::unique_lock lock(mutex_);
    while (!waiting_.empty()) {
      const std::shared_ptr<LookUp> next = std::move(waiting_.front());
      waiting_.pop_front();
      next->started = true;
      lock.unlock();
      Result<SocketAddresses> answer = next->ask();
      lock.lock();
      next->answer = std::move(answer);
      if (!next->host.empty()) shared_.erase(next->host);
      const std::uint64_t one = 1;
      // Cannot fail: the counter of an eventfd takes far more than this.
      (void)!::write(next->answered.get(), &one, sizeof one);
    }
    --threads_;
  }

  // Nobody waits for it any more. One that a thread is at stays: who asks for the name shares it
  // instead of taking another thread.
  void forget(const LookUp& one) {
    if (one.started) return;
    std::erase_if(waiting_, [&](const auto& entry) { return entry.get() == &one; });
    if (!one.host.empty()) shared_.erase(one.host);
  }

  std::mutex mutex_;  ///< Guards what follows. Held while nobody waits.
  std::deque<std::shared_ptr<LookUp>> waiting_;
  std::map<std::string, std::shared_ptr<LookUp>> shared_;
  std::size_t threads_ = 0;
};

// The port does not take part in the look-up, so that all ports of a host share one.
void set_port(SocketAddress& address, std::uint16_t port) {
  if (address.storage.ss_family == AF_INET) {
    reinterpret_cast<sockaddr_in&>(address.storage).sin_port = htons(port);
  } else if (address.storage.ss_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6&>(address.storage).sin6_port = htons(port);
  }
}

}  // namespace

Result<SocketAddresses> look_up_until(const std::string& host, LookUpName look_up,
                                      Deadline deadline) {
  if (std::chrono::steady_clock::now() >= deadline) {
    return fail_own_side(ErrorCode::timeout, "no time is left to look the host up");
  }
  return LookUpPool::instance().ask(host, std::move(look_up), deadline);
}

bool is_literal_address(const std::string& host) {
  int error = 0;
  ask_system(host, 0, AI_NUMERICHOST, error);
  return error == 0;
}

Result<SocketAddresses> resolve(const std::string& host, std::uint16_t port, Deadline deadline) {
  int error = 0;
  SocketAddresses literal = ask_system(host, port, AI_NUMERICHOST, error);
  if (error == 0) return literal;
  auto found = look_up_until(
      host, [host] { return look_up(host); }, deadline);
  if (!found) return found;
  for (SocketAddress& address : *found) set_port(address, port);
  return found;
}

}  // namespace rz::net
