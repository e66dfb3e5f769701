// The first instructions of rz, ahead of the C library's own.
//
// rz stands before every command, and all it does is to start another program. Setting up the C
// library costs more than that: it asks for the processor's features dozens of times, each a trap
// under a hypervisor. So the entry point of the program is here, and a plain `rz COMMAND` goes on
// to libexec/rz/rz-COMMAND at once. Whatever is not that simple (help, an unknown name, a program
// that cannot be started) is left to main(), which does all of it again, with words.
//
// Nothing is set up when this runs: no thread-local storage, no stack protector, no functions of
// the C library that are chosen at start (strlen, memcpy). Linux on x86-64 alone; elsewhere the
// file is left out of the build and main() does the work.

#include <sys/syscall.h>

namespace {

constexpr long kPathSize = 4096;
constexpr long kMaxName = 32;

long system_call(long number, const void* first, const void* second, long third) {
  long result;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(first), "S"(second), "d"(third)
               : "rcx", "r11", "memory");
  return result;
}

/// `text` without its end to `out`; returns where it stopped.
char* append(char* out, const char* text) {
  while (*text) *out++ = *text++;
  return out;
}

bool is_plain_name(const char* text) {
  long length = 0;
  for (; text[length]; ++length) {
    if (text[length] < 'a' || text[length] > 'z' || length == kMaxName) return false;
  }
  return length > 0;
}

}  // namespace

/// `stack`: what the kernel left there: argc, argv, a null, the environment, a null. Comes back if
/// the command was not started.
extern "C" [[gnu::used]] void rz_start_command(char** stack) {
  const long argc = reinterpret_cast<long>(stack[0]);
  char** argv = stack + 1;
  char** environment = argv + argc + 1;
  if (argc < 2 || !is_plain_name(argv[1])) return;

  constexpr char kFolder[] = "/../libexec/rz/rz-";
  char path[kPathSize + sizeof kFolder + kMaxName];
  long length = system_call(SYS_readlink, "/proc/self/exe", path, kPathSize);
  if (length <= 0 || length >= kPathSize) return;
  while (length > 0 && path[length - 1] != '/') --length;
  if (length == 0) return;
  *append(append(path + length - 1, kFolder), argv[1]) = '\0';
  system_call(SYS_execve, path, argv + 1, reinterpret_cast<long>(environment));
}

// _start gets the stack and the registers as the kernel left them.
asm(R"(
  .text
  .globl rz_start
  .type rz_start, @function
rz_start:
  xor %ebp, %ebp
  mov %rsp, %rbx
  mov %rsp, %rdi
  and $-16, %rsp
  call rz_start_command
  mov %rbx, %rsp
  xor %edx, %edx
  jmp _start
  .size rz_start, . - rz_start
)");
