#include "rz/storage/redis/redis_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "rz/base/duration.h"
#include "rz/base/text.h"

namespace rz::storage {
namespace {

// Whether an error stays, may go away by itself, or stays with the value at the command's key.
enum class Nature { lasting, transient, of_key };
using enum Nature;

struct Meaning {
  std::string_view code;  // First word of the reply.
  std::string_view text;  // What else it must hold.
  ErrorCode kind;
  Nature nature;
  std::string_view message;
};

constexpr std::string_view kWantsPassword =
    "the server wants a password; put it into the URL (redis://user:password@host), into "
    "REDISCLI_AUTH or into password_file";

// Redis has no codes for some of its errors; those are known by their text, here and nowhere else.
constexpr Meaning kMeanings[] = {
    {"NOAUTH", "", ErrorCode::auth, lasting, kWantsPassword},
    // What a server says to a long command of a client that has not given a password.
    {"ERR", "unauthenticated", ErrorCode::auth, lasting, kWantsPassword},
    {"DENIED", "", ErrorCode::auth, lasting,
     "the server runs in protected mode and serves its own machine alone; give it a password "
     "(requirepass, or an ACL user)"},
    {"LOADING", "", ErrorCode::unavailable, transient,
     "the server is loading its data (LOADING); wait until it is done"},
    {"MASTERDOWN", "", ErrorCode::unavailable, transient,
     "the server is a replica that has lost its master and serves no stale data (MASTERDOWN); "
     "bring the master back, or see replica-serve-stale-data"},
    {"READONLY", "", ErrorCode::unavailable, lasting,
     "the server is a read-only replica (READONLY); name its master in the URL, "
     "or its sentinels (redis+sentinel://)"},
    {"OOM", "", ErrorCode::unavailable, lasting,
     "the server has used up its memory and refuses writes (OOM); free some, or raise maxmemory"},
    {"MISCONF", "", ErrorCode::unavailable, lasting,
     "the server cannot save to its disk and refuses writes (MISCONF); look into its log, and make "
     "room"},
    {"NOREPLICAS", "", ErrorCode::unavailable, transient,
     "the server has too few replicas and refuses writes (NOREPLICAS); bring them back, or see "
     "min-replicas-to-write"},
    {"BUSY", "", ErrorCode::unavailable, transient,
     "a script blocks the server (BUSY); an administrator can end it with SCRIPT KILL"},
    {"CLUSTERDOWN", "", ErrorCode::unavailable, transient,
     "the cluster is down (CLUSTERDOWN); see CLUSTER INFO and CLUSTER NODES"},
    {"TRYAGAIN", "", ErrorCode::unavailable, transient,
     "the cluster is moving these keys (TRYAGAIN); try again in a moment"},
    {"MOVED", "", ErrorCode::unsupported, lasting,
     "the server is one node of a cluster and another one has the key (MOVED); write "
     "redis+cluster:// in the URL"},
    {"ASK", "", ErrorCode::unsupported, lasting,
     "the server is one node of a cluster and another one has the key (ASK); write "
     "redis+cluster:// in the URL"},
    {"CROSSSLOT", "", ErrorCode::invalid_argument, lasting,
     "the keys are in several slots of the cluster (CROSSSLOT); give storage.key_prefix a hash "
     "tag, e.g. \"{rz}:\", so that they share one"},
    {"ERR", "cluster support disabled", ErrorCode::invalid_argument, lasting,
     "is not a node of a cluster; write redis:// in the URL"},
    {"WRONGTYPE", "", ErrorCode::corrupt, of_key, {}},  // See wrong_type().
    {"ERR", "value is not an integer", ErrorCode::invalid_argument, of_key,
     "holds no 64-bit integer; remove it or count under another key"},
    {"ERR", "increment or decrement would overflow", ErrorCode::invalid_argument, of_key,
     "the sum does not fit into 64 bits"},
    {"ERR", "DB index", ErrorCode::invalid_argument, lasting,
     "the server has no database of that number; name another one in the URL, or see "
     "`databases` in the server's configuration"},
    {"ERR", "max number of clients", ErrorCode::unavailable, transient,
     "the server takes no more connections; see its maxclients"},
};

std::string_view first_word(std::string_view text) { return text.substr(0, text.find(' ')); }

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

const Meaning* find_meaning(std::string_view text) {
  const auto* meaning =
      std::find_if(std::begin(kMeanings), std::end(kMeanings), [&](const Meaning& known) {
        return first_word(text) == known.code && holds(text, known.text);
      });
  return meaning == std::end(kMeanings) ? nullptr : meaning;
}

RedisFailure refusal(ErrorCode code, std::string message) {
  return {.error = {code, std::move(message), {}}};
}

// A user of an ACL who may not do something. Redis says so in its own words, and for what a script
// does in others, before version 7 without a code.
bool is_no_permission(std::string_view text) {
  return first_word(text) == "NOPERM" || holds(text, "The user executing the script can't");
}

RedisFailure no_permission(std::string_view text, std::string_view command) {
  // What only some ways of running Redis need. In Redis 6 SELECT and WAIT are not in @connection.
  for (const auto& [name, right] :
       {std::pair{"ROLE", "+role"}, std::pair{"CLUSTER", "+cluster|slots +cluster|info"},
        std::pair{"SELECT", "+select"}, std::pair{"WAIT", "+wait"}}) {
    if (command != name) continue;
    return refusal(ErrorCode::auth,
                   fmt::format("the user may not run {} (NOPERM); here rz needs {} as well (ACL "
                               "SETUSER)",
                               command, right));
  }
  const std::string missing = holds(text, " key")       ? fmt::format("use the keys of {}", command)
                              : holds(text, " script ") ? "run the commands of a script"
                                                        : fmt::format("run {}", command);
  return refusal(ErrorCode::auth,
                 fmt::format("the user may not {} (NOPERM); rz needs ~PREFIX* +@read +@write "
                             "+@scripting +@connection (ACL SETUSER), with the prefix of its keys",
                             missing));
}

// What a key should hold follows from the command: rz has sorted sets and sets as indexes alone.
std::string wrong_type(std::string_view command) {
  if (command.starts_with("Z")) {
    return "is the index of a log and must be a sorted set, but holds another type (WRONGTYPE); "
           "remove it, and 'rz transitions reindex' makes it anew from the records";
  }
  if (command == "SMEMBERS" || command == "SADD") {
    return "is the index of a collection and must be a set, but holds another type (WRONGTYPE); "
           "remove it, and the next reader makes it anew";
  }
  return "holds another type than a string (WRONGTYPE); remove it, or keep rz's keys apart with "
         "storage.key_prefix";
}

// The server's words.
std::string quote(std::string_view text) {
  constexpr std::size_t kShownColumns = 200;
  return ellipsize(printable(text), kShownColumns);
}

RedisFailure no_answer(std::string_view what, const TryLimit& limit,
                       std::string_view hint = "is the server reachable? see ") {
  return {.error = {ErrorCode::timeout,
                    fmt::format("no {} within {}; {}{}", what, format_duration(limit.length), hint,
                                limit.option),
                    {}},
          .transient = true};
}

RedisFailure translate_text(std::string_view text, std::string_view command) {
  if (is_no_permission(text)) return no_permission(text, command);
  if (const Meaning* meaning = find_meaning(text)) {
    RedisFailure failure = refusal(meaning->kind, std::string(meaning->message));
    failure.transient = meaning->nature == transient;
    failure.about_key = meaning->nature == of_key;
    if (meaning->code == "WRONGTYPE") failure.error.message = wrong_type(command);
    return failure;
  }
  // Such an answer repeats the arguments, and so what may be a secret.
  if (holds(text, "unknown command")) {
    return refusal(ErrorCode::unsupported,
                   fmt::format("the server does not know {}; rz needs Redis 6 or newer, with no "
                               "command renamed",
                               command));
  }
  return refusal(ErrorCode::unavailable,
                 fmt::format("the server refuses {}: {}", command, quote(text)));
}

}  // namespace

bool is_redis_error(const RedisReply& reply, std::string_view code) {
  return reply.type == RedisReply::Type::error && first_word(reply.text) == code;
}

RedisFailure translate_reply(const RedisReply& reply, std::string_view command) {
  RedisFailure failure = translate_text(reply.text, command);
  failure.code = first_word(reply.text);
  return failure;
}

RedisFailure translate_auth_reply(const RedisReply& reply, bool has_user, bool has_password) {
  const std::string_view text = reply.text;
  if (is_redis_error(reply, "WRONGPASS") || holds(text, "invalid password")) {
    return refusal(ErrorCode::auth,
                   has_password ? "the user name or the password is wrong, or the user is disabled "
                                  "(WRONGPASS)"
                                : "the user needs a password (WRONGPASS); put it into the URL "
                                  "(redis://user:password@host), into REDISCLI_AUTH or into "
                                  "password_file");
  }
  if (holds(text, "any password configured") || holds(text, "no password is set")) {
    return refusal(ErrorCode::auth, "a password is given, but the server has none; leave it out");
  }
  if (has_user && holds(text, "wrong number of arguments")) {
    return refusal(ErrorCode::auth,
                   "the server is older than Redis 6 and knows no users; leave the user name out");
  }
  if (find_meaning(text) != nullptr) return translate_reply(reply, "AUTH");
  return refusal(ErrorCode::auth, "the server refuses AUTH; see its log");
}

RedisFailure translate_connect_error(const Error& cause, const TryLimit& limit,
                                     std::string_view hint) {
  if (cause.code == ErrorCode::timeout) {
    RedisFailure failure = no_answer("connection", limit);
    failure.error.own_side = cause.own_side;
    return failure;
  }
  return {.error = {cause.code,
                    fmt::format("cannot connect: {}; {}", cause.message, hint),
                    {},
                    cause.own_side},
          .transient = cause.code == ErrorCode::unavailable};
}

RedisFailure translate_tls_error(const Error& cause, const TryLimit& limit) {
  if (cause.code == ErrorCode::timeout) {
    return no_answer("TLS handshake", limit,
                     "does the server speak TLS on this port? A plain one (redis://) does not "
                     "answer; see also ");
  }
  RedisFailure failure = refusal(cause.code, cause.message);
  if (cause.code == ErrorCode::unavailable) {
    failure.error.message = "no TLS: " + cause.message + "; see the server's log";
    failure.transient = true;
  }
  return failure;
}

RedisFailure translate_exchange_error(const Error& cause, const TryLimit& limit, bool sent) {
  RedisFailure failure;
  if (cause.code == ErrorCode::timeout) {
    failure = no_answer("answer", limit);
  } else if (cause.code == ErrorCode::corrupt) {
    failure = refusal(cause.code, cause.message + "; is this a Redis server?");
  } else if (cause.code == ErrorCode::auth) {
    failure = refusal(cause.code, cause.message);
  } else {
    failure = refusal(cause.code, "the connection broke: " + cause.message);
    failure.transient = cause.code == ErrorCode::unavailable;
  }
  failure.maybe_done = sent;
  return failure;
}

}  // namespace rz::storage
