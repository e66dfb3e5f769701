#pragma once

#include <optional>

#include "rz/base/result.h"
#include "rz/health/serve_options.h"
#include "rz/server/request.h"

namespace rz::server {

/// An error as a JSON document: `{"schema":"rz.health.ingest/1","error":{…}}`.
Answer error_answer(int status, const Error& error);

/// Why whoever sent the request may not report anything: nothing where it may. With a token it must
/// be shown (401). Without one, only this machine may (403), and no web page that a browser on it
/// shows.
std::optional<Answer> refuse_sender(const Request& request, const health::ServeOptions& options);

/// The answer to a payload that was taken, as the old system gave it: `{"ingested": N}`.
Answer ingested_answer(std::size_t count);

/// The answer to one that was not: 400 for what is wrong with it, 503 where the store is away and
/// another try may succeed, 500 for anything else. In each case nothing of it was taken, but for a
/// timeout, after which nobody knows.
Answer not_ingested_answer(const Error& error);

}  // namespace rz::server
