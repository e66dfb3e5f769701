#pragma once

#include <sys/resource.h>

#include <cerrno>

#include "rz/base/file.h"

namespace rz::test {

/// While it lives no descriptor can be opened in this process.
class NoDescriptors {
 public:
  NoDescriptors() {
    // The sanitizer looks at an object of a new type through a pipe, and needs descriptors for it.
    (void)errno_text(EMFILE);
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit none{0, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

}  // namespace rz::test
