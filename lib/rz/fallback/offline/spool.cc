#include "rz/fallback/offline/spool.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "rz/base/counted.h"
#include "rz/base/file.h"
#include "rz/base/invariant.h"
#include "rz/base/json.h"
#include "rz/base/json_members.h"
#include "rz/base/random_token.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/fallback/offline/own_file.h"
#include "rz/fallback/offline/store_memory.h"
#include "rz/storage/storage_url.h"

namespace rz::fallback {
namespace {

/// How far the stored time of "last seen" may be behind while the state stays the same, so that not
/// every read of the store writes the file.
constexpr Millis kSeenLagMax{std::chrono::seconds{30}};

std::size_t count_lines(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

// Whether what is kept says the same of `seen`, but for a moment. How far the clock is ahead may
// not have been asked this time.
bool is_fresh(const SpoolView& view, const HostTime& seen) {
  if (!view.seen || view.seen->now > seen.now) return false;
  const bool same_clock = seen.ahead == Micros{} || seen.ahead == view.seen->ahead;
  return same_clock && seen.now - view.seen->now < kSeenLagMax;
}

// Whether what is kept beside the state says the same.
bool has_notes(const SpoolView& view, const std::optional<HostNotes>& notes) {
  return !notes || view.notes.is_as_good_as(*notes);
}

/// A state that was seen in the store, as a file keeps it.
struct Seen {
  ModeState state;
  HostTime at;
  HostNotes notes{};
};

std::optional<Seen> decode_seen(const std::string& text) {
  const auto value = parse_json(text);
  const Value* state = value ? value->find("state") : nullptr;
  const Value* seen = value ? value->find("seen") : nullptr;
  if (state == nullptr || seen == nullptr || seen->as_string() == nullptr) return std::nullopt;
  auto decoded = mode_state_from(*state);
  const auto time = parse_timestamp(*seen->as_string());
  if (!decoded || !time) return std::nullopt;
  Seen result{std::move(*decoded), HostTime(*time)};
  result.at.uptime = uptime_of(*value);
  result.at.ahead = Micros{integer_or(*value, "ahead_us")};
  result.notes = host_notes_of(*value);
  return result;
}

void take(SpoolView& view, Seen seen) {
  view.known = std::move(seen.state);
  view.seen = std::move(seen.at);
  view.notes = std::move(seen.notes);
}

}  // namespace

std::string SpoolDamage::sentence() const {
  std::string text;
  if (lines > 0) {
    text = counted(lines, "line") + " of the spool cannot be read, in " + path +
           ": a decision of an outage may be lost; " +
           // The spool itself must not be removed: its other lines are decisions that wait.
           (path.ends_with(".damaged") ? "look at it, then remove the file"
                                       : "the next decision sets it aside");
  }
  if (known) {
    if (!text.empty()) text += "; ";
    text += "what this host knew last of the store cannot be read";
  }
  return text;
}

std::optional<ModeState> SpoolView::state() const {
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    if (!entry->attempt) return entry->after;
  }
  return known;
}

std::size_t SpoolView::transitions() const {
  return static_cast<std::size_t>(
      std::count_if(entries.begin(), entries.end(), [](const SpoolEntry& entry) {
        return !entry.attempt && entry.transition && entry.transition->changes_mode();
      }));
}

std::size_t SpoolView::orders() const {
  return static_cast<std::size_t>(
      std::count_if(entries.begin(), entries.end(), [](const SpoolEntry& entry) {
        return !entry.attempt && entry.transition && !entry.transition->changes_mode() &&
               entry.transition->trigger != trigger::kPinExpired;
      }));
}

Spool::Spool(std::string folder, std::string store, Millis patience)
    : folder_(std::move(folder)),
      store_(std::move(store)),
      name_(short_name(store_)),
      calls_(folder_, name_),
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

// The file is replaced whole, so what cannot be read is damage to the disk.
Result<void> Spool::read_known(SpoolView& view) const {
  auto text = find_own(path(".known"));
  if (text && !*text) {
    text = find_own(path(".outdated"));
    view.outdated = text && *text;
  }
  if (!text) return fail(text.error());
  if (!*text) return read_later(view);
  if (auto seen = decode_seen(**text)) {
    take(view, *std::move(seen));
  } else {
    view.damage.known = true;
  }
  return read_later(view);
}

// What was seen while another process had the lock counts if it is the later one.
Result<void> Spool::read_later(SpoolView& view) const {
  const auto text = find_own(path(".later"));
  if (!text) return fail(text.error());
  if (!*text) return {};
  auto seen = decode_seen(**text);
  if (!seen) {
    view.damage.known = true;
    return {};
  }
  const bool later = !view.known || has_lost(*view.known, seen->state);
  if (!later) return {};
  take(view, *std::move(seen));
  view.outdated = false;
  return {};
}

// Returns the lines that cannot be read. `whole`: nobody is adding to the file now; otherwise a
// last line without its end is still being written.
Result<Spool::DamagedLines> Spool::read_entries(SpoolView& view, bool whole) const {
  const auto text = find_own(path(".spool"));
  if (!text) return fail(text.error());
  DamagedLines damaged;
  // The file is removed with its last entry, so an empty one has lost what was in it.
  if (*text && (*text)->empty()) damaged.lines.emplace_back();
  std::string_view rest = *text ? std::string_view(**text) : std::string_view();
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    const bool ended = end != std::string_view::npos;
    rest.remove_prefix(ended ? end + 1 : rest.size());
    if (line.empty() || (!ended && !whole)) continue;
    damaged.unterminated = !ended;
    if (auto entry = decode_spool_entry(line)) {
      view.entries.push_back(std::move(*entry));
    } else {
      damaged.lines.emplace_back(line);
    }
  }
  const auto set_aside = read_own(path(".damaged"));
  if (!set_aside) return fail(set_aside.error());
  view.damage.lines = count_lines(*set_aside) + damaged.lines.size();
  view.damage.path = path(damaged.lines.empty() ? ".damaged" : ".spool");
  return damaged;
}

Result<SpoolView> Spool::peek() const {
  SpoolView view;
  if (auto read = read_known(view); !read) return fail(std::move(read).error());
  if (auto read = read_entries(view, false); !read) return fail(std::move(read).error());
  return view;
}

Result<SpoolView> Spool::peek_known() const {
  SpoolView view;
  if (auto read = read_known(view); !read) return fail(std::move(read).error());
  const auto set_aside = read_own(path(".damaged"));
  if (!set_aside) return fail(set_aside.error());
  view.damage.lines = count_lines(*set_aside);
  view.damage.path = path(".damaged");
  return view;
}

Result<void> Spool::remember(const ModeState& state, const HostTime& seen, Millis wait,
                             const std::optional<HostNotes>& notes) {
  SpoolView view;
  const auto read = read_known(view);
  if (read && !view.outdated && view.known == state && is_fresh(view, seen) &&
      has_notes(view, notes)) {
    return {};
  }
  auto lock = lock_own(path(".lock"), wait);
  if (!lock && lock.error().code == ErrorCode::timeout) return remember_later(state, seen, notes);
  if (!lock) return fail(std::move(lock).error());
  Session session(*this, std::move(*lock));
  if (auto loaded = session.load(); !loaded) return loaded;
  return session.remember(state, seen, notes);
}

// Who has the lock may hang, and what is not kept here would be forgotten in an outage. The file is
// replaced whole, and is read by whoever reads the other, so that it need not be removed.
Result<void> Spool::remember_later(const ModeState& state, const HostTime& seen,
                                   const std::optional<HostNotes>& notes) {
  SpoolView view;
  if (auto read = read_known(view); !read) return read;
  if (view.known && (view.known == state || has_lost(state, *view.known))) return {};
  const std::string text = known_text(state, seen, notes.value_or(view.notes));
  auto kept = write_file(path(".later"), text, kOwnerOnly);
  if (!kept) mark_outdated();
  return kept;
}

// A full disk has no room for the state, but a file can still be renamed. Under its old name, the
// older state would count as the current one in an outage.
void Spool::mark_outdated() { (void)::rename(path(".known").c_str(), path(".outdated").c_str()); }

std::string Spool::known_text(const ModeState& state, const HostTime& seen,
                              const HostNotes& notes) const {
  Value known = Value::object(
      {{"store", store_}, {"seen", format_timestamp(seen.now)}, {"state", to_stored(state)}});
  add_members(known, seen.uptime);
  if (seen.ahead != Micros{}) known.set("ahead_us", static_cast<std::int64_t>(seen.ahead.count()));
  add_members(known, notes);
  return to_json(known) + "\n";
}

Result<void> Spool::check_writable() const {
  if (::faccessat(AT_FDCWD, folder_.c_str(), W_OK, AT_EACCESS) != 0) {
    if (errno == ENOENT) return {};
    return fail(ErrorCode::unavailable, "cannot write: " + errno_text(errno), folder_);
  }
  // A full disk has rights and no room.
  const std::string probe = path(".room.") + random_token();
  const UniqueFd file(::open(probe.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) return fail(ErrorCode::unavailable, "cannot write: " + errno_text(errno), folder_);
  constexpr std::size_t kRoom = 4096;
  auto written = write_all(file.get(), std::string(kRoom, ' '));
  (void)::unlink(probe.c_str());
  if (written) return {};
  return fail(written.error().code, written.error().message, folder_);
}

Result<void> Spool::forget(const ModeState& state, const HostTime& seen) {
  auto session = open();
  if (!session) return fail(std::move(session).error());
  if (auto removed = remove_own(path(".later")); !removed) return removed;
  session->view_.entries.clear();
  if (auto kept = session->write_known(state, seen, {}); !kept) return kept;
  if (auto done = session->write_entries(); !done) return done;
  return remove_own(path(".damaged"));
}

Result<Spool::Session> Spool::open(Millis wait) {
  auto lock = lock_own(path(".lock"), wait);
  if (!lock) return fail(std::move(lock).error());
  Session session(*this, std::move(*lock));
  if (auto loaded = session.load(); !loaded) return fail(std::move(loaded).error());
  return session;
}

Result<void> Spool::Session::load() {
  view_ = {};
  if (auto read = spool_.read_known(view_); !read) return read;
  const auto damaged = spool_.read_entries(view_, true);
  if (!damaged) return fail(damaged.error());
  // The next entry would be appended to a last line without its end.
  if (damaged->lines.empty() && !damaged->unterminated) return {};
  view_.damage.path = spool_.path(".damaged");
  for (const std::string& line : damaged->lines) {
    if (auto kept = append_own(view_.damage.path, line + "\n"); !kept) return kept;
  }
  return write_entries();
}

Result<void> Spool::Session::append(const std::vector<SpoolEntry>& entries) {
  std::string lines;
  for (const SpoolEntry& entry : entries) {
    // Otherwise the reader takes the line for damage, and the decision is lost.
    require_invariant(!entry.after.writer.empty(), "a spooled decision has a token");
    const std::string line = encode(entry);
    require_invariant(line.find('\n') == std::string::npos, "a spooled decision is one line");
    lines += line + "\n";
  }
  const std::string path = spool_.path(".spool");
  // The file appears with its first entries or not at all, because an empty file counts as damage.
  auto added =
      view_.entries.empty() ? write_file(path, lines, kOwnerOnly) : append_own(path, lines);
  if (!added) return added;
  view_.entries.insert(view_.entries.end(), entries.begin(), entries.end());
  return {};
}

Result<void> Spool::Session::drop_front(std::span<const SpoolEntry> settled, const ModeState& known,
                                        const HostTime& seen) {
  const auto first_left =
      std::mismatch(view_.entries.begin(), view_.entries.end(), settled.begin(), settled.end())
          .first;
  if (!settled.empty() && first_left == view_.entries.begin()) return {};
  view_.entries.erase(view_.entries.begin(), first_left);
  if (view_.entries.empty()) {
    if (auto kept = remember(known, seen); !kept) return kept;
  }
  return write_entries();
}

Result<void> Spool::Session::write_entries() {
  const std::string path = spool_.path(".spool");
  if (view_.entries.empty()) return remove_own(path);
  std::string rest;
  for (const SpoolEntry& entry : view_.entries) rest += encode(entry) + "\n";
  return write_file(path, rest, kOwnerOnly);
}

Result<void> Spool::Session::remember(const ModeState& state, const HostTime& seen,
                                      const std::optional<HostNotes>& notes) {
  // A process that was delayed since it read the store must not replace a later state by an older
  // one.
  if (view_.known && has_lost(state, *view_.known)) return {};
  const bool fresh = !view_.outdated && view_.known == state && is_fresh(view_, seen);
  if (fresh && has_notes(view_, notes)) return {};
  auto kept = write_known(state, seen, notes.value_or(view_.notes));
  if (!kept && view_.known != state) spool_.mark_outdated();
  return kept;
}

Result<void> Spool::Session::note(const HostNotes& notes) {
  // What is out of date must stay so.
  if (!view_.known || !view_.seen || view_.outdated || has_notes(view_, notes)) return {};
  return write_known(ModeState(*view_.known), HostTime(*view_.seen), notes);
}

// Removes what a process left that was killed while it wrote. Nobody is writing now, because we
// have the lock.
void Spool::Session::remove_leftovers() {
  std::error_code error;
  std::filesystem::directory_iterator file(spool_.folder_, error);
  for (; !error && file != std::filesystem::directory_iterator(); file.increment(error)) {
    const std::string name = file->path().filename().string();
    const bool unfinished = name.starts_with(spool_.name_ + ".known.") ||
                            name.starts_with(spool_.name_ + ".spool.") ||
                            name.starts_with(spool_.name_ + ".room.");
    // Who notes what it has seen later does so without the lock.
    const bool later = name.starts_with(spool_.name_ + ".later.");
    const auto fd = later ? open_own(file->path(), O_RDONLY) : Result<UniqueFd>(UniqueFd());
    const bool left_behind = later && fd && is_left_behind(fd->get());
    if (unfinished || left_behind) (void)::unlink(file->path().c_str());
    spool_.calls_.remove_if_left_behind(name);
  }
}

Result<void> Spool::Session::write_known(const ModeState& state, const HostTime& seen,
                                         const HostNotes& notes) {
  remove_leftovers();
  const std::string text = spool_.known_text(state, seen, notes);
  if (auto kept = write_file(spool_.path(".known"), text, kOwnerOnly); !kept) return kept;
  (void)::unlink(spool_.path(".outdated").c_str());
  // One that cannot be read would count as damage for ever.
  if (view_.damage.known) (void)::unlink(spool_.path(".later").c_str());
  view_.known = state;
  view_.seen = seen;
  view_.notes = notes;
  view_.damage.known = false;
  view_.outdated = false;
  return {};
}

Result<std::string> default_spool_folder() {
  const auto folder = storage::default_state_folder();
  if (!folder) return fail(folder.error());
  return *folder + "/spool";
}

}  // namespace rz::fallback
