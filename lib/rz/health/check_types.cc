#include "rz/health/check_type.h"
#include "rz/health/checks/component_check.h"
#include "rz/health/checks/disk_check.h"
#include "rz/health/checks/http_check.h"
#include "rz/health/checks/redis_check.h"
#include "rz/health/checks/tcp_check.h"

namespace rz::health {
namespace {

// To add a type is to add its row here.
constexpr CheckType kCheckTypes[] = {
    check_type<RedisCheckOptions>("A Redis server, sentinels or a cluster that must answer PING."),
    check_type<HttpCheckOptions>("A service that must answer a request as expected."),
    check_type<TcpCheckOptions>("A port that must accept connections, and may have to answer."),
    check_type<DiskCheckOptions>("The space that is left on a file system."),
    check_type<ComponentCheckOptions>("What a component reports of itself."),
};

}  // namespace

std::span<const CheckType> check_types() { return kCheckTypes; }

}  // namespace rz::health
