#include "rz/server/connection_table.h"

#include <algorithm>

namespace rz::server {
namespace {

using Phase = ConnectionTable::Phase;

// Who is closed first: those that have no whole request here, then those that do not read their
// answer. What is being answered is not closed.
int rank(Phase phase) {
  switch (phase) {
    case Phase::arriving:
    case Phase::receiving:
    case Phase::idle:
    case Phase::lingering: return 0;
    case Phase::sending: return 1;
    case Phase::answering: return 2;
  }
  return 2;
}

}  // namespace

std::optional<int> ConnectionTable::add(int fd, const std::string& client, Time now) {
  connections_[fd] = Connection{client, Phase::arriving, now};
  ++counted_;
  if (!client.empty() && count_of(client) > limits_.connections_per_client) {
    if (const auto one = victim(&client)) return give_up(*one);
  }
  if (counted_ > limits_.connections) {
    if (const auto one = victim(nullptr)) return give_up(*one);
  }
  return std::nullopt;
}

void ConnectionTable::remove(int fd) {
  const auto found = connections_.find(fd);
  if (found == connections_.end()) return;
  if (!found->second.closing) --counted_;
  connections_.erase(found);
}

void ConnectionTable::enter(int fd, Phase phase, Time now) {
  const auto found = connections_.find(fd);
  if (found == connections_.end()) return;
  Connection& connection = found->second;
  // The request of a new connection has begun when that was accepted, so that it has one time in
  // all to arrive.
  const bool same_time = phase == Phase::answering ||
                         (phase == Phase::receiving && connection.phase == Phase::arriving);
  connection.phase = phase;
  if (!same_time) connection.since = now;
}

std::optional<ConnectionTable::Time> ConnectionTable::deadline_of(
    const Connection& connection) const {
  if (connection.closing || connection.phase == Phase::answering) return std::nullopt;
  return connection.since +
         (connection.phase == Phase::idle ? limits_.idle_timeout : limits_.request_timeout);
}

std::vector<int> ConnectionTable::overdue(Time now) {
  std::vector<int> late;
  for (const auto& [fd, connection] : connections_) {
    const auto deadline = deadline_of(connection);
    if (deadline && *deadline <= now) late.push_back(fd);
  }
  for (const int fd : late) give_up(fd);
  return late;
}

std::size_t ConnectionTable::busy() const {
  return static_cast<std::size_t>(
      std::count_if(connections_.begin(), connections_.end(), [](const auto& each) {
        const Connection& connection = each.second;
        return !connection.closing && connection.phase != Phase::arriving &&
               connection.phase != Phase::idle;
      }));
}

std::optional<int> ConnectionTable::victim(const std::string* client) const {
  const std::pair<const int, Connection>* chosen = nullptr;
  for (const auto& each : connections_) {
    if (each.second.closing || rank(each.second.phase) > 1) continue;
    if (client != nullptr && each.second.client != *client) continue;
    const auto order = [](const Connection& connection) {
      return std::pair(rank(connection.phase), connection.since);
    };
    if (chosen == nullptr || order(each.second) < order(chosen->second)) chosen = &each;
  }
  if (chosen == nullptr) return std::nullopt;
  return chosen->first;
}

std::size_t ConnectionTable::count_of(const std::string& client) const {
  return static_cast<std::size_t>(std::count_if(
      connections_.begin(), connections_.end(),
      [&](const auto& each) { return !each.second.closing && each.second.client == client; }));
}

int ConnectionTable::give_up(int fd) {
  connections_.at(fd).closing = true;
  --counted_;
  return fd;
}

}  // namespace rz::server
