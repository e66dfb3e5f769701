"""A gRPC server on a free port of 127.0.0.1 with the health protocol, for the test of the grpc check.

grpc_health_server.py PORT_FILE [CERTIFICATE KEY]: writes its port to PORT_FILE once it serves. The name of
the service that is asked about says how it answers; one that begins with "bare" has no health protocol.
"""

import os
import sys
import time
from concurrent import futures

import grpc

STATUSES = {b"": 1, b"up": 1, b"late": 1, b"down": 2, b"unsure": 0, b"watched": 3}
ABORTS = {
    b"denied": (grpc.StatusCode.PERMISSION_DENIED, "not \x1b[31m you"),
    b"wrong": (grpc.StatusCode.INVALID_ARGUMENT, "what?"),
    b"bare": (grpc.StatusCode.UNIMPLEMENTED, ""),
}


def check(request, context):
    service = request[2:]  # Behind the tag of field 1 and a length of one byte.
    if service == b"slow":
        time.sleep(3600)
    if service == b"late":
        time.sleep(0.03)
    if service in ABORTS:
        context.abort(*ABORTS[service])
    if service not in STATUSES:
        context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
    status = STATUSES[service]
    return bytes([8, status]) if status else b""


def main():
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    method = grpc.unary_unary_rpc_method_handler(check)
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler("grpc.health.v1.Health", {"Check": method})])
    if len(sys.argv) > 2:
        with open(sys.argv[2], "rb") as certificate, open(sys.argv[3], "rb") as key:
            credentials = grpc.ssl_server_credentials([(key.read(), certificate.read())])
        port = server.add_secure_port("127.0.0.1:0", credentials)
    else:
        port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with open(sys.argv[1] + ".new", "w") as file:
        file.write(str(port))
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    server.wait_for_termination()


main()
