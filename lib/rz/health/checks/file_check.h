#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "rz/health/check_type.h"

namespace rz::health {

/// `type: file`: a file that must be there, or must not, and what it must be like.
struct FileCheckOptions : CheckOptions {
  static constexpr std::string_view kType = "file";

  std::string path;
  bool exists = true;
  std::optional<Millis> min_age;  ///< Since its content was last changed.
  std::optional<Millis> max_age;
  std::optional<std::uint64_t> min_size;
  std::optional<std::uint64_t> max_size;
  std::optional<mode_t> mode;  ///< The permissions.
  std::string owner;           ///< A name or number; empty: any.
  std::string group;
  std::string contains;  ///< Must be in the content.
  std::string lacks;     ///< Must not be in the content.
  std::string sha256;    ///< Of the content, lower-case hexadecimal.
};

void visit_fields(FieldVisitor& fields, FileCheckOptions& options);

/// Unhealthy if the file is not as expected, and the message has all that differs; unknown if it
/// cannot be looked at, or its content cannot be read. A symbolic link is followed. What `contains`
/// and `lacks` look for may be a secret and is never shown. Metadata: path, exists, size_bytes,
/// age_seconds, mode, owner, group.
std::shared_ptr<HealthCheck> make_file_check(FileCheckOptions options,
                                             Clock& clock = SystemClock::instance());
std::shared_ptr<HealthCheck> make_health_check(const FileCheckOptions& options,
                                               const CheckDependencies& dependencies);

}  // namespace rz::health
