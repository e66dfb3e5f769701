#include "rz/health/check_type.h"
#include "rz/health/checks/component_check.h"
#include "rz/health/checks/disk_check.h"
#include "rz/health/checks/dns_check.h"
#include "rz/health/checks/grpc_check.h"
#include "rz/health/checks/http_check.h"
#include "rz/health/checks/ping_check.h"
#include "rz/health/checks/redis_check.h"
#include "rz/health/checks/tcp_check.h"
#include "rz/health/checks/tls_check.h"

namespace rz::health {
namespace {

// To add a type is to add its row here.
constexpr CheckType kCheckTypes[] = {
    check_type<RedisCheckOptions>("A Redis server, sentinels or a cluster that must answer PING."),
    check_type<HttpCheckOptions>("A service that must answer a request as expected."),
    check_type<TcpCheckOptions>("A port that must accept connections, and may have to answer."),
    check_type<TlsCheckOptions>("The certificates of a server, and its version of TLS."),
    check_type<DnsCheckOptions>("The records of a domain."),
    check_type<GrpcCheckOptions>("What a server says of itself by gRPC's health protocol."),
    check_type<PingCheckOptions>("A host that answers ICMP echo requests."),
    check_type<DiskCheckOptions>("The space that is left on a file system."),
    check_type<ComponentCheckOptions>("What a component reports of itself."),
};

}  // namespace

std::span<const CheckType> check_types() { return kCheckTypes; }

}  // namespace rz::health
