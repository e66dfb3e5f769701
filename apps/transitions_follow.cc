#include <poll.h>

#include <algorithm>
#include <csignal>
#include <deque>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rz/base/counted.h"
#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/cli/interrupt.h"
#include "rz/fallback/history/follow_cursor.h"
#include "rz/fallback/history/history_follower.h"
#include "rz/reports/formats.h"
#include "rz/reports/transitions.h"
#include "rz/runtime/history.h"
#include "transitions_list.h"
#include "warnings.h"

namespace rz::apps {
namespace {

constexpr std::string_view kFormats[] = {"text", "ndjson", "csv"};
// A new record is to be shown within a second.
constexpr int kPauseMs = 250;
constexpr int kPauseAwayMs = 1000;
constexpr int kReaderGone = 128 + SIGPIPE;

Result<void> check_options(const cli::Context& context, const cli::Arguments& arguments) {
  for (const char* option : {"--until", "--reverse", "--report"}) {
    if (!arguments.has(option)) continue;
    return fail(ErrorCode::invalid_argument,
                std::string("cannot be given with --follow, whose list has no end"), option);
  }
  const std::string& format = context.options().format;
  if (std::find(std::begin(kFormats), std::end(kFormats), format) != std::end(kFormats)) return {};
  return fail(ErrorCode::invalid_argument,
              "cannot be written record by record; use text, ndjson or csv", "--format " + format);
}

/// Writes records out as they come, and keeps the cursor in step with what is out.
class FollowedList {
 public:
  FollowedList(cli::Context& context, fallback::TransitionQuery query,
               std::optional<fallback::FollowCursor> cursor)
      : context_(context),
        query_(std::move(query)),
        cursor_(std::move(cursor)),
        page_(context.out()),
        writer_(reports::writer<reports::TransitionsWriter>(context.options().format)(page_)),
        corrupt_(context) {
    if (cursor_ && cursor_->has_output()) writer_->go_on();
    // Whoever has a cursor has had the newest ones.
    if (cursor_ && !cursor_->is_new()) query_.limit.reset();
  }

  fallback::SeenPlaces take_seen() {
    return cursor_ ? cursor_->take_seen() : fallback::SeenPlaces{};
  }

  /// All of `records` are taken, those that match are written.
  Result<void> take(std::span<const LogRecord> records) {
    if (query_.limit) return hold(records);
    return write(records);
  }

  /// After the first look: writes the newest ones, where only so many were asked for.
  Result<void> release() {
    if (!std::exchange(query_.limit, std::nullopt)) return {};
    if (cursor_) TRY(noted(cursor_->skip(passed_)));
    const std::vector<LogRecord> newest(std::make_move_iterator(held_.begin()),
                                        std::make_move_iterator(held_.end()));
    held_.clear();
    passed_.clear();
    return write(newest);
  }

  /// What went wrong with the cursor or with standard output, for which waiting is no help.
  const std::optional<Error>& failed() const { return failed_; }

 private:
  Result<void> noted(Result<void> done) {
    if (!done) failed_ = done.error();
    return done;
  }

  Result<void> write(std::span<const LogRecord> records) {
    if (records.empty()) return {};
    std::vector<TimePoint> places;
    for (const LogRecord& record : records) {
      places.push_back(record.time);
      const auto view = decode(record);
      if (view && query_.matches(*view)) {
        writer_->add(*view);
        any_ = true;
      }
    }
    if (!std::exchange(any_, false)) {
      return cursor_ ? noted(cursor_->skip(places)) : Result<void>{};
    }
    writer_->pause();
    if (cursor_) TRY(noted(cursor_->begin(places, page_.text().size())));
    context_.out().raw(page_.text());
    page_.clear();
    TRY(noted(context_.out().flush()));
    return cursor_ ? noted(cursor_->end()) : Result<void>{};
  }

  // Keeps the newest ones that match; the others are passed over.
  Result<void> hold(std::span<const LogRecord> records) {
    for (const LogRecord& record : records) {
      const auto view = decode(record);
      if (!view || !query_.matches(*view)) {
        passed_.push_back(record.time);
        continue;
      }
      held_.push_back(record);
      if (held_.size() <= *query_.limit) continue;
      passed_.push_back(held_.front().time);
      held_.pop_front();
    }
    return {};
  }

  std::optional<fallback::TransitionView> decode(const LogRecord& record) {
    const auto view = decoder_.decode(record.value);
    if (view) return *view;
    corrupt_.add(printable(log_key(kTransitionLog, record.time)) + ": " + to_string(view.error()));
    return std::nullopt;
  }

  cli::Context& context_;
  fallback::TransitionQuery query_;
  std::optional<fallback::FollowCursor> cursor_;
  reports::DraftPage page_;
  std::unique_ptr<reports::TransitionsWriter> writer_;
  fallback::TransitionDecoder decoder_;
  Warnings corrupt_;
  bool any_ = false;
  std::optional<Error> failed_;
  std::deque<LogRecord> held_;     ///< Of the first look, with a limit: what is to be written,
  std::vector<TimePoint> passed_;  ///< and what is not.
};

/// Waits for the next look. False: whoever reads the output has gone.
bool pause(int output, int milliseconds) {
  pollfd reader{output, 0, 0};
  return ::poll(&reader, 1, milliseconds) <= 0 || (reader.revents & (POLLERR | POLLNVAL)) == 0;
}

Result<std::optional<fallback::FollowCursor>> open_cursor(cli::Context& context,
                                                          const cli::Arguments& arguments,
                                                          const std::string& store) {
  const std::string path = arguments.text("--cursor-file");
  if (path.empty()) return std::optional<fallback::FollowCursor>{};
  TRY_ASSIGN(auto cursor, fallback::FollowCursor::open(path, store, context.out().fd()));
  if (cursor.doubtful() > 0) {
    context.warn(counted(cursor.doubtful(), "record") +
                 " may come a second time: the last run ended before it could note that they were "
                 "written, and only a file tells");
  }
  return std::optional(std::move(cursor));
}

/// Looks again and again, until a signal or the reader ends it.
class Follow {
 public:
  Follow(cli::Context& context, fallback::HistoryFollower& follower, FollowedList& list)
      : context_(context), follower_(follower), list_(list) {}

  Result<int> run() {
    while (!interrupt_.asked()) {
      const auto looked = look();
      if (context_.out().closed_pipe()) return kReaderGone;
      if (list_.failed()) return fail(*list_.failed());
      if (!looked && !is_outage(looked.error())) return fail(looked.error());
      if (interrupt_.asked()) break;
      tell(looked);
      if (!pause(context_.out().fd(), looked ? kPauseMs : kPauseAwayMs)) return kReaderGone;
    }
    return interrupt_.exit_code();
  }

 private:
  Result<void> look() {
    TRY(follower_.look([&](std::span<const LogRecord> records) -> Result<void> {
      if (interrupt_.asked()) return fail(ErrorCode::unavailable, "interrupted");
      return list_.take(records);
    }));
    return list_.release();
  }

  // An outage is told once, when it begins and when it ends.
  void tell(const Result<void>& looked) {
    if (!looked && !away_) context_.warn(to_string(looked.error()) + "; waiting for the store");
    if (looked && away_) context_.inform("the store answers again");
    away_ = !looked;
  }

  cli::Context& context_;
  fallback::HistoryFollower& follower_;
  FollowedList& list_;
  cli::Interrupt interrupt_;
  bool away_ = false;
};

}  // namespace

Result<int> follow_transitions(cli::Context& context, const cli::Arguments& arguments) {
  TRY(check_options(context, arguments));
  TRY_ASSIGN(const auto query, read_transition_query(arguments, context.runtime().clock().now()));
  auto history = context.while_waiting_for(
      "the store", [&] { return runtime::open_history(context.runtime()); });
  if (!history) return fail(history.error());
  TRY_ASSIGN(Storage* const storage, context.runtime().storage_of_mode());
  // What has no entry in the index is not found.
  TRY(history->log.index().require_complete(true));
  TRY_ASSIGN(auto cursor, open_cursor(context, arguments, storage->description()));
  if (context.options().verbose > 0) context.out().show_whole();
  FollowedList list(context, query, std::move(cursor));
  fallback::HistoryFollower follower(*storage, context.runtime().clock(), list.take_seen());
  return Follow(context, follower, list).run();
}

}  // namespace rz::apps
