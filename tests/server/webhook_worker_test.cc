#include "rz/server/webhook_worker.h"

#include <doctest/doctest.h>

#include <condition_variable>
#include <map>

#include "rz/health/component_registry.h"
#include "rz/storage/open_storage.h"
#include "support/bare_home.h"
#include "support/patience.h"
#include "support/results.h"

namespace rz::server {
namespace {

struct WorkerWorld {
  testing::BareHome home;
  std::string url = "sqlite:" + (home.folder / "rz.db");
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::uint64_t, Answer> answers;
  std::vector<std::string> told;

  std::unique_ptr<WebhookWorker> make(const std::string& config = "", std::string store = "") {
    runtime::RuntimeOptions options;
    if (!config.empty()) options.config = home.write("rz.yaml", config);
    options.storage_url = store.empty() ? url : std::move(store);
    options.storage_source = "--storage";
    return std::make_unique<WebhookWorker>(
        options,
        [this](const Notice& notice) {
          const std::lock_guard lock(mutex);
          told.push_back(notice.what);
        },
        [this](std::uint64_t exchange, Answer answer, std::size_t) {
          const std::lock_guard lock(mutex);
          answers[exchange] = std::move(answer);
          changed.notify_all();
        },
        SystemClock::instance());
  }

  Answer take(WebhookWorker& worker, const std::string& payload) {
    static std::uint64_t exchange = 0;
    REQUIRE(worker.submit(++exchange, {ok(health::find_webhook_provider("datadog")), payload}));
    std::unique_lock lock(mutex);
    REQUIRE(changed.wait_for(lock, test::kPatience, [&] { return answers.contains(exchange); }));
    return answers[exchange];
  }

  std::vector<ComponentHealth> stored() const {
    StorageOptions options;
    options.url = url;
    const auto store = ok(open_storage(options, SystemClock::instance()));
    std::vector<Error> unreadable;
    return ok(ComponentRegistry(*store, SystemClock::instance()).list(unreadable));
  }
};

}  // namespace

TEST_CASE("a payload is stored whole and answered as the old system did") {
  WorkerWorld world;
  const auto worker = world.make();
  const Answer answer = world.take(
      *worker,
      R"({"events":[{"title":"db","alert_type":"error"},{"title":"api","alert_type":"info"}]})");
  CHECK(answer.status == 200);
  CHECK(*answer.body == "{\"ingested\":2}\n");
  const auto stored = world.stored();
  REQUIRE(stored.size() == 2);
  CHECK(stored[0].name == "api");
  CHECK(stored[1].status == "failed");
  CHECK(worker->stop(test::kPatience));
}

TEST_CASE("what is wrong with a payload is the sender's, and nothing of it is stored") {
  WorkerWorld world;
  const auto worker = world.make("health: {components: [db]}\n");
  CHECK(world.take(*worker, "{").status == 400);
  CHECK(world.take(*worker, R"({"unrelated":1})").status == 400);
  CHECK(world.take(*worker, R"({"events":[{"title":"db"},{"title":"other"}]})").status == 400);
  CHECK(world.take(*worker, R"({"title":"db"})").status == 200);
  CHECK(world.stored().size() == 1);
  CHECK(worker->stop(test::kPatience));
}

TEST_CASE("a store that cannot serve is not the sender's fault") {
  WorkerWorld world;
  const auto away = world.make("storage: {max_retries: 0}\n", "redis://127.0.0.1:1");
  const Answer answer = world.take(*away, R"({"title":"db"})");
  CHECK(answer.status == 503);
  CHECK(answer.headers.size() == 1);
  CHECK_FALSE(world.told.empty());
  CHECK(away->stop(test::kPatience));
  const auto memory = world.make("", "memory:");
  CHECK(world.take(*memory, R"({"title":"db"})").status == 500);
  CHECK(memory->stop(test::kPatience));
}

TEST_CASE("after a reload the new configuration counts") {
  WorkerWorld world;
  const auto worker = world.make("health: {components: [db]}\n");
  CHECK(world.take(*worker, R"({"title":"api"})").status == 400);
  world.home.write("rz.yaml", "health: {components: [api]}\n");
  CHECK(world.take(*worker, R"({"title":"api"})").status == 400);
  worker->reload();
  CHECK(world.take(*worker, R"({"title":"api"})").status == 200);
  CHECK(worker->stop(test::kPatience));
  CHECK_FALSE(worker->submit(99, {}));
}

TEST_CASE("a delivery that still waits can be withdrawn, and is not stored then") {
  WorkerWorld world;
  const auto worker = world.make();
  const auto* provider = ok(health::find_webhook_provider("datadog"));
  {
    // The first cannot be answered meanwhile, so that the second waits.
    const std::lock_guard lock(world.mutex);
    REQUIRE(worker->submit(1, {provider, R"({"title":"first"})"}));
    REQUIRE(worker->submit(2, {provider, R"({"title":"second"})"}));
    CHECK(worker->withdraw(2));
    CHECK_FALSE(worker->withdraw(2));
  }
  CHECK(worker->stop(test::kPatience));
  CHECK(world.answers.size() == 1);
  CHECK(world.answers[1].status == 200);
  REQUIRE(world.stored().size() == 1);
  CHECK(world.stored().front().name == "first");
}

}  // namespace rz::server
