#include "rz/fallback/spool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <thread>

#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/storage/storage_url.h"

namespace rz {
namespace {

constexpr mode_t kOwnerOnly = 0600;

/// FNV-1a. The name only tells stores apart; `.known` says which store it is.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

tl::unexpected<Error> failed(const std::string& what, const std::string& path, int error) {
  return fail(ErrorCode::unavailable, what + ": " + errno_text(error), path);
}

tl::unexpected<Error> not_ours(const std::string& path) {
  return fail(ErrorCode::corrupt, "others can write to it; remove it, or mend owner and mode",
              path);
}

// Nobody else may have laid a file there, or a link to one, nor be able to write to it.
Result<UniqueFd> open_own(const std::string& path, int flags) {
  UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, kOwnerOnly));
  if (!fd && errno == ENOENT) return fail(ErrorCode::not_found, "is not there", path);
  if (!fd) return failed("cannot open", path, errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return failed("cannot open", path, errno);
  if (!S_ISREG(status.st_mode) || status.st_uid != ::geteuid() || (status.st_mode & 022) != 0) {
    return not_ours(path);
  }
  return fd;
}

Result<void> make_own_folder(const std::string& path) {
  if (auto made = make_folders(path, 0700); !made) return made;
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return failed("cannot use the folder", path, errno);
  if (status.st_uid != ::geteuid() || (status.st_mode & 022) != 0) return not_ours(path);
  return {};
}

/// The text of a file of our own; empty if there is none.
Result<std::string> read_own(const std::string& path) {
  const auto fd = open_own(path, O_RDONLY);
  if (!fd && fd.error().code == ErrorCode::not_found) return std::string();
  if (!fd) return fail(fd.error());
  std::string text;
  char part[16 * 1024];
  for (;;) {
    const ssize_t count = ::read(fd->get(), part, sizeof part);
    if (count == 0) return text;
    if (count < 0 && errno != EINTR) return failed("cannot read", path, errno);
    if (count > 0) text.append(part, static_cast<std::size_t>(count));
  }
}

/// Adds `text` to the file; all of it is on the disk, or none of it is in the file.
Result<void> append_own(const std::string& path, std::string_view text) {
  const auto fd = open_own(path, O_WRONLY | O_APPEND | O_CREAT);
  if (!fd) return fail(fd.error());
  const off_t size = ::lseek(fd->get(), 0, SEEK_END);
  auto written = write_all(fd->get(), text);
  if (written && ::fdatasync(fd->get()) != 0) {
    written = fail(ErrorCode::unavailable, errno_text(errno));
  }
  if (written && size == 0) written = sync_folder_of(path);
  if (written) return {};
  // A half-written line would be taken for damage.
  (void)!::ftruncate(fd->get(), size);
  return fail(ErrorCode::unavailable, "cannot write: " + written.error().message, path);
}

// A state and a record are kept as the store has them, so that one reader serves both.
Value to_value(const SpoolEntry& entry) {
  const auto kept = [](const std::string& json) { return *parse_json(json); };
  return Value::object(
      {{"before", kept(encode(entry.before))},
       {"after", kept(encode(entry.after))},
       {"transition", entry.transition ? kept(encode(*entry.transition)) : Value()}});
}

std::optional<SpoolEntry> decode_entry(std::string_view line) {
  const auto value = parse_json(line);
  if (!value || value->as_object() == nullptr) return std::nullopt;
  const auto state = [&](std::string_view name) -> std::optional<ModeState> {
    const Value* member = value->find(name);
    if (member == nullptr) return std::nullopt;
    auto decoded = decode_mode_state(to_json(*member));
    return decoded ? std::optional(std::move(*decoded)) : std::nullopt;
  };
  auto before = state("before");
  auto after = state("after");
  if (!before || !after || after->writer.empty()) return std::nullopt;
  SpoolEntry entry{std::move(*before), std::move(*after), std::nullopt};
  if (const Value* member = value->find("transition"); member && !member->is_null()) {
    auto transition = decode_transition(to_json(*member));
    if (!transition) return std::nullopt;
    entry.transition = std::move(*transition);
  }
  return entry;
}

}  // namespace

Spool::Spool(std::string folder, std::string store, Millis patience)
    : folder_(std::move(folder)),
      store_(std::move(store)),
      name_(fmt::format("{:016x}", hash_of(store_))),
      patience_(patience) {}

bool Spool::pending() const {
  struct stat status {};
  return ::lstat(path(".spool").c_str(), &status) == 0;
}

std::vector<std::string> Spool::other_stores() const {
  std::vector<std::string> stores;
  std::error_code error;
  std::filesystem::directory_iterator file(folder_, error);
  for (; !error && file != std::filesystem::directory_iterator(); file.increment(error)) {
    const std::filesystem::path path = file->path();
    if (path.extension() != ".spool" || path.stem() == name_) continue;
    const auto known = read_own(folder_ + "/" + path.stem().string() + ".known");
    const auto value = known ? parse_json(*known) : fail(known.error());
    const Value* store = value ? value->find("store") : nullptr;
    const bool named = store != nullptr && store->as_string() != nullptr;
    stores.push_back(named ? *store->as_string() : path.string());
  }
  std::sort(stores.begin(), stores.end());
  return stores;
}

std::string SpoolDamage::sentence() const {
  if (lines == 0) return {};
  return std::to_string(lines) + (lines == 1 ? " line" : " lines") +
         " of the spool cannot be read and " + (lines == 1 ? "is" : "are") + " now in " + path;
}

Result<UniqueFd> Spool::take_lock(const char* ending, Millis wait) const {
  if (auto made = make_own_folder(folder_); !made) return fail(std::move(made).error());
  auto fd = open_own(path(ending), O_RDWR | O_CREAT);
  if (!fd) return fd;
  const auto deadline = std::chrono::steady_clock::now() + wait;
  while (::flock(fd->get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return failed("cannot lock", path(ending), errno);
    if (std::chrono::steady_clock::now() >= deadline) {
      return fail(ErrorCode::timeout, "another rz has held it for too long", path(ending));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  return fd;
}

// It is replaced whole, so what cannot be read is damage to the disk; nothing is known then.
Result<Spool::Known> Spool::read_known() const {
  const auto text = read_own(path(".known"));
  if (!text) return fail(text.error());
  const auto value = parse_json(*text);
  const Value* state = value ? value->find("state") : nullptr;
  const Value* seen = value ? value->find("seen") : nullptr;
  if (state == nullptr || seen == nullptr || seen->as_string() == nullptr) return Known{};
  auto decoded = decode_mode_state(to_json(*state));
  const auto time = parse_timestamp(*seen->as_string());
  if (!decoded || !time) return Known{};
  return Known{std::move(*decoded), *time};
}

Result<void> Spool::remember(const ModeState& state, TimePoint seen) {
  const auto known = read_known();
  if (known && known->state == state) return {};
  auto lock = take_lock(".lock", Millis{0});
  if (!lock && lock.error().code == ErrorCode::timeout) return {};
  if (!lock) return fail(std::move(lock).error());
  Session session(*this, std::move(*lock));
  if (auto loaded = session.load(); !loaded) return loaded;
  return session.remember(state, seen);
}

Result<Spool::Session> Spool::open() {
  auto lock = take_lock(".lock", patience_);
  if (!lock) return fail(std::move(lock).error());
  Session session(*this, std::move(*lock));
  if (auto loaded = session.load(); !loaded) return fail(std::move(loaded).error());
  return session;
}

Result<void> Spool::Session::load() {
  auto known = spool_.read_known();
  if (!known) return fail(std::move(known).error());
  state_ = std::move(known->state);
  seen_ = known->seen;
  const auto text = read_own(spool_.path(".spool"));
  if (!text) return fail(text.error());
  std::vector<std::string_view> damaged;
  for (const std::string_view line : split(*text, '\n')) {
    if (line.empty()) continue;
    if (auto entry = decode_entry(line)) {
      entries_.push_back(std::move(*entry));
    } else {
      damaged.push_back(line);
    }
  }
  if (!entries_.empty()) state_ = entries_.back().after;
  // A last line without its end would swallow the next one.
  if (!damaged.empty() || (!text->empty() && text->back() != '\n')) return set_aside(damaged);
  return {};
}

Result<void> Spool::Session::set_aside(const std::vector<std::string_view>& lines) {
  damage_ = {lines.size(), spool_.path(".damaged")};
  for (const std::string_view line : lines) {
    if (auto kept = append_own(damage_.path, std::string(line) + "\n"); !kept) return kept;
  }
  return write_entries();
}

std::size_t Spool::Session::transitions() const {
  return static_cast<std::size_t>(
      std::count_if(entries_.begin(), entries_.end(),
                    [](const SpoolEntry& entry) { return entry.transition.has_value(); }));
}

Result<void> Spool::Session::append(SpoolEntry entry) {
  const std::string path = spool_.path(".spool");
  if (auto added = append_own(path, to_json(to_value(entry)) + "\n"); !added) return added;
  state_ = entry.after;
  entries_.push_back(std::move(entry));
  return {};
}

Result<void> Spool::Session::drop_front(std::size_t count, const ModeState& known, TimePoint seen) {
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(count));
  if (entries_.empty()) {
    if (auto kept = write_known(known, seen); !kept) return kept;
  }
  return write_entries();
}

Result<void> Spool::Session::write_entries() const {
  const std::string path = spool_.path(".spool");
  if (entries_.empty()) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return failed("cannot remove", path, errno);
    return sync_folder_of(path);
  }
  std::string rest;
  for (const SpoolEntry& entry : entries_) rest += to_json(to_value(entry)) + "\n";
  return write_file(path, rest, kOwnerOnly);
}

Result<void> Spool::Session::remember(const ModeState& state, TimePoint seen) {
  if (!entries_.empty() || state_ == state) return {};
  // A process that was held up between reading and this must not turn the time back. A lower epoch
  // that was read later is that of a store that was made anew.
  if (state_ && state.epoch <= state_->epoch && seen_ && seen < *seen_) return {};
  return write_known(state, seen);
}

Result<void> Spool::Session::write_known(const ModeState& state, TimePoint seen) {
  const Value known = Value::object({{"store", spool_.store_},
                                     {"seen", format_timestamp(seen)},
                                     {"state", *parse_json(encode(state))}});
  if (auto kept = write_file(spool_.path(".known"), to_json(known) + "\n", kOwnerOnly); !kept) {
    return kept;
  }
  state_ = state;
  seen_ = seen;
  return {};
}

Result<std::string> default_spool_folder() {
  const auto folder = default_state_folder();
  if (!folder) return fail(folder.error());
  return *folder + "/spool";
}

}  // namespace rz
