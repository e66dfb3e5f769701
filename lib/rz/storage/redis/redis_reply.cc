#include "rz/storage/redis/redis_reply.h"

#include <hiredis/read.h>

#include <array>
#include <charconv>
#include <exception>
#include <utility>

#include "rz/base/text.h"
#include "rz/storage/storage_rules.h"

namespace rz::storage {
namespace {

// The functions below are called by hiredis, which is C: no exception may leave them. A null
// pointer makes its reader report an error.

// Where the reply that hiredis has just read belongs: into its array, or into a new tree.
RedisReply* place(const redisReadTask* task, RedisReply reply) noexcept {
  try {
    if (task->parent == nullptr) return new RedisReply(std::move(reply));
    auto* array = static_cast<RedisReply*>(task->parent->obj);
    RedisReply& element = array->elements.at(static_cast<std::size_t>(task->idx));
    element = std::move(reply);
    return &element;
  } catch (const std::exception&) {
    return nullptr;
  }
}

RedisReply::Type type_of(const redisReadTask* task) {
  if (task->type == REDIS_REPLY_ERROR) return RedisReply::Type::error;
  if (task->type == REDIS_REPLY_STATUS) return RedisReply::Type::status;
  return RedisReply::Type::string;
}

// hiredis counts the bytes of a string and leaves the two behind it unseen: a length that is wrong
// would make a shorter value of it, and the rest the beginning of the next reply.
bool is_terminated(const char* end) { return end[0] == '\r' && end[1] == '\n'; }

void* create_string(const redisReadTask* task, char* text, std::size_t size) {
  if (!is_terminated(text + size)) return nullptr;
  try {
    return place(task, {.type = type_of(task), .text = std::string(text, size)});
  } catch (const std::exception&) {
    return nullptr;
  }
}

void* create_array(const redisReadTask* task, int size) {
  if (size < 0 || static_cast<std::size_t>(size) > RedisReplyReader::kMaxElements) return nullptr;
  try {
    RedisReply array{.type = RedisReply::Type::array};
    array.elements.resize(static_cast<std::size_t>(size));
    return place(task, std::move(array));
  } catch (const std::exception&) {
    return nullptr;
  }
}

void* create_integer(const redisReadTask* task, long long value) {
  return place(task, {.type = RedisReply::Type::integer, .integer = value});
}

void* create_nil(const redisReadTask* task) { return place(task, {}); }

// Called for the root of a tree only.
void free_reply(void* reply) { delete static_cast<RedisReply*>(reply); }

redisReplyObjectFunctions kReplyFunctions{create_string, create_array, create_integer, create_nil,
                                          free_reply};

void add_length(std::string& bytes, char type, std::size_t length) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), length).ptr;
  bytes.push_back(type);
  bytes.append(digits.data(), end).append("\r\n");
}

tl::unexpected<Error> garbled(const redisReader& reader) {
  // What hiredis calls so is a null pointer of ours.
  if (reader.err == REDIS_ERR_OOM) {
    return fail(ErrorCode::corrupt,
                "the answer is not Redis' protocol: a string does not end where it says, or an "
                "array is larger than any that is asked for");
  }
  return fail(ErrorCode::corrupt, "the answer is not Redis' protocol: " + printable(reader.errstr));
}

}  // namespace

Result<std::string> encode_command(std::span<const std::string_view> arguments) {
  // Redis' own limit of a request (client-query-buffer-limit).
  constexpr std::size_t kMaxBytes = std::size_t{1} << 30;
  std::size_t total = 0;
  for (const std::string_view argument : arguments) total += argument.size();
  if (total > kMaxBytes) {
    return fail(ErrorCode::invalid_argument, "a request of " + std::to_string(total) +
                                                 " bytes; Redis takes " +
                                                 std::to_string(kMaxBytes) + " at most");
  }
  // By hand, since hiredis' formatter prints each length by printf: half of a large request's cost.
  constexpr std::size_t kHeadBytes = 16;
  std::string bytes;
  bytes.reserve(total + (arguments.size() + 1) * kHeadBytes);
  add_length(bytes, '*', arguments.size());
  for (const std::string_view argument : arguments) {
    add_length(bytes, '$', argument.size());
    bytes.append(argument).append("\r\n");
  }
  return bytes;
}

void RedisReplyReader::Deleter::operator()(redisReader* reader) const { redisReaderFree(reader); }

RedisReplyReader::RedisReplyReader() : reader_(redisReaderCreateWithFunctions(&kReplyFunctions)) {
  // Kept between two replies: a page of a log then grows no buffer anew.
  constexpr std::size_t kKeptBytes = 1024 * 1024;
  if (reader_ != nullptr) reader_->maxbuf = kKeptBytes;
}

Result<void> RedisReplyReader::feed(std::string_view bytes) {
  if (reader_ == nullptr) return fail(ErrorCode::unavailable, "out of memory");
  if (redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) != REDIS_OK) {
    return garbled(*reader_);
  }
  // What hiredis keeps is the string that it waits for the end of.
  constexpr std::size_t kSlack = 1024 * 1024;
  if (reader_->len > kMaxStringBytes + kSlack) {
    return fail(ErrorCode::corrupt, "the answer holds a string that is longer than Redis allows");
  }
  return {};
}

Result<std::optional<RedisReply>> RedisReplyReader::next() {
  if (reader_ == nullptr) return fail(ErrorCode::unavailable, "out of memory");
  void* object = nullptr;
  if (redisReaderGetReply(reader_.get(), &object) != REDIS_OK) return garbled(*reader_);
  if (object == nullptr) return std::optional<RedisReply>();
  const std::unique_ptr<RedisReply> reply(static_cast<RedisReply*>(object));
  return std::optional<RedisReply>(std::move(*reply));
}

bool RedisReplyReader::is_empty() const {
  return reader_ != nullptr && reader_->pos == reader_->len;
}

}  // namespace rz::storage
