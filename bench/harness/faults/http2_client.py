"""A well-behaved HTTP/2 client over TLS, on hyper-h2."""

import asyncio
import ssl

from faults.ground import HOST

GOAWAY = 7
HEAD = 9  # bytes ahead of a frame's payload


def tls(*protocols):
    """Accepts any certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(list(protocols))
    return context


class Http2Client:
    """One connection. `dead` says why it is over."""

    def __init__(self, port):
        self.port = port
        self.reader = self.writer = self.connection = self.task = self.dead = None
        self.waiting, self.partial = {}, {}

    async def open(self):
        import h2.config  # of python3-h2, which is installed when a soak is asked for
        import h2.connection
        self.reader, self.writer = await asyncio.open_connection(
            HOST, self.port, ssl=tls("h2"), server_hostname="t.local")
        config = h2.config.H2Configuration(client_side=True, header_encoding="utf-8")
        self.connection = h2.connection.H2Connection(config)
        self.connection.initiate_connection()
        self.flush()
        self.task = asyncio.create_task(self.read())
        return self

    def flush(self):
        data = self.connection.data_to_send()
        if data:
            self.writer.write(data)

    async def read(self):
        received = b""
        try:
            while data := await self.reader.read(65536):
                whole, received = self.without_goaway(received + data)
                for event in self.connection.receive_data(whole):
                    self.hear(event)
                self.flush()
        except Exception as failure:  # of whatever layer: the connection is over, and those who wait are told
            self.dead = repr(failure)
        self.dead = self.dead or "closed"
        for future in self.waiting.values():
            if not future.done():
                future.set_exception(ConnectionError(self.dead))
        self.waiting.clear()
        self.writer.close()

    def without_goaway(self, data):
        """Whole frames without GOAWAY, and the rest: hyper-h2 takes nothing more behind one, whatever is under way."""
        whole = b""
        while len(data) >= HEAD and len(data) >= HEAD + int.from_bytes(data[:3], "big"):
            length = HEAD + int.from_bytes(data[:3], "big")
            if data[3] == GOAWAY:
                self.dead = f"GOAWAY {int.from_bytes(data[13:17], 'big')}"
            else:
                whole += data[:length]
            data = data[length:]
        return whole, data

    def hear(self, event):
        import h2.events
        if isinstance(event, h2.events.ResponseReceived):
            self.partial[event.stream_id] = [dict(event.headers), b""]
        elif isinstance(event, h2.events.DataReceived):
            self.partial[event.stream_id][1] += event.data
            self.connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            self.end(event.stream_id, None)
        elif isinstance(event, h2.events.StreamReset):
            self.end(event.stream_id, ConnectionError(f"RST_STREAM {event.error_code}"))

    def end(self, stream, failure):
        future, response = self.waiting.pop(stream, None), self.partial.pop(stream, None)
        if future is None or future.done():
            return
        if failure:
            future.set_exception(failure)
        else:
            future.set_result(response)

    async def request(self, method, path, name, body=b""):
        """Returns fields and body."""
        stream = self.connection.get_next_available_stream_id()
        future = self.waiting[stream] = asyncio.get_running_loop().create_future()
        length = [("content-length", str(len(body)))] if body else []
        fields = [(":method", method), (":scheme", "https"), (":authority", "t.local"), (":path", path), ("x-id", name)]
        self.connection.send_headers(stream, fields + length, end_stream=not body)
        if body:
            self.connection.send_data(stream, body, end_stream=True)
        self.flush()
        return await future

    async def close(self):
        if not self.writer.is_closing():
            self.connection.close_connection()
            self.flush()
            self.writer.close()
        await self.task
