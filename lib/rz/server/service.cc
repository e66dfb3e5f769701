#include "rz/server/service.h"

#include <utility>

#include "rz/base/counted.h"
#include "rz/server/webhook_answer.h"

namespace rz::server {
namespace {

// Between two lines about refused requests: whoever is refused must not fill the log.
constexpr std::chrono::seconds kBetweenRefusals{10};

// Between two lines about the same status with other counts.
constexpr std::chrono::seconds kBetweenCounts{60};

std::string status_text(const Snapshot& snapshot) {
  const std::string& why = snapshot.void_because;
  return std::string(to_string(snapshot.status)) + ": " + snapshot.counts +
         (why.empty() ? "" : "; void: " + why);
}

}  // namespace

Service::Service(health::ServeOptions options, const ServiceManager& manager, Tell tell,
                 Clock& clock)
    : manager_(manager),
      tell_(std::move(tell)),
      clock_(clock),
      options_(std::make_shared<const health::ServeOptions>(std::move(options))) {}

void Service::connect(WebhookWorker* worker, HttpServer* server) {
  worker_ = worker;
  server_ = server;
}

void Service::set_options(health::ServeOptions options) {
  auto shared = std::make_shared<const health::ServeOptions>(std::move(options));
  const std::lock_guard lock(mutex_);
  options_ = std::move(shared);
}

std::shared_ptr<const health::ServeOptions> Service::options() const {
  const std::lock_guard lock(mutex_);
  return options_;
}

void Service::publish(std::shared_ptr<const Snapshot> snapshot, const std::string& trouble) {
  std::string text;
  bool is_news = false;
  {
    const std::lock_guard lock(mutex_);
    ++traffic_.refreshes;
    trouble_ = trouble;
    // Without new results the old ones stay until they are too old.
    if (!snapshot) return;
    text = status_text(*snapshot);
    is_news = notes_news(*snapshot);
    snapshot_ = std::move(snapshot);
  }
  if (is_news) say(text);
  if (!draining_) manager_.status(text);
}

// Another status is told at once. Thousands of components may change their counts in each refresh.
bool Service::notes_news(const Snapshot& snapshot) {
  const auto now = std::chrono::steady_clock::now();
  const bool other_status = std::exchange(told_old_, false) || told_status_ != snapshot.status;
  if (!other_status && (told_counts_ == snapshot.counts || now < next_counts_told_)) return false;
  told_status_ = snapshot.status;
  told_counts_ = snapshot.counts;
  next_counts_told_ = now + kBetweenCounts;
  return true;
}

void Service::watch_age() {
  std::string old;
  {
    const std::lock_guard lock(mutex_);
    if (!snapshot_ || told_old_) return;
    View now{.options = *options_, .snapshot = snapshot_, .age = age_of(*snapshot_, clock_)};
    const auto error = cannot_tell(now);
    if (!error) return;
    told_old_ = true;
    old = "unknown: " + error->message;
  }
  say(old, Notice::Severity::warning);
  if (!draining_) manager_.status(old);
}

std::string Service::summary() const {
  const std::lock_guard lock(mutex_);
  return snapshot_ ? status_text(*snapshot_) : "waiting for the first results";
}

void Service::delivered(std::uint64_t exchange, Answer answer, std::size_t ingested) {
  {
    const std::lock_guard lock(mutex_);
    traffic_.ingested += ingested;
  }
  if (ingested > 0) say("took " + counted(ingested, "report") + " of a webhook");
  server_->answer(exchange, std::move(answer));
}

std::variant<Answer, Delivery> Service::routed(const Request& request, const HttpCounts& counts) {
  std::shared_ptr<const health::ServeOptions> options;
  std::shared_ptr<const Snapshot> snapshot;
  std::string trouble;
  Traffic traffic;
  {
    const std::lock_guard lock(mutex_);
    options = options_;
    snapshot = snapshot_;
    trouble = trouble_;
    traffic = traffic_;
  }
  traffic.connections = counts.connections;
  traffic.connections_closed_full = counts.closed_full;
  traffic.connections_timed_out = counts.timed_out;
  const auto age = snapshot ? age_of(*snapshot, clock_) : std::chrono::nanoseconds{0};
  auto outcome = route(request, View{.options = *options,
                                     .snapshot = std::move(snapshot),
                                     .age = age,
                                     .trouble = std::move(trouble),
                                     .draining = draining_,
                                     .traffic = std::move(traffic)});
  if (const auto* answer = std::get_if<Answer>(&outcome)) tell_refusal(request, answer->status);
  return outcome;
}

// Only what may be delivered has a body that anybody wants to read.
std::optional<Answer> Service::handle_head(const Request& head, const HttpCounts& counts) {
  auto outcome = routed(head, counts);
  if (auto* answer = std::get_if<Answer>(&outcome)) return std::move(*answer);
  return std::nullopt;
}

std::optional<Answer> Service::handle(const Request& request, std::uint64_t exchange,
                                      const HttpCounts& counts) {
  auto outcome = routed(request, counts);
  if (auto* answer = std::get_if<Answer>(&outcome)) return std::move(*answer);
  if (worker_->submit(exchange, std::get<Delivery>(std::move(outcome)))) return std::nullopt;
  return not_ingested_answer({ErrorCode::unavailable, "too many payloads wait to be stored", {}});
}

Answer Service::give_up(std::uint64_t exchange) {
  if (worker_->withdraw(exchange)) {
    return not_ingested_answer(
        {ErrorCode::unavailable,
         "it was not taken, since others were being stored in all of its time",
         {}});
  }
  return not_ingested_answer({ErrorCode::timeout,
                              "the store has not answered in time; whether it was taken is unknown",
                              {}});
}

void Service::answered(int status) {
  const std::lock_guard lock(mutex_);
  ++traffic_.answers[status];
}

void Service::note(const std::string& what) { say(what, Notice::Severity::warning); }

void Service::tell_refusal(const Request& request, int status) {
  if (status != 401 && status != 403) return;
  std::string more;
  {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (now < next_refusal_told_) {
      ++refusals_untold_;
      return;
    }
    next_refusal_told_ = now + kBetweenRefusals;
    if (refusals_untold_ > 0) {
      more = " (and " + counted(std::exchange(refusals_untold_, 0), "request") + " before)";
    }
  }
  say("refused with " + std::to_string(status) + ": " + request.method + " " +
          request.target.substr(0, 200) + more,
      Notice::Severity::warning);
}

}  // namespace rz::server
