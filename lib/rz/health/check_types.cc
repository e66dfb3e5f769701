#include "rz/health/check_type.h"
#include "rz/health/checks/command_check.h"
#include "rz/health/checks/component_check.h"
#include "rz/health/checks/condition_check.h"
#include "rz/health/checks/disk_check.h"
#include "rz/health/checks/dns_check.h"
#include "rz/health/checks/docker_check.h"
#include "rz/health/checks/file_check.h"
#include "rz/health/checks/group_check.h"
#include "rz/health/checks/grpc_check.h"
#include "rz/health/checks/http_check.h"
#include "rz/health/checks/load_check.h"
#include "rz/health/checks/memory_check.h"
#include "rz/health/checks/mysql_check.h"
#include "rz/health/checks/ntp_check.h"
#include "rz/health/checks/ping_check.h"
#include "rz/health/checks/postgres_check.h"
#include "rz/health/checks/pressure_check.h"
#include "rz/health/checks/process_check.h"
#include "rz/health/checks/redis_check.h"
#include "rz/health/checks/store_check.h"
#include "rz/health/checks/systemd_check.h"
#include "rz/health/checks/tcp_check.h"
#include "rz/health/checks/tls_check.h"

namespace rz::health {
namespace {

// To add a type is to add its row here.
constexpr CheckType kCheckTypes[] = {
    check_type<RedisCheckOptions>("A Redis server, sentinels or a cluster that must answer PING.",
                                  "datastore"),
    check_type<StoreCheckOptions>(
        "rz's own store, which holds the mode, its history and what components report.",
        "datastore"),
    check_type<HttpCheckOptions>("A service that must answer a request as expected."),
    check_type<TcpCheckOptions>("A port that must accept connections, and may have to answer."),
    check_type<TlsCheckOptions>("The certificates of a server, and its version of TLS."),
    check_type<DnsCheckOptions>("The records of a domain."),
    check_type<GrpcCheckOptions>("What a server says of itself by gRPC's health protocol."),
    check_type<PingCheckOptions>("A host that answers ICMP echo requests."),
    check_type<DiskCheckOptions>("The space that is left on file systems.", "system"),
    check_type<ComponentCheckOptions>("What a component reports of itself."),
    check_type<CommandCheckOptions>("A program that tells by its exit code, as a Nagios plugin."),
    check_type<ProcessCheckOptions>("How many processes of a kind run.", "system"),
    check_type<FileCheckOptions>("A file that must be there, and what it must be like.", "system"),
    check_type<MemoryCheckOptions>("The memory that is left for programs.", "system"),
    check_type<LoadCheckOptions>("The load average of this machine.", "system"),
    check_type<PressureCheckOptions>("How long tasks stand still for want of CPU, memory or disk.",
                                     "system"),
    check_type<SystemdCheckOptions>("A unit of systemd, and the state that it is in.", "system"),
    check_type<DockerCheckOptions>("A container of Docker, and its own health."),
    check_type<PostgresCheckOptions>("A PostgreSQL server, its role, and what a query returns.",
                                     "datastore"),
    check_type<MysqlCheckOptions>("A MySQL or MariaDB server, its role, and what a query returns.",
                                  "datastore"),
    check_type<NtpCheckOptions>("How far this machine's clock is from that of a time server."),
    check_type<GroupCheckOptions>("Several checks, of which some must be good."),
    check_type<ConditionCheckOptions>("A condition over the results of other checks."),
};

}  // namespace

std::span<const CheckType> check_types() { return kCheckTypes; }

}  // namespace rz::health
