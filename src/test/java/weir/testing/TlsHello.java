package weir.testing;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/** The first bytes of a TLS client, as Java's own makes them. */
public final class TlsHello {
    private static final int RECORD_HEADER = 5;

    private TlsHello() {}

    /** The record of a client hello that asks for that name; empty for none. */
    public static byte[] of(String serverName) throws GeneralSecurityException, SSLException {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine();
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(serverName.isEmpty() ? List.of() : List.of(new SNIHostName(serverName)));
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
