#include "rz/history/error_budget.h"

#include <doctest/doctest.h>

#include "history/history_support.h"
#include "rz/history/auditor.h"

namespace rz::history {
namespace {

std::vector<double> factors_of(Micros window) {
  std::vector<double> factors;
  for (const BurnRate& rate : burn_rates_of({99.9, window})) factors.push_back(rate.factor);
  return factors;
}

// A week of primary, but for `degraded` minutes which end `before_end` minutes before it does.
ErrorBudget budget_of(std::int64_t degraded, std::int64_t before_end, const Objective& objective) {
  constexpr std::int64_t kWeek = 7 * 24 * 60;
  AuditQuestion asked = question(0, kWeek);
  asked.objective = objective;
  const std::int64_t end = kWeek - before_end;
  const Audit audit = audit_records(asked, KnownMode{minute(-100'000), Mode::primary, 0},
                                    {change(minute(end - degraded), Mode::primary, Mode::safe, 1),
                                     change(minute(end), Mode::safe, Mode::primary, 2)});
  return *audit.budget;
}

constexpr Objective kWeekly{99, std::chrono::hours{24 * 7}};

}  // namespace

TEST_CASE("the factors of 30 days are those of the workbook") {
  const std::vector<double> factors = factors_of(std::chrono::hours{24 * 30});
  REQUIRE(factors.size() == 4);
  CHECK(factors[0] == doctest::Approx(14.4));
  CHECK(factors[1] == doctest::Approx(6));
  CHECK(factors[2] == doctest::Approx(3));
  CHECK(factors[3] == doctest::Approx(1));
}

TEST_CASE("what would burn below 1 is left out, as it never exhausts the budget") {
  // 2 % of 168h in 1h, 5 % in 6h; 10 % in 24h would be 0.7.
  const std::vector<double> factors = factors_of(std::chrono::hours{24 * 7});
  REQUIRE(factors.size() == 2);
  CHECK(factors[0] == doctest::Approx(3.36));
  CHECK(factors[1] == doctest::Approx(1.4));
  CHECK(factors_of(std::chrono::hours{24}).empty());
}

TEST_CASE("a budget is the share of its window that need not be primary") {
  CHECK(budget_of(0, 1, kWeekly).budget == minutes_long(100) + std::chrono::seconds{48});
  CHECK(budget_of(100, 1, kWeekly).left() >= Micros{0});
  CHECK(budget_of(101, 1, kWeekly).left() < Micros{0});
}

TEST_CASE("it burns only while both windows do") {
  // 10m of the last hour are 16.7 % of it, and of the last 5m all.
  const BurnRate now = budget_of(10, 0, kWeekly).burn_rates.at(0);
  CHECK(*now.long_rate == doctest::Approx(10.0 / 60 / 0.01));
  CHECK(*now.short_rate == doctest::Approx(100));
  CHECK(now.burns());
  // Over for 6 minutes: the long one still says it.
  const BurnRate over = budget_of(10, 6, kWeekly).burn_rates.at(0);
  CHECK(*over.long_rate > over.factor);
  CHECK(*over.short_rate == doctest::Approx(0));
  CHECK(!over.burns());
}

TEST_CASE("where no time counts there is no rate, and nothing burns") {
  AuditQuestion asked = question(0, 60);
  asked.objective = Objective{};
  const Audit audit = audit_records(asked, std::nullopt, {});
  const BurnRate& rate = audit.budget->burn_rates.at(0);
  CHECK(!rate.long_rate.has_value());
  CHECK(!rate.burns());
  CHECK(audit.budget->spent == Micros{0});
}

TEST_CASE("what is spent is known from before the window of the audit") {
  AuditQuestion asked = question(0, 60);
  asked.objective = Objective{99.9, std::chrono::hours{24}};
  const Audit audit = audit_records(asked, KnownMode{minute(-10'000), Mode::primary, 0},
                                    {change(minute(-600), Mode::primary, Mode::safe, 1),
                                     change(minute(-590), Mode::safe, Mode::primary, 2)});
  CHECK(audit.transitions.total == 0);
  CHECK(audit.time.degraded() == Micros{0});
  CHECK(audit.budget->spent == minutes_long(10));
  REQUIRE(audit.budget->worst.size() == 1);
  CHECK(audit.budget->worst[0].entered->epoch == 1);
}

}  // namespace rz::history
