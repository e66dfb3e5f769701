#include "rz/net/fiber.h"

#include <sys/mman.h>
#include <unistd.h>

#include <utility>

#include "rz/base/invariant.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RZ_ADDRESS_SANITIZER
#endif
#if __has_feature(thread_sanitizer)
#define RZ_THREAD_SANITIZER
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define RZ_ADDRESS_SANITIZER
#endif
#ifdef __SANITIZE_THREAD__
#define RZ_THREAD_SANITIZER
#endif
#ifdef RZ_ADDRESS_SANITIZER
#include <dlfcn.h>
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef RZ_THREAD_SANITIZER
#include <sanitizer/tsan_interface.h>
#endif

namespace rz::net {
namespace {

// Only what is touched takes memory. libcurl, OpenSSL and the loading of a module take up to 40 KiB
// of it, and a reader of JSON some more; the sanitizers need a multiple.
#if defined(RZ_ADDRESS_SANITIZER) || defined(RZ_THREAD_SANITIZER)
constexpr std::size_t kStackSize = 2 * 1024 * 1024;
#else
constexpr std::size_t kStackSize = 256 * 1024;
#endif

std::size_t page_size() {
  static const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return size;
}

// The fiber that is entered for the first time: makecontext() passes only numbers on.
thread_local Fiber* entering = nullptr;

void before_switch([[maybe_unused]] void** fake, [[maybe_unused]] const void* begin,
                   [[maybe_unused]] std::size_t size, [[maybe_unused]] void* tsan) {
#ifdef RZ_ADDRESS_SANITIZER
  ::__sanitizer_start_switch_fiber(fake, begin, size);
#endif
#ifdef RZ_THREAD_SANITIZER
  ::__tsan_switch_to_fiber(tsan, 0);
#endif
}

void after_switch([[maybe_unused]] void* fake, [[maybe_unused]] const void** begin,
                  [[maybe_unused]] std::size_t* size) {
#ifdef RZ_ADDRESS_SANITIZER
  ::__sanitizer_finish_switch_fiber(fake, begin, size);
#endif
}

int switch_context(ucontext_t* from, const ucontext_t* to) {
#ifdef RZ_ADDRESS_SANITIZER
  // The sanitizer's own function says on standard error that it knows nothing of fibers; but it is
  // told of them.
  static const auto switch_silently = reinterpret_cast<int (*)(ucontext_t*, const ucontext_t*)>(
      ::dlsym(::dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD), "swapcontext"));
  return switch_silently(from, to);
#else
  return ::swapcontext(from, to);
#endif
}

}  // namespace

FiberStack::FiberStack()
    : base_(::mmap(nullptr, page_size() + kStackSize, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0)) {
  if (base_ == MAP_FAILED) {
    base_ = nullptr;
  } else if (::mprotect(base_, page_size(), PROT_NONE) != 0) {
    ::munmap(std::exchange(base_, nullptr), page_size() + kStackSize);
  }
}

FiberStack::FiberStack(FiberStack&& other) noexcept : base_(std::exchange(other.base_, nullptr)) {}

FiberStack& FiberStack::operator=(FiberStack&& other) noexcept {
  std::swap(base_, other.base_);
  return *this;
}

FiberStack::~FiberStack() {
  if (base_ != nullptr) ::munmap(base_, page_size() + kStackSize);
}

char* FiberStack::begin() const { return static_cast<char*>(base_) + page_size(); }

std::size_t FiberStack::size() const { return kStackSize; }

Fiber::Fiber(FiberStack stack, std::function<void()> body)
    : stack_(std::move(stack)), body_(std::move(body)) {
#ifdef RZ_ADDRESS_SANITIZER
  // The first frames of a fiber that ended never returned.
  ::__asan_unpoison_memory_region(stack_.begin(), stack_.size());
#endif
  ::getcontext(&own_);
  own_.uc_stack.ss_sp = stack_.begin();
  own_.uc_stack.ss_size = stack_.size();
  own_.uc_link = nullptr;
  ::makecontext(&own_, &Fiber::enter, 0);
#ifdef RZ_THREAD_SANITIZER
  own_tsan_ = ::__tsan_create_fiber(0);
#endif
}

Fiber::~Fiber() {
  require_invariant(ended_, "a fiber was destroyed before it ended");
#ifdef RZ_THREAD_SANITIZER
  ::__tsan_destroy_fiber(own_tsan_);
#endif
}

void Fiber::enter() { std::exchange(entering, nullptr)->run(); }

void Fiber::run() {
  after_switch(nullptr, &outside_begin_, &outside_size_);
  body_();
  body_ = nullptr;
  ended_ = true;
  // Without a place to keep it, the sanitizer frees what it knows of this stack.
  before_switch(nullptr, outside_begin_, outside_size_, outside_tsan_);
  switch_context(&own_, &outside_);
}

void Fiber::resume() {
  entering = this;
#ifdef RZ_THREAD_SANITIZER
  outside_tsan_ = ::__tsan_get_current_fiber();
#endif
  before_switch(&outside_fake_, stack_.begin(), stack_.size(), own_tsan_);
  switch_context(&outside_, &own_);
  after_switch(outside_fake_, nullptr, nullptr);
  entering = nullptr;
}

void Fiber::leave() {
  before_switch(&own_fake_, outside_begin_, outside_size_, outside_tsan_);
  switch_context(&own_, &outside_);
  after_switch(own_fake_, &outside_begin_, &outside_size_);
}

}  // namespace rz::net
