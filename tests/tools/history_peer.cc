// What plain hiredis makes of a history in Redis: the peer of scripts/compare_history.
//   history_peer PORT fill RECORDS     writes a history as rz keeps it, pipelined
//   history_peer PORT dump             prints every record: the index in pages, MGET of each page
//   history_peer PORT load FILE        writes the records of an NDJSON file, pipelined, with an
//   expiry

#include <hiredis.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

namespace {

constexpr int kPage = 1000;
constexpr const char* kIndex = "rz:log:fallback:transition";
constexpr const char* kPrefix = "fallback:transition:";

struct Reply {
  explicit Reply(void* raw) : raw(static_cast<redisReply*>(raw)) {
    if (this->raw == nullptr || this->raw->type == REDIS_REPLY_ERROR) {
      std::fprintf(stderr, "history_peer: %s\n", this->raw ? this->raw->str : "no answer");
      std::exit(1);
    }
  }
  ~Reply() { freeReplyObject(raw); }
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;
  redisReply* raw;
};

void drain(redisContext* redis, int answers) {
  for (int i = 0; i < answers; ++i) {
    void* raw = nullptr;
    redisGetReply(redis, &raw);
    const Reply reply(raw);
  }
}

// A minute apart, the last one a minute before 2026-11-01.
void fill(redisContext* redis, long records) {
  constexpr long kEnd = 1'793'491'200;
  const char* const modes[] = {"primary", "heuristic", "safe"};
  for (long i = 0; i < records; ++i) {
    const long second = kEnd - 60 * (records - i);
    const std::time_t time = second;
    char stamp[40];
    std::strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S.000000Z", std::gmtime(&time));
    char value[512];
    std::snprintf(
        value, sizeof value,
        "{\"timestamp\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",\"reason\":\"multiple_failures(2)\","
        "\"trigger\":\"evaluation\",\"actor\":\"ops\",\"host\":\"db1\",\"epoch\":%ld,"
        "\"writer\":\"%016lx\"}",
        stamp, modes[i % 3], modes[(i + 1) % 3], i + 1, i);
    redisAppendCommand(redis, "SET %s%ld.000000 %s", kPrefix, second, value);
    redisAppendCommand(redis, "ZADD %s %ld000000 %ld.000000", kIndex, second, second);
    if (i % kPage == kPage - 1 || i + 1 == records) {
      drain(redis, 2 * static_cast<int>(i % kPage + 1));
    }
  }
  redisAppendCommand(redis, "SET rz:log-complete:fallback:transition 1");
  drain(redis, 1);
}

// The time is read from the record as it is printed,
// `{"timestamp":"2026-01-02T03:04:05.000000Z",…`.
void load(redisContext* redis, const char* path) {
  std::FILE* file = std::fopen(path, "r");
  if (file == nullptr) std::exit(1);
  char line[4096];
  int waiting = 0;
  while (std::fgets(line, sizeof line, file) != nullptr) {
    line[std::strcspn(line, "\n")] = '\0';
    std::tm time{};
    ::strptime(line + std::strlen("{\"timestamp\":\""), "%Y-%m-%dT%H:%M:%S", &time);
    const long second = ::timegm(&time);
    redisAppendCommand(redis, "SET %s%ld.000000 %s PX 7776000000", kPrefix, second, line);
    redisAppendCommand(redis, "ZADD %s %ld000000 %ld.000000", kIndex, second, second);
    if (++waiting < kPage) continue;
    drain(redis, 2 * waiting);
    waiting = 0;
  }
  drain(redis, 2 * waiting);
  std::fclose(file);
}

void dump(redisContext* redis) {
  for (long begin = 0;; begin += kPage) {
    const Reply page(redisCommand(redis, "ZRANGE %s %ld %ld", kIndex, begin, begin + kPage - 1));
    const std::size_t count = page.raw->elements;
    if (count == 0) return;
    std::vector<std::string> keys;
    std::vector<const char*> arguments{"MGET"};
    std::vector<std::size_t> sizes{4};
    keys.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      keys.push_back(kPrefix + std::string(page.raw->element[i]->str, page.raw->element[i]->len));
      arguments.push_back(keys.back().c_str());
      sizes.push_back(keys.back().size());
    }
    const Reply values(redisCommandArgv(redis, static_cast<int>(arguments.size()), arguments.data(),
                                        sizes.data()));
    for (std::size_t i = 0; i < values.raw->elements; ++i) {
      std::fwrite(values.raw->element[i]->str, 1, values.raw->element[i]->len, stdout);
      std::fputc('\n', stdout);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  redisContext* redis = redisConnect("127.0.0.1", std::atoi(argv[1]));
  if (redis == nullptr || redis->err != 0) return 1;
  if (std::strcmp(argv[2], "fill") == 0 && argc == 4) {
    fill(redis, std::atol(argv[3]));
  } else if (std::strcmp(argv[2], "load") == 0 && argc == 4) {
    load(redis, argv[3]);
  } else {
    dump(redis);
  }
  redisFree(redis);
}
