"""A hostile HTTP server on a free port of 127.0.0.1: each path misbehaves in its own way.

hostile_http_server.py PORT_FILE: writes its port to PORT_FILE once it serves. The paths are the keys of ANSWERS; any other one gets
a good answer. With HTTP/2's preface, the path is that of FRAMES which HTTP2 in the environment names.
"""

import os
import random
import socket
import struct
import sys
import threading
import time
import zlib

OK = b"HTTP/1.1 200 OK\r\n"
BLOCK = b"x" * 65536
GIB = 1 << 30


def repeat(client, chunk, total=None):
    sent = 0
    while total is None or sent < total:
        client.sendall(chunk)
        sent += len(chunk)


def drip(client, data, pause):
    for byte in data:
        client.sendall(bytes([byte]))
        time.sleep(pause)


def answer(data):
    return lambda client: client.sendall(data)


def then_silence(data=b""):
    def send(client):
        client.sendall(data)
        time.sleep(60)

    return send


def then_repeat(begin, chunk, total=None, end=b""):
    def send(client):
        client.sendall(begin)
        repeat(client, chunk, total)
        client.sendall(end)

    return send


def then_drip(begin, data, pause=0.05):
    def send(client):
        client.sendall(begin)
        drip(client, data, pause)

    return send


def redirect(where):
    return answer(b"HTTP/1.1 302 Found\r\nLocation: " + where + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def chunked(data):
    return answer(OK + b"Transfer-Encoding: chunked\r\n\r\n" + data)


def gzip_bomb(client):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(b"\0" * (1 << 20)) for _ in range(20)) + packer.flush()
    client.sendall(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb)


def reset(client):
    client.sendall(OK + b"Content-Length: 100000\r\n\r\n" + b"x" * 5000)
    time.sleep(0.1)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


ANSWERS = {
    "slow_headers": then_drip(OK + b"X-A: ", b"a" * 100000),
    "slow_status": then_drip(b"", b"HTTP/1.1 200 OK", 1),
    "no_answer": then_silence(),
    "endless_body": then_repeat(OK + b"\r\n", BLOCK),
    "endless_chunks": then_repeat(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + BLOCK + b"\r\n"),
    "slow_body": then_drip(OK + b"Content-Length: 100000\r\n\r\n", BLOCK),
    "gib_body": then_repeat(OK + b"Content-Length: %d\r\n\r\n" % GIB, BLOCK, GIB),
    "gzip_bomb": gzip_bomb,
    "bad_chunk": chunked(b"zz\r\nhello\r\n0\r\n\r\n"),
    "huge_chunk": chunked(b"FFFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n"),
    "negative_chunk": chunked(b"-1\r\nhello\r\n0\r\n\r\n"),
    "cut_chunk": chunked(b"10\r\nhello"),
    "redirect_loop": redirect(b"/redirect_loop"),
    "redirect_grows": redirect(b"/redirect_grows?" + b"a" * 90000),
    "redirect_to_file": redirect(b"file:///etc/passwd"),
    "redirect_to_rubbish": redirect(b"\x1b[2Jhttp://["),
    "control_in_status": answer(b"HTTP/1.1 500 \x1b[2J\x07bad\r\nX-A: \x1b[31m\x00\r\nContent-Length: 2\r\n\r\n\x1b["),
    "control_in_body": answer(OK + b"X-A: \x1b[31m\r\nContent-Length: 7\r\n\r\n\x1b[2J\x07\x00\xff"),
    "nul_in_header": answer(OK + b"X-A: a\0b\r\nContent-Length: 2\r\n\r\nok"),
    "gib_header": then_repeat(OK + b"X-A: ", BLOCK, GIB, b"\r\n\r\n"),
    "gib_of_headers": then_repeat(OK, b"X-A: b\r\n" * 8192, GIB, b"\r\n"),
    "endless_100": then_repeat(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    "length_too_long": answer(OK + b"Content-Length: 100\r\n\r\nok"),
    "length_too_short": answer(OK + b"Content-Length: 1\r\n\r\nokokokok"),
    "two_lengths": answer(OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nok!"),
    "negative_length": answer(OK + b"Content-Length: -5\r\n\r\nok"),
    "length_of_23_digits": answer(OK + b"Content-Length: 99999999999999999999999\r\n\r\nok"),
    "length_and_chunks": answer(OK + b"Content-Length: 100\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
    "close_at_once": answer(b""),
    "close_in_status": answer(b"HTTP/1.1 2"),
    "close_in_header": answer(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "close_in_body": answer(OK + b"Content-Length: 100000\r\n\r\n" + b"x" * 5000),
    "reset": reset,
    "http_0_9": answer(b"<html>hello</html>"),
    "http_3_7": answer(b"HTTP/3.7 200 OK\r\n\r\nok"),
    "status_999": answer(b"HTTP/1.1 999 Whatever\r\nContent-Length: 2\r\n\r\nok"),
    "status_000": answer(b"HTTP/1.1 000 Whatever\r\nContent-Length: 2\r\n\r\nok"),
    "status_is_a_word": answer(b"HTTP/1.1 two OK\r\nContent-Length: 2\r\n\r\nok"),
    "switching_protocols": then_silence(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"),
    "ssh": then_silence(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "rubbish": answer(random.Random(1).randbytes(100000)),
    "folded_header": answer(OK + b"X-A: b\r\n   folded\r\nContent-Length: 2\r\n\r\nok"),
    "lines_without_cr": answer(b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok"),
}


def frame(kind, payload=b"", stream=0, flags=0):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


SETTINGS = frame(4)
FRAMES = {
    "random bytes": answer(random.Random(2).randbytes(5000)),
    "SETTINGS, then random bytes": answer(SETTINGS + random.Random(3).randbytes(5000)),
    "a DATA frame of 16 MiB": answer(SETTINGS + b"\xff\xff\xff\0\0\0\0\0\1" + b"x" * (1 << 24)),
    "PING without end": then_repeat(SETTINGS, frame(6, b"12345678") * 1000),
    "SETTINGS without end": then_repeat(b"", SETTINGS * 1000),
    "CONTINUATION without end": then_repeat(SETTINGS + frame(1, b"", 1), frame(9, b"", 1) * 1000),
    "GOAWAY": answer(SETTINGS + frame(7, b"\0" * 8)),
    "RST_STREAM": answer(SETTINGS + frame(3, b"\0\0\0\2", 1)),
    "SETTINGS, then silence": then_silence(SETTINGS),
}


def serve(client):
    try:
        request = b""
        while b"\r\n\r\n" not in request and len(request) < 200000:
            data = client.recv(65536)
            if not data:
                return
            request += data
        if request.startswith(b"PRI "):
            FRAMES[os.environ["HTTP2"]](client)
            # What is sent last must be read before the end of the connection.
            while client.recv(65536):
                pass
        else:
            path = request.split(b" ")[1].split(b"?")[0][1:].decode("latin1")
            good = answer(OK + b"Content-Length: 2\r\nConnection: close\r\n\r\nok")
            ANSWERS.get(path, good)(client)
        client.shutdown(socket.SHUT_WR)
        while client.recv(65536):
            pass
    except (OSError, IndexError):
        pass
    finally:
        client.close()


def main():
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    with open(sys.argv[1] + ".new", "w", encoding="ascii") as file:
        file.write(str(listener.getsockname()[1]))
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client,), daemon=True).start()


if __name__ == "__main__":
    main()
