#include "sim/disk.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <random>

// A process that was killed does nothing more, although it still unwinds. It dies where it waits:
// in calls that the C library declares as throwing; others would end the program.

namespace {

// Each thread runs a seed of its own.
thread_local rz::sim::Scheduler* scheduler = nullptr;

bool simulated() { return scheduler != nullptr && scheduler->running() != nullptr; }
bool is_dead() { return simulated() && scheduler->running()->dead; }

// A call that reaches the disk.
void take_time(bool may_die) {
  if (!simulated() || is_dead()) return;
  scheduler->pause(rz::Micros{scheduler->random.between(1, 40)}, may_die);
}

}  // namespace

namespace rz::sim {

SimulatedCalls::SimulatedCalls(Scheduler& of) { scheduler = &of; }
SimulatedCalls::~SimulatedCalls() { scheduler = nullptr; }

}  // namespace rz::sim

extern "C" {

ssize_t __real_write(int fd, const void* bytes, size_t count);
int __real_fsync(int fd);
int __real_fdatasync(int fd);
int __real_rename(const char* from, const char* to);
int __real_unlink(const char* path);
int __real_ftruncate(int fd, off_t size);
int __real_flock(int fd, int operation);
int __real_nanosleep(const timespec* wanted, timespec* left);

ssize_t __wrap_write(int fd, const void* bytes, size_t count) {
  if (!simulated() || fd < 3) return __real_write(fd, bytes, count);
  if (is_dead()) return static_cast<ssize_t>(count);
  take_time(true);
  rz::sim::Disk& disk = *scheduler->running()->disk;
  if (disk.full) {
    ++disk.injected;
    // What still fits in is written.
    if (count > 1 && scheduler->random.percent(50)) return __real_write(fd, bytes, count / 2);
    errno = ENOSPC;
    return -1;
  }
  if (count > 1 && scheduler->random.one_in(64)) count /= 2;
  return __real_write(fd, bytes, count);
}

int __wrap_fsync(int fd) {
  take_time(true);
  return is_dead() ? 0 : __real_fsync(fd);
}

int __wrap_fdatasync(int fd) {
  take_time(true);
  return is_dead() ? 0 : __real_fdatasync(fd);
}

int __wrap_rename(const char* from, const char* to) {
  return is_dead() ? 0 : __real_rename(from, to);
}

int __wrap_unlink(const char* path) { return is_dead() ? 0 : __real_unlink(path); }

int __wrap_ftruncate(int fd, off_t size) { return is_dead() ? 0 : __real_ftruncate(fd, size); }

int __wrap_nanosleep(const timespec* wanted, timespec* left) {
  if (!simulated()) return __real_nanosleep(wanted, left);
  scheduler->pause(rz::Micros{wanted->tv_sec * 1'000'000 + wanted->tv_nsec / 1'000}, true);
  return 0;
}

// std::chrono::steady_clock::now(), by which the spool waits for its lock. A time is one number, as
// C knows it.
std::int64_t __real__ZNSt6chrono3_V212steady_clock3nowEv();
std::int64_t __wrap__ZNSt6chrono3_V212steady_clock3nowEv() {
  if (!simulated()) return __real__ZNSt6chrono3_V212steady_clock3nowEv();
  return scheduler->uptime().count();
}

// std::random_device, from which tokens and the names of temporary files come. To make a real one
// asks the processor, which is slow in a virtual machine.
void __real__ZNSt13random_device7_M_initERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE(
    std::random_device* device, const std::string& name);
void __wrap__ZNSt13random_device7_M_initERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE(
    std::random_device* device, const std::string& name) {
  if (simulated()) return;
  __real__ZNSt13random_device7_M_initERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE(device,
                                                                                             name);
}

void __real__ZNSt13random_device7_M_finiEv(std::random_device* device);
void __wrap__ZNSt13random_device7_M_finiEv(std::random_device* device) {
  if (!simulated()) __real__ZNSt13random_device7_M_finiEv(device);
}

unsigned int __real__ZNSt13random_device9_M_getvalEv(std::random_device* device);
unsigned int __wrap__ZNSt13random_device9_M_getvalEv(std::random_device* device) {
  if (!simulated()) return __real__ZNSt13random_device9_M_getvalEv(device);
  return static_cast<unsigned int>(scheduler->random.next());
}

}  // extern "C"
