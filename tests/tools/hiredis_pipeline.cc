// hiredis_pipeline PORT set|setpx|get|mget KEYS SECONDS: what a plain program over hiredis does
// with a Redis on 127.0.0.1 in pipelines of KEYS commands (mget: one command of KEYS keys). Prints
// the keys a second, of values of 100 bytes.

#include <hiredis/hiredis.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace {

struct Free {
  void operator()(redisContext* context) const { redisFree(context); }
  void operator()(void* reply) const { freeReplyObject(reply); }
};
using Context = std::unique_ptr<redisContext, Free>;

[[noreturn]] void die(const char* what) {
  std::fprintf(stderr, "hiredis_pipeline: %s\n", what);
  std::exit(3);
}

void append(redisContext* context, const std::vector<std::string>& command) {
  std::vector<const char*> arguments;
  std::vector<std::size_t> sizes;
  for (const std::string& argument : command) {
    arguments.push_back(argument.data());
    sizes.push_back(argument.size());
  }
  redisAppendCommandArgv(context, static_cast<int>(command.size()), arguments.data(), sizes.data());
}

// A value, or a status; for mget an array of `keys` values.
void take(redisContext* context, std::size_t keys) {
  void* raw = nullptr;
  if (redisGetReply(context, &raw) != REDIS_OK) die(context->errstr);
  const std::unique_ptr<void, Free> owner(raw);
  const auto* reply = static_cast<redisReply*>(raw);
  const bool good = reply->type == REDIS_REPLY_STATUS || reply->type == REDIS_REPLY_STRING ||
                    (reply->type == REDIS_REPLY_ARRAY && reply->elements == keys);
  if (!good) die("an answer that is none of those expected");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) die("usage: hiredis_pipeline PORT set|setpx|get|mget KEYS SECONDS");
  const std::string what = argv[2];
  const auto keys = static_cast<std::size_t>(std::atoi(argv[3]));
  const std::chrono::duration<double> length(std::atof(argv[4]));
  const Context context(redisConnect("127.0.0.1", std::atoi(argv[1])));
  if (!context || context->err != 0) die("cannot connect");

  const std::string value(100, 'v');
  std::vector<std::vector<std::string>> commands;
  std::vector<std::string> all{"MGET"};
  for (std::size_t i = 0; i < keys; ++i) {
    const std::string key = "rz:compare:" + std::to_string(i);
    all.push_back(key);
    if (what == "set") commands.push_back({"SET", key, value});
    if (what == "setpx") commands.push_back({"SET", key, value, "PX", "600000"});
    if (what == "get") commands.push_back({"GET", key});
  }
  if (what == "mget") commands.push_back(all);
  if (commands.empty()) die("it is set, setpx, get or mget");

  const auto start = std::chrono::steady_clock::now();
  std::chrono::duration<double> took{0};
  double done = 0;
  while (took < length) {
    for (const auto& command : commands) append(context.get(), command);
    for (std::size_t i = 0; i < commands.size(); ++i) take(context.get(), keys);
    done += static_cast<double>(keys);
    took = std::chrono::steady_clock::now() - start;
  }
  std::printf("%.0f\n", done / took.count());
}
