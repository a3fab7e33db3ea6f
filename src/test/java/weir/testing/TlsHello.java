package weir.testing;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/** The first bytes of a TLS client, as Java's own makes them. */
public final class TlsHello {
    private static final int RECORD_HEADER = 5;

    private TlsHello() {}

    /** Any text as a name, also what is none to Java. */
    private static final class Name extends SNIServerName {
        Name(String text) {
            super(0, text.getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** The record of a client hello that asks for that name; empty for none. */
    public static byte[] of(String serverName) throws GeneralSecurityException, SSLException {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine();
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(serverName.isEmpty() ? List.of() : List.of(new Name(serverName)));
        engine.setSSLParameters(parameters);
        ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), out);
        return Arrays.copyOf(out.array(), out.position());
    }

    /** The same hello in records of so many bytes each. */
    public static byte[] inRecords(byte[] hello, int bytes) {
        int length = hello.length - RECORD_HEADER;
        int records = (length + bytes - 1) / bytes;
        ByteBuffer out = ByteBuffer.allocate(length + records * RECORD_HEADER);
        for (int at = 0; at < length; at += bytes) {
            int part = Math.min(bytes, length - at);
            out.put(hello, 0, 3).putShort((short) part).put(hello, RECORD_HEADER + at, part);
        }
        return out.array();
    }
}
