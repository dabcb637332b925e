"""A TCP proxy on loopback that knows which connections carry a page's stream, and can cut them."""
import socket
import struct
import threading


class Proxy:
    def __init__(self, upstream):
        self.upstream = upstream
        self.lock = threading.Lock()
        self.streams = set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.upstream), timeout=10)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        pair = (client, server)
        threading.Thread(target=self.pump, args=(server, client, pair, False), daemon=True).start()
        self.pump(client, server, pair, True)

    def pump(self, source, sink, pair, is_request):
        try:
            while data := source.recv(65536):
                if is_request and data.startswith(b"GET /api/v1/events"):
                    with self.lock:
                        self.streams.add(pair)
                sink.sendall(data)
        except OSError:
            pass
        self.end(pair)

    def end(self, pair):
        with self.lock:
            self.streams.discard(pair)
        for end in pair:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()

    @property
    def open_streams(self):
        with self.lock:
            return len(self.streams)

    def cut(self):
        """Cuts every stream, as a network that fails does: with a reset."""
        with self.lock:
            pairs = list(self.streams)
        for client, server in pairs:
            try:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            except OSError:
                pass
            self.end((client, server))
        return len(pairs)

    def close(self):
        self.listener.close()
        self.cut()
