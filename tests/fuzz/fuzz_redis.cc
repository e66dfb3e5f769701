#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/fuzz_targets.h"
#include "rz/base/text.h"
#include "rz/storage/redis/redis_reply.h"
#include "rz/storage/redis/redis_storage.h"
#include "rz/storage/storage_url.h"

namespace rz::fuzz {
namespace {

// What stands between the answers of an input. None of it is in an answer.
constexpr char kSeparator = '\x1e';

/// The servers: they answer each request with the next part of the input, and hang up behind it.
struct Servers {
  std::string_view input;
  std::uint32_t seed;
  bool greets;  ///< Whether a client's greeting is answered as it should be.

  std::string_view next_answer() {
    const std::size_t end = std::min(input.find(kSeparator), input.size());
    const std::string_view answer = input.substr(0, end);
    input.remove_prefix(std::min(end + 1, input.size()));
    return answer;
  }

  std::size_t next_size() {
    seed = seed * 1664525 + 1013904223;
    // Mostly small ones: more cuts.
    return (seed >> 28) == 0 ? 4096 : 1 + (seed >> 16) % 7;
  }
};

class Wire final : public net::Transport {
 public:
  explicit Wire(Servers& servers) : servers_(servers) {}

  Result<void> write_all(std::string_view bytes, Deadline) override {
    const bool greeting = bytes.find("SETNAME") != std::string_view::npos;
    answer_ += greeting && servers_.greets ? "+OK\r\n+OK\r\n" : servers_.next_answer();
    return {};
  }

  Result<std::size_t> read_some(std::span<char> buffer, Deadline) override {
    if (answer_.empty()) return fail(ErrorCode::unavailable, "closed");
    const std::size_t size = std::min({servers_.next_size(), answer_.size(), buffer.size()});
    std::copy_n(answer_.begin(), size, buffer.begin());
    answer_.erase(0, size);
    return size;
  }

  bool is_quiet() override { return answer_.empty(); }

 private:
  Servers& servers_;
  std::string answer_;
};

std::string shown(const storage::RedisReply& reply) {
  std::string text = std::to_string(static_cast<int>(reply.type)) + ":" +
                     std::to_string(reply.integer) + ":" + reply.text + "[";
  for (const storage::RedisReply& element : reply.elements) text += shown(element) + ",";
  return text + "]";
}

/// All replies in `bytes`, up to the error if there is one.
std::string read_all(std::string_view bytes, Servers* chunks) {
  storage::RedisReplyReader reader;
  std::string text;
  while (true) {
    const auto reply = reader.next();
    if (!reply) return text + "!";
    if (*reply) {
      text += shown(**reply) + ";";
    } else if (bytes.empty()) {
      return text;
    } else {
      const std::size_t size = chunks ? std::min(chunks->next_size(), bytes.size()) : bytes.size();
      if (!reader.feed(bytes.substr(0, size))) return text + "!";
      bytes.remove_prefix(size);
    }
  }
}

// A value that a call returned was sent, whole.
void require_sent(std::string_view input, const std::string& value) {
  const std::string sent = "$" + std::to_string(value.size()) + "\r\n" + value + "\r\n";
  require(input.find(sent) != std::string_view::npos, "a value that was sent so");
}

void call(Storage& storage, unsigned which, std::string_view input) {
  const std::vector<std::string> keys{"a", "b"};
  switch (which % 10) {
    case 0:
      if (const auto value = storage.get("a"); value && *value) require_sent(input, **value);
      break;
    case 1:
      if (const auto values = storage.get_many(keys)) {
        require(values->size() == keys.size(), "an answer for each key");
        for (const auto& value : *values) {
          if (value) require_sent(input, *value);
        }
      }
      break;
    case 2:
      if (const auto page = storage.scan_keys("*")) {
        for (const std::string& key : page->keys) require_sent(input, "{p}" + key);
      }
      break;
    case 3:
      if (const auto sum = storage.increment("a", 1, Millis{1'000})) {
        require_sent(input, std::to_string(*sum));
      }
      break;
    case 4:
      if (const auto done = storage.commit(Batch().expect("a", "1").append("log", {}, "x"))) {
        const char* const said = *done == Commit::done      ? ":1\r\n"
                                 : *done == Commit::refused ? ":0\r\n"
                                                            : ":2\r\n";
        require(input.find(said) != std::string_view::npos, "a commit is done that was said to be");
      }
      break;
    case 5:
      if (const auto records = storage.read_log("log", {.limit = 3})) {
        require(records->size() <= 3, "no more records than asked for");
        for (const LogRecord& record : *records) require_sent(input, record.value);
      }
      break;
    case 6: (void)storage.set("a", "1").has_value(); break;
    case 7: (void)storage.remove("a").has_value(); break;
    case 8: (void)storage.expire("a", Millis{1'000}).has_value(); break;
    default: (void)storage.health_check().has_value(); break;
  }
}

}  // namespace

void redis(std::string_view input) {
  static constexpr const char* kUrls[] = {"redis://h", "redis://u:p@h/1",
                                          "redis+sentinel://s1,s2/main", "redis+cluster://c1,c2"};
  if (input.size() < 2) return;
  const auto choice = static_cast<unsigned char>(input[0]);
  const auto seed = static_cast<unsigned char>(input[1]);
  input.remove_prefix(2);

  Servers servers{input, seed, choice % 2 == 0};
  require(read_all(input, nullptr) == read_all(input, &servers), "the same however it is cut");

  ManualClock clock;
  StorageOptions options{.url = kUrls[choice / 2 % 4], .key_prefix = "{p}"};
  options.dial = [&](const storage::StorageUrl&,
                     Deadline) -> Result<std::unique_ptr<net::Transport>> {
    return std::make_unique<Wire>(servers);
  };
  const auto storage = storage::RedisStorage::from_config(options, clock);
  require(storage.has_value(), "a store");
  for (unsigned i = 0; i < 3; ++i) call(**storage, choice / 8 + i * seed, input);
}

}  // namespace rz::fuzz
