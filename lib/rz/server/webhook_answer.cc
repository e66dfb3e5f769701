#include "rz/server/webhook_answer.h"

#include "rz/base/json.h"
#include "rz/base/value.h"
#include "rz/reports/failure.h"
#include "rz/reports/formats.h"

namespace rz::server {

Answer error_answer(int status, const Error& error) {
  reports::StringPage page;
  reports::Json::write(reports::Failure{"rz.health.ingest/1", "", error}, page);
  return make_answer(status, reports::Json::kMediaType, page.text());
}

std::optional<Answer> refuse_sender(const Request& request, const health::ServeOptions& options) {
  if (!options.token.empty()) {
    if (shows_token(request.authorization, options.token)) return std::nullopt;
    Answer answer = error_answer(
        401,
        {ErrorCode::auth, "send the token of 'serve.token_file' as Authorization: Bearer", {}});
    answer.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"rz health\"");
    return answer;
  }
  if (!request.local) {
    return error_answer(403, {ErrorCode::auth,
                              "without 'serve.token_file' payloads are taken on loopback addresses "
                              "and unix sockets alone",
                              {}});
  }
  // A page of any site can have a browser send a request to this machine. Providers send none of
  // this, and browsers always do.
  if (!request.origin.empty()) {
    return error_answer(
        403, {ErrorCode::auth, "requests of web pages are refused without 'serve.token_file'", {}});
  }
  return std::nullopt;
}

Answer ingested_answer(std::size_t count) {
  return make_answer(
      200, reports::Json::kMediaType,
      to_json(Value::object({{"ingested", static_cast<std::int64_t>(count)}})) + "\n");
}

Answer not_ingested_answer(const Error& error) {
  if (error.code == ErrorCode::parse || error.code == ErrorCode::invalid_argument) {
    return error_answer(400, error);
  }
  Answer answer = error_answer(is_outage(error) ? 503 : 500, error);
  if (answer.status == 503) answer.headers.emplace_back("Retry-After", "30");
  return answer;
}

}  // namespace rz::server
