#pragma once

#include <ucontext.h>

#include <cstddef>
#include <functional>

namespace rz::net {

/// The memory that a fiber's calls use, with a page below it that must not be touched: a call that
/// goes too deep ends the process instead of damaging another fiber.
class FiberStack {
 public:
  FiberStack();
  FiberStack(FiberStack&& other) noexcept;
  FiberStack& operator=(FiberStack&& other) noexcept;
  ~FiberStack();

  /// Whether there was memory for it.
  explicit operator bool() const { return base_ != nullptr; }
  char* begin() const;
  std::size_t size() const;

 private:
  void* base_;
};

/// A function that can be left in the middle and gone on with later, on the thread that made it.
/// The sanitizers are told of each change of stacks.
class Fiber {
 public:
  Fiber(FiberStack stack, std::function<void()> body);
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Runs it until it calls leave() or ends. From its thread, outside of any fiber.
  void resume();
  /// Back to resume(). From within it.
  void leave();
  bool ended() const { return ended_; }
  /// Of one that has ended, for the next one.
  FiberStack take_stack() { return std::move(stack_); }

 private:
  static void enter();
  void run();

  FiberStack stack_;
  std::function<void()> body_;
  ucontext_t own_{};
  ucontext_t outside_{};
  bool ended_ = false;
  // What the sanitizers know of the two stacks.
  void* own_fake_ = nullptr;
  void* outside_fake_ = nullptr;
  const void* outside_begin_ = nullptr;
  std::size_t outside_size_ = 0;
  void* own_tsan_ = nullptr;
  void* outside_tsan_ = nullptr;
};

}  // namespace rz::net
