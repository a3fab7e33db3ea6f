package weir.accesslog;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import weir.http.Protocol;
import weir.http.RequestHead;

/** An exchange of which a test sets what it is about. */
final class TestExchange implements LoggedExchange {
    private static final LogName ROUTE = new LogName("/hello");
    private static final byte[] PEER = bytes("10.1.2.3:40000");

    @Nullable
    RequestHead head = new RequestHead();

    byte[] client = bytes("203.0.113.9");
    long startedMillis = 1_769_862_896_789L;
    int status = 200;
    int grpcStatus = -1;
    long total = 1_234_567;
    long connect = 42_000;

    @Nullable
    String service = "hello";

    @Nullable
    String tls;

    @Nullable
    String serverName;

    @Nullable
    String protocol = Protocol.HTTP_1_1.text();

    byte[] requestId = bytes("0193a7");
    long discoveryAge = -1;
    String[][] attempts = {{"127.0.0.1:9001", "reset", "0"}, {"127.0.0.1:9002", "", "200"}};
    String why = "";

    static byte[] bytes(String latin1) {
        return latin1.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** An exchange whose request has this line and these fields: name, value, name, value. */
    static TestExchange of(String method, String host, String target, String... fields) {
        TestExchange exchange = new TestExchange();
        RequestHead head = new RequestHead();
        exchange.head = head;
        head.method(append(head, method), method.length());
        head.target().set(append(head, target), target.length());
        head.host().set(append(head, host), host.length());
        for (int i = 0; i < fields.length; i += 2) {
            int name = append(head, fields[i]);
            int value = append(head, fields[i + 1]);
            head.fields().index(name, fields[i].length(), value, fields[i + 1].length());
        }
        return exchange;
    }

    private static int append(RequestHead head, String text) {
        return head.fields().append(bytes(text), 0, text.length());
    }

    @Override
    public long startedMillis() {
        return startedMillis;
    }

    @Override
    public @Nullable RequestHead request() {
        return head;
    }

    @Override
    public byte[] client() {
        return client;
    }

    @Override
    public int clientStart() {
        return 0;
    }

    @Override
    public int clientLength() {
        return client.length;
    }

    @Override
    public byte[] peer() {
        return PEER;
    }

    @Override
    public String listener() {
        return "web";
    }

    @Override
    public @Nullable String protocol() {
        return protocol;
    }

    @Override
    public @Nullable String tlsVersion() {
        return tls;
    }

    @Override
    public @Nullable String serverName() {
        return serverName;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public int grpcStatus() {
        return grpcStatus;
    }

    @Override
    public long bytesIn() {
        return 0;
    }

    @Override
    public long bytesOut() {
        return 11;
    }

    @Override
    public long totalNanos() {
        return total;
    }

    @Override
    public long queueNanos() {
        return 12_000;
    }

    @Override
    public long connectNanos() {
        return connect;
    }

    @Override
    public long firstByteNanos() {
        return 1_000_000;
    }

    @Override
    public long transferNanos() {
        return 180_567;
    }

    @Override
    public @Nullable LogName route() {
        return ROUTE;
    }

    @Override
    public @Nullable String service() {
        return service;
    }

    @Override
    public @Nullable String backend() {
        return attempts.length == 0 ? null : attempts[attempts.length - 1][0];
    }

    @Override
    public long discoveryAgeNanos() {
        return discoveryAge;
    }

    @Override
    public int attempts() {
        return attempts.length;
    }

    @Override
    public String attemptBackend(int attempt) {
        return attempts[attempt][0];
    }

    @Override
    public String attemptCode(int attempt) {
        return attempts[attempt][1];
    }

    @Override
    public int attemptStatus(int attempt) {
        return attempts[attempt][2].equals("200") ? 200 : 0;
    }

    @Override
    public byte[] requestId() {
        return requestId;
    }

    @Override
    public int requestIdStart() {
        return 0;
    }

    @Override
    public int requestIdLength() {
        return requestId.length;
    }

    @Override
    public String why() {
        return why;
    }
}
