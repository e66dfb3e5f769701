#include "rz/health/checks/file_check.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "rz/base/duration.h"
#include "rz/base/file.h"
#include "rz/base/sha256.h"
#include "rz/base/text.h"
#include "rz/health/checks/basic_check.h"
#include "rz/health/judging/findings.h"
#include "rz/health/judging/measured_limits.h"

namespace rz::health {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr Range<Millis> kAgeRange = {Millis{0}, std::chrono::hours{24 * 36'500}};

// A number stands for an owner without a name.
std::string user_name(uid_t uid) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(16 * 1024);
  ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
  return found ? found->pw_name : std::to_string(uid);
}

std::string group_name(gid_t gid) {
  ::group entry{};
  ::group* found = nullptr;
  std::vector<char> buffer(64 * 1024);
  ::getgrgid_r(gid, &entry, buffer.data(), buffer.size(), &found);
  return found ? found->gr_name : std::to_string(gid);
}

/// What the content is searched for, chunk by chunk.
class ContentSearch {
 public:
  explicit ContentSearch(const FileCheckOptions& options) : options_(options) {}

  void update(std::string_view chunk) {
    if (!options_.sha256.empty()) sha_.update(chunk);
    const std::size_t longest = std::max(options_.contains.size(), options_.lacks.size());
    if (longest == 0) return;
    window_.append(chunk);
    contains_ = contains_ || window_.find(options_.contains) != std::string::npos;
    lacks_ =
        lacks_ && (options_.lacks.empty() || window_.find(options_.lacks) == std::string::npos);
    // A text may have begun in this chunk and end in the next.
    if (window_.size() >= longest) window_.erase(0, window_.size() - (longest - 1));
  }

  void judge(Findings& findings) {
    if (!options_.contains.empty() && !contains_) {
      findings.add(HealthStatus::unhealthy, "the text of 'contains' is not in it");
    }
    if (!lacks_) findings.add(HealthStatus::unhealthy, "the text of 'lacks' is in it");
    if (options_.sha256.empty()) return;
    const std::string digest = sha_.finish();
    if (digest == options_.sha256) return;
    findings.add(HealthStatus::unhealthy, "SHA-256 is " + digest + ", expected " + options_.sha256);
  }

 private:
  const FileCheckOptions& options_;
  Sha256 sha_;
  std::string window_;
  bool contains_ = false;
  bool lacks_ = true;
};

class FileCheck final : public BasicCheck {
 public:
  FileCheck(FileCheckOptions options, Clock& clock)
      : BasicCheck(FileCheckOptions::kType, options), options_(std::move(options)), clock_(clock) {}

  CheckResult check() override {
    const SteadyTime end = std::chrono::steady_clock::now() + timeout();
    Value metadata = Value::object({{"path", options_.path}});
    struct stat status {};
    if (::stat(options_.path.c_str(), &status) != 0) return absent(errno, std::move(metadata));
    describe(status, metadata);
    if (!options_.exists) {
      return answer(HealthStatus::unhealthy, shown_path() + ": exists, expected that it does not",
                    std::move(metadata));
    }
    Findings findings;
    judge_status(status, findings);
    if (needs_content()) {
      const auto judged = judge_content(findings, end);
      if (!judged) return failed(judged.error(), std::move(metadata));
    }
    const auto size = static_cast<std::uint64_t>(status.st_size);
    const Micros age = age_of(status);
    const std::string changed =
        age < Micros{0} ? humanize_duration(-age) + " from now" : humanize_duration(age) + " ago";
    const std::string facts = humanize_size(size) + ", changed " + changed;
    return answer(findings.status(), shown_path() + ": " + findings.before(facts),
                  std::move(metadata));
  }

 private:
  std::string shown_path() const { return printable(options_.path); }

  CheckResult absent(int error, Value metadata) const {
    // A missing folder answers as well: the file is not there.
    if (error != ENOENT && error != ENOTDIR) {
      const Error failure{ErrorCode::unavailable, errno_text(error), shown_path(),
                          error != EIO && error != ESTALE};
      return failed(failure, std::move(metadata));
    }
    metadata.set("exists", false);
    if (!options_.exists) {
      return answer(HealthStatus::healthy, shown_path() + ": is not there", std::move(metadata));
    }
    return answer(HealthStatus::unhealthy, shown_path() + ": " + errno_text(error),
                  std::move(metadata));
  }

  Micros age_of(const struct stat& status) const {
    const auto changed = std::chrono::seconds{status.st_mtim.tv_sec} +
                         std::chrono::nanoseconds{status.st_mtim.tv_nsec};
    return clock_.now().time_since_epoch() - std::chrono::duration_cast<Micros>(changed);
  }

  void describe(const struct stat& status, Value& metadata) const {
    metadata.set("exists", true);
    metadata.set("size_bytes", static_cast<std::int64_t>(status.st_size));
    metadata.set("age_seconds", std::chrono::duration<double>(age_of(status)).count());
    if (options_.exists) {
      set_range(metadata, "size_bytes", "critical", limit_as_number(options_.min_size),
                limit_as_number(options_.max_size));
      set_range(metadata, "age_seconds", "critical", limit_in_seconds(options_.min_age),
                limit_in_seconds(options_.max_age));
    }
    metadata.set("mode", fmt::format("{:04o}", status.st_mode & 07777));
    metadata.set("owner", user_name(status.st_uid));
    metadata.set("group", group_name(status.st_gid));
  }

  void judge_status(const struct stat& status, Findings& findings) const {
    const auto wrong = [&](const std::string& what) {
      findings.add(HealthStatus::unhealthy, what);
    };
    const Micros age = age_of(status);
    // A time from the future satisfies nothing.
    if (const bool asked = options_.min_age || options_.max_age; asked && age < Micros{0}) {
      findings.add(HealthStatus::degraded, "expected a time of the past; is a clock wrong?");
    }
    if (options_.min_age && age < *options_.min_age) {
      wrong("changed " + humanize_duration(age) + " ago, expected at least " +
            format_duration(*options_.min_age) + " ago");
    }
    if (options_.max_age && age > *options_.max_age) {
      wrong("changed " + humanize_duration(age) + " ago, expected at most " +
            format_duration(*options_.max_age) + " ago");
    }
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (options_.min_size && size < *options_.min_size) {
      wrong(fmt::format("{} bytes, expected at least {}", size, *options_.min_size));
    }
    if (options_.max_size && size > *options_.max_size) {
      wrong(fmt::format("{} bytes, expected at most {}", size, *options_.max_size));
    }
    if (const mode_t mode = status.st_mode & 07777; options_.mode && mode != *options_.mode) {
      wrong(fmt::format("mode {:04o}, expected {:04o}", mode, *options_.mode));
    }
    const auto judge_name = [&](const char* what, const std::string& name, unsigned number,
                                const std::string& expected) {
      if (expected.empty() || expected == name || expected == std::to_string(number)) return;
      wrong(std::string(what) + " " + printable(name) + ", expected " + printable(expected));
    };
    judge_name("owner", user_name(status.st_uid), status.st_uid, options_.owner);
    judge_name("group", group_name(status.st_gid), status.st_gid, options_.group);
  }

  bool needs_content() const {
    return !options_.contains.empty() || !options_.lacks.empty() || !options_.sha256.empty();
  }

  // A file that cannot be read, or not in time, was not looked at: that is no fault of it.
  Result<void> judge_content(Findings& findings, SteadyTime end) const {
    const auto failure = [&](ErrorCode code, std::string message) {
      return fail_own_side(code, "the content was not read: " + std::move(message), shown_path());
    };
    // A FIFO without a writer would hold up open().
    const UniqueFd fd(::open(options_.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!fd) return failure(ErrorCode::unavailable, errno_text(errno));
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
      return failure(ErrorCode::invalid_argument, "it is not a regular file");
    }
    ContentSearch search(options_);
    std::vector<char> buffer(256 * 1024);
    while (true) {
      const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return failure(ErrorCode::unavailable, errno_text(errno));
      if (n == 0) break;
      search.update({buffer.data(), static_cast<std::size_t>(n)});
      if (std::chrono::steady_clock::now() > end) {
        return failure(ErrorCode::timeout,
                       "it takes longer than " + format_duration(options_.timeout));
      }
    }
    search.judge(findings);
    return {};
  }

  FileCheckOptions options_;
  Clock& clock_;
};

bool is_digest(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

void visit_mode(FieldVisitor& fields, std::optional<mode_t>& mode) {
  std::string text = mode ? fmt::format("{:04o}", *mode) : "";
  const bool given =
      fields.text({"mode", "The permissions, in octal, in quotes; empty: any.", "\"0640\""}, text);
  if (!given || text.empty()) return;
  if (text.size() > 5 || text.find_first_not_of("01234567") != std::string::npos) {
    return fields.value_error("mode", "is not a mode; write it in octal, like \"0640\"",
                              "is not a mode");
  }
  mode = static_cast<mode_t>(std::stoul(text, nullptr, 8));
}

void visit_digest(FieldVisitor& fields, std::string& digest) {
  if (!fields.text({"sha256", "The SHA-256 of the content, in hexadecimal; empty: any.",
                    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
                   digest)) {
    return;
  }
  digest = to_lower(digest);
  if (digest.empty() || is_digest(digest)) return;
  fields.value_error("sha256", "is not a SHA-256; expected 64 hexadecimal digits",
                     "is not a SHA-256");
}

void refuse_impossible(FieldVisitor& fields, const FileCheckOptions& options) {
  if (options.min_age && options.max_age && *options.min_age > *options.max_age) {
    fields.error("min_age", "is above 'max_age', so no file could have it");
  }
  if (options.min_size && options.max_size && *options.min_size > *options.max_size) {
    fields.error("min_size", "is above 'max_size', so no file could have it");
  }
  if (options.exists) return;
  const std::pair<const char*, bool> asked[] = {
      {"min_age", options.min_age.has_value()},   {"max_age", options.max_age.has_value()},
      {"min_size", options.min_size.has_value()}, {"max_size", options.max_size.has_value()},
      {"mode", options.mode.has_value()},         {"owner", !options.owner.empty()},
      {"group", !options.group.empty()},          {"contains", !options.contains.empty()},
      {"lacks", !options.lacks.empty()},          {"sha256", !options.sha256.empty()}};
  for (const auto& [key, given] : asked) {
    if (given) return fields.error(key, "asks for something of a file that must not exist");
  }
}

}  // namespace

void visit_fields(FieldVisitor& fields, FileCheckOptions& options) {
  fields.path({.key = "path",
               .sentence = "The file; a symbolic link is followed.",
               .example = "/var/backups/db.dump",
               .needed_by = "a file check"},
              options.path);
  fields.boolean({"exists", "Whether it must be there; false: it must not."}, options.exists);
  fields.duration({"min_age", "How long ago it must have been changed.", "1m"}, options.min_age,
                  kAgeRange);
  fields.duration({"max_age", "How long ago it may have been changed.", "26h"}, options.max_age,
                  kAgeRange);
  fields.size({"min_size", "How large it must be.", "1KiB"}, options.min_size);
  fields.size({"max_size", "How large it may be.", "10GiB"}, options.max_size);
  visit_mode(fields, options.mode);
  fields.text({"owner", "The user whom it belongs to, by name or number; empty: any.", "postgres"},
              options.owner);
  fields.text({"group", "Its group, by name or number; empty: any.", "postgres"}, options.group);
  fields.text({"contains", "A text that must be in it; empty: none.", "dump complete"},
              options.contains);
  fields.text({"lacks", "A text that must not be in it; empty: none.", "ERROR"}, options.lacks);
  visit_digest(fields, options.sha256);
  refuse_impossible(fields, options);
}

std::shared_ptr<HealthCheck> make_file_check(FileCheckOptions options, Clock& clock) {
  return std::make_shared<FileCheck>(std::move(options), clock);
}

std::shared_ptr<HealthCheck> make_health_check(const FileCheckOptions& options,
                                               const CheckDependencies& dependencies) {
  return make_file_check(options, dependencies.clock);
}

}  // namespace rz::health
