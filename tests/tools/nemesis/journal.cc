#include "tools/nemesis/journal.h"

#include <thread>

#include "rz/base/json.h"
#include "rz/base/timestamp.h"
#include "rz/base/value.h"

namespace rz::nemesis {
namespace {

std::string text_of(const Value& value, std::string_view key) {
  const Value* member = value.find(key);
  const std::string* text = member != nullptr ? member->as_string() : nullptr;
  return text != nullptr ? *text : "";
}

bool flag_of(const Value& value, std::string_view key) {
  const Value* member = value.find(key);
  if (member == nullptr) return false;
  // A sentence says yes as well.
  if (const bool* flag = member->as_bool()) return *flag;
  return !member->is_null();
}

std::int64_t count_of(const Value& value, std::string_view key) {
  const Value* member = value.find(key);
  const std::int64_t* count = member != nullptr ? member->as_int() : nullptr;
  return count != nullptr ? *count : 0;
}

// A week is more than any clock jumps.
bool has_long_pin(const Value& answer) {
  const Value* pin = answer.find("pin");
  if (pin == nullptr || pin->as_object() == nullptr) return false;
  const auto until = parse_timestamp(text_of(*pin, "until"));
  return !until || *until > SystemClock::instance().now() + std::chrono::hours{24 * 7};
}

std::optional<Answer> read_answer(const std::string& output) {
  const auto value = parse_json(output);
  if (!value || text_of(*value, "schema") != "rz.cascade/1") return std::nullopt;
  const auto mode = parse_mode(text_of(*value, "mode"));
  const auto previous = parse_mode(text_of(*value, "previous"));
  if (!mode) return std::nullopt;
  Answer answer;
  answer.mode = *mode;
  answer.previous = previous.value_or(*mode);
  answer.changed = flag_of(*value, "changed");
  answer.reason = text_of(*value, "reason");
  answer.epoch = count_of(*value, "epoch");
  if (const auto since = parse_timestamp(text_of(*value, "since"))) {
    answer.since = since->time_since_epoch().count();
  }
  answer.long_pin = has_long_pin(*value);
  answer.offline = flag_of(*value, "offline");
  answer.unrecorded = flag_of(*value, "unrecorded");
  answer.store_lost = flag_of(*value, "store_lost");
  answer.spooled = count_of(*value, "spooled");
  return answer;
}

Value line_of(const Command& command) {
  Value argv = Value::array();
  for (const std::string& word : command.argv) argv.push_back(word);
  return Value::object({{"start", command.start},
                        {"end", command.end},
                        {"host", command.host},
                        {"worker", command.worker},
                        {"argv", argv},
                        {"clock", command.clock},
                        {"mishap", command.mishap},
                        {"exit", command.exit_code},
                        {"stdout", command.output},
                        {"stderr", command.error}});
}

}  // namespace

bool Command::answered() const { return answer && !killed && exit_code <= 3 - !gate; }

bool Command::clean() const {
  return answered() && exit_code != 3 && !answer->offline && !answer->unrecorded &&
         answer->spooled == 0 && error.empty();
}

Journal::Journal(const std::string& path) : file_(path) {}

Moment Journal::now() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                               start_)
      .count();
}

void Journal::write(const std::string& line) { file_ << line << std::endl; }

Command Journal::add(Command command) {
  command.answer = read_answer(command.output);
  const std::lock_guard lock(mutex_);
  write(to_json(line_of(command)));
  all_.push_back(command);
  ++commands_;
  return command;
}

std::size_t Journal::begin(std::string kind, std::string detail) {
  const std::lock_guard lock(mutex_);
  faults_.push_back({std::move(kind), std::move(detail), now()});
  const Fault& fault = faults_.back();
  ++counts_[fault.kind];
  write(to_json(
      Value::object({{"start", fault.start}, {"fault", fault.kind}, {"detail", fault.detail}})));
  return faults_.size() - 1;
}

void Journal::end(std::size_t fault) {
  const std::lock_guard lock(mutex_);
  faults_[fault].end = now();
  write(to_json(Value::object({{"end", faults_[fault].end}, {"fault", faults_[fault].kind}})));
}

void Journal::add(const Loss& loss) {
  const std::lock_guard lock(mutex_);
  losses_.push_back(loss);
  write(to_json(Value::object({{"start", loss.start},
                               {"end", loss.end},
                               {"loss", loss.copied < 0 ? "emptied" : "restored"},
                               {"copied", loss.copied},
                               {"epoch", loss.epoch}})));
}

void Journal::count(const std::string& kind) {
  const std::lock_guard lock(mutex_);
  ++counts_[kind];
}

std::map<std::string, int> Journal::fault_counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

void Journal::wait_for_command(int seen) const {
  for (int i = 0; i < 20 && commands_ == seen; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
}

}  // namespace rz::nemesis
