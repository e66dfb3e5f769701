// The contract of Storage for collections, and for what is read and proven together.
#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "storage/storage_contract.h"
#include "storage/storage_contract_support.h"
#include "support/print.h"
#include "support/results.h"

namespace rz::storage {
namespace {

using Members = std::vector<KeyValue>;

void put_member(Storage& storage, const std::string& name, const std::string& value,
                std::optional<Millis> expire = std::nullopt) {
  REQUIRE(ok(storage.commit(Batch().set_member("c:", name, value, expire))) == Commit::done);
}

}  // namespace

void check_collections(const StorageBackend& backend) {
  const std::unique_ptr<Storage> storage = backend.open();

  SUBCASE("an empty one") { CHECK(ok(storage->read_collection("c:")).empty()); }
  SUBCASE("its members come by key, and nothing else") {
    put_member(*storage, "b", "2");
    put_member(*storage, "a", "1");
    put_member(*storage, "b", "3");
    const Batch others = Batch().set_member("cc:", "x", "-").set("c", "-").set("d:a", "-");
    REQUIRE(ok(storage->commit(others)) == Commit::done);
    CHECK(ok(storage->read_collection("c:")) == Members{{"c:a", "1"}, {"c:b", "3"}});
    CHECK(ok(storage->read_collection("cc:")) == Members{{"cc:x", "-"}});
    CHECK(ok(storage->get("c:a")) == "1");
  }
  SUBCASE("names of any bytes") {
    std::set<std::string> names(awkward_strings().begin(), awkward_strings().end());
    names.erase("");
    Batch batch;
    for (const std::string& name : names) batch.set_member("c:", name, "v" + name);
    REQUIRE(ok(storage->commit(batch)) == Commit::done);
    Members expected;
    for (const std::string& name : names) expected.push_back({"c:" + name, "v" + name});
    CHECK(ok(storage->read_collection("c:")) == expected);
  }
  SUBCASE("what is removed or has expired is gone, and comes back when it is written again") {
    put_member(*storage, "a", "1");
    put_member(*storage, "c", "1");
    std::size_t members = 0;
    const Millis life = use_while_alive(backend, [&](Millis short_life) {
      put_member(*storage, "b", "1", short_life);
      members = ok(storage->read_collection("c:")).size();
    });
    CHECK(members == 3);
    CHECK(ok(storage->remove("c:a")));
    pass_life(
        backend, [&] { return ok(storage->read_collection("c:")).size() == 2; }, life);
    CHECK(ok(storage->read_collection("c:")) == Members{{"c:c", "1"}});
    put_member(*storage, "a", "2");
    put_member(*storage, "b", "2");
    CHECK(ok(storage->read_collection("c:")) == Members{{"c:a", "2"}, {"c:b", "2"}, {"c:c", "1"}});
  }
  SUBCASE("keys that were there before anybody read it are members") {
    Batch batch;
    for (int i = 0; i < 2500; ++i) batch.set("c:" + std::to_string(10'000 + i), "v");
    REQUIRE(ok(storage->commit(batch.set("other", "v").set("c:", "v"))) == Commit::done);
    for (int round = 0; round < 2; ++round) {
      const Members members = ok(storage->read_collection("c:"));
      REQUIRE(members.size() == 2500);
      CHECK(members.front() == KeyValue{"c:10000", "v"});
      CHECK(members.back() == KeyValue{"c:12499", "v"});
    }
  }
  SUBCASE("a batch that is refused adds nothing") {
    CHECK(ok(storage->commit(Batch().expect("k", "v").set_member("c:", "a", "1"))) ==
          Commit::refused);
    CHECK(ok(storage->read_collection("c:")).empty());
  }
  SUBCASE("a member is named by its collection and a name of its own") {
    for (const auto& [collection, name] :
         {std::pair{"c", "a"}, std::pair{"c:", ""}, std::pair{":c", "a"}}) {
      Batch batch;
      batch.set_member(collection, name, "v");
      CHECK(code_of(storage->commit(batch)) == ErrorCode::invalid_argument);
    }
    Batch elsewhere;
    elsewhere.writes.emplace_back(Batch::Set{"d:a", "v", std::nullopt, "c:"});
    CHECK(code_of(storage->commit(elsewhere)) == ErrorCode::invalid_argument);
  }
  SUBCASE("no member is lost, whoever writes and reads at once") {
    const auto all_written = [&](int thread) {
      const std::unique_ptr<Storage> own = backend.open();
      for (int i = 0; i < 50; ++i) {
        const std::string name = std::to_string(thread) + "-" + std::to_string(i);
        if (ok(own->commit(Batch().set_member("c:", name, "v"))) != Commit::done) return false;
        if (ok(own->read_collection("c:")).empty()) return false;
        if (i % 2 == 1 && !ok(own->remove("c:" + name))) return false;
      }
      return true;
    };
    CHECK(race(4, all_written) == 4);
    CHECK(ok(storage->read_collection("c:")).size() == 100);
  }
  SUBCASE("many things are read together") {
    REQUIRE(storage->set("k", "v"));
    put_member(*storage, "a", "1");
    REQUIRE(storage->commit(Batch().append("log", TimePoint{}, "record")));
    const ReadAnswer answer =
        ok(storage->read_together({{"k", "nosuch", "k"}, {"c:", "nosuch:"}, {"log", "nosuch"}}));
    REQUIRE(answer.values.size() == 3);
    CHECK(ok(answer.values[0]) == "v");
    CHECK(ok(answer.values[1]) == std::nullopt);
    CHECK(ok(answer.values[2]) == "v");
    REQUIRE(answer.collections.size() == 2);
    CHECK(ok(answer.collections[0]) == Members{{"c:a", "1"}});
    CHECK(ok(answer.collections[1]).empty());
    REQUIRE(answer.logs.size() == 2);
    CHECK(ok(answer.logs[0]));
    CHECK_FALSE(ok(answer.logs[1]));
    const ReadAnswer nothing = ok(storage->read_together({}));
    CHECK(nothing.values.empty());
    CHECK(nothing.collections.empty());
  }
  SUBCASE("a probe writes its key, which does not stay") {
    const StoreProbe found = ok(storage->probe());
    CHECK_FALSE(found.write_error);
    CHECK(ok(storage->exists(kProbeKey)));
    backend.advance(backend.exact_time ? kProbeLife : Millis{0});
    if (backend.exact_time) CHECK_FALSE(ok(storage->exists(kProbeKey)));
  }
}

}  // namespace rz::storage
