package weir.http;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The fields a proxy must know, numbered so that a head finds them in O(1). Immutable. */
public enum KnownField {
    HOST("host"),
    CONTENT_LENGTH("content-length"),
    TRANSFER_ENCODING("transfer-encoding"),
    CONNECTION("connection"),
    KEEP_ALIVE("keep-alive"),
    PROXY_CONNECTION("proxy-connection"),
    TE("te"),
    TRAILER("trailer"),
    UPGRADE("upgrade"),
    HTTP2_SETTINGS("http2-settings"),
    EXPECT("expect"),
    X_FORWARDED_FOR("x-forwarded-for"),
    X_FORWARDED_PROTO("x-forwarded-proto"),
    X_FORWARDED_HOST("x-forwarded-host"),
    X_FORWARDED_PORT("x-forwarded-port"),
    FORWARDED("forwarded"),
    VIA("via"),
    X_REQUEST_ID("x-request-id"),
    TRACEPARENT("traceparent"),
    COOKIE("cookie"),
    USER_AGENT("user-agent"),
    REFERER("referer"),
    CONTENT_TYPE("content-type"),
    LOCATION("location"),
    DATE("date"),
    SERVER("server"),
    SEC_WEBSOCKET_KEY("sec-websocket-key"),
    GRPC_TIMEOUT("grpc-timeout"),
    GRPC_STATUS("grpc-status"),
    AUTHORIZATION("authorization"),
    WWW_AUTHENTICATE("www-authenticate"),
    PROXY("proxy"),
    MAX_FORWARDS("max-forwards");

    static final int COUNT = values().length;
    private static final KnownField[] VALUES = values();
    private static final int SLOTS = 128;
    private static final byte[] FIRST = new byte[SLOTS];
    private static final byte[] CHAIN = new byte[COUNT];

    static {
        java.util.Arrays.fill(FIRST, (byte) -1);
        for (KnownField f : VALUES) {
            int h = hash(f.name, 0, f.name.length);
            CHAIN[f.ordinal()] = FIRST[h];
            FIRST[h] = (byte) f.ordinal();
        }
    }

    private final byte[] name;
    private final String text;

    KnownField(String text) {
        this.text = text;
        this.name = text.getBytes(StandardCharsets.US_ASCII);
    }

    /** The name in lower case; not to be changed. */
    public byte[] bytes() {
        return name;
    }

    /** The name in lower case. */
    public String text() {
        return text;
    }

    /** Whether it concerns one connection of HTTP/1.1, which later versions do not have (RFC 9113 section 8.2.2). */
    public boolean ofConnection() {
        return switch (this) {
            case CONNECTION, KEEP_ALIVE, PROXY_CONNECTION, TRANSFER_ENCODING, UPGRADE, HTTP2_SETTINGS -> true;
            default -> false;
        };
    }

    /** The known field of that name in any case, or null. */
    public static @Nullable KnownField of(byte[] array, int start, int length) {
        int number = number(array, start, length);
        return number < 0 ? null : VALUES[number];
    }

    static int number(byte[] array, int start, int length) {
        if (length < 2) {
            return -1;
        }
        for (int n = FIRST[hash(array, start, length)]; n >= 0; n = CHAIN[n]) {
            byte[] candidate = VALUES[n].name;
            if (candidate.length == length && FieldSyntax.equalsIgnoreCase(array, start, candidate)) {
                return n;
            }
        }
        return -1;
    }

    static KnownField at(int number) {
        return VALUES[number];
    }

    private static int hash(byte[] a, int start, int length) {
        int first = a[start] | 0x20;
        int last = a[start + length - 1] | 0x20;
        return (length * 31 + first * 7 + last * 3) & (SLOTS - 1);
    }
}
