#!/usr/bin/env python3
"""A way to a server other than the plain one: TLS, a Unix socket, a proxy, a redirect.

    front_door.py tls HOST:PORT CERT KEY [CLIENT_CA]     https in front of the server
    front_door.py unix HOST:PORT PATH                    a socket in front of it
    front_door.py proxy USER:PASSWORD LOG                an HTTP proxy that wants a password; LOG gets its requests
    front_door.py redirect PREFIX LOG                    answers 307 with PREFIX before the path; LOG gets the headers

Prints "listening PORT" and serves until it is killed.
"""
import base64
import socket
import ssl
import sys
import threading


def pump(source, sink):
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            sink.sendall(data)
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def join(a, b):
    threading.Thread(target=pump, args=(a, b), daemon=True).start()
    pump(b, a)


def address(text):
    host, port = text.rsplit(':', 1)
    return host, int(port)


def head_of(connection):
    head = b''
    while b'\r\n\r\n' not in head:
        data = connection.recv(65536)
        if not data:
            return head
        head += data
    return head


def write(path, text):
    with open(path, 'a', encoding='utf-8') as log:
        log.write(text)


def forward(connection, arguments):
    join(connection, socket.create_connection(address(arguments[0])))


def proxy(connection, arguments):
    head = head_of(connection)
    lines = head.split(b'\r\n')
    write(arguments[1], head.decode('latin-1'))
    wanted = b'Proxy-Authorization: Basic ' + base64.b64encode(arguments[0].encode())
    if wanted not in lines:
        connection.sendall(b'HTTP/1.1 407 no\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n')
        return
    method, url, version = lines[0].split(b' ')
    if method == b'CONNECT':
        server = socket.create_connection(address(url.decode()))
        connection.sendall(b'HTTP/1.1 200 go\r\nX-Proxy: 1\r\n\r\n')
    else:
        host, path = url[len(b'http://'):].split(b'/', 1)
        server = socket.create_connection(address(host.decode()))
        rest = [line for line in lines[1:] if not line.lower().startswith((b'proxy-', b'connection'))]
        server.sendall(b'\r\n'.join([method + b' /' + path + b' ' + version, b'Connection: close'] + rest))
    join(connection, server)


def redirect(connection, arguments):
    head = head_of(connection)
    write(arguments[1], head.decode('latin-1'))
    path = head.split(b' ')[1]
    connection.sendall(b'HTTP/1.1 307 elsewhere\r\nLocation: ' + arguments[0].encode() + path +
                       b'\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')


def serve(listener, handle, arguments, context):
    def one(connection):
        try:
            if context:
                connection = context.wrap_socket(connection, server_side=True)
            handle(connection, arguments)
        except OSError:
            pass
        finally:
            connection.close()

    while True:
        connection, _ = listener.accept()
        threading.Thread(target=one, args=(connection,), daemon=True).start()


def main():
    kind, arguments = sys.argv[1], sys.argv[2:]
    context = None
    if kind == 'tls':
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(arguments[1], arguments[2])
        if len(arguments) > 3:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(arguments[3])
    if kind == 'unix':
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(arguments[1])
        listener.listen(64)
        print('listening', flush=True)
    else:
        listener = socket.create_server(('127.0.0.1', 0), backlog=64)
        print('listening', listener.getsockname()[1], flush=True)
    handle = {'tls': forward, 'unix': forward, 'proxy': proxy, 'redirect': redirect}[kind]
    serve(listener, handle, arguments, context)


main()
