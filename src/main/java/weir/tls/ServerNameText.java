package weir.tls;

import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.internal.tcnative.SSL;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The server name a client asks for (RFC 6066 section 3), as text to compare: hosts with {@code _}, empty or long labels,
 * which {@link javax.net.ssl.SNIHostName} refuses by an exception, are names like any other.
 */
public final class ServerNameText {
    private ServerNameText() {}

    /** In lower case and without the dot of the root, which does not belong there but says nothing else. */
    public static String normalized(String name) {
        int length = name.length();
        String host = length > 1 && name.charAt(length - 1) == '.' ? name.substring(0, length - 1) : name;
        return host.toLowerCase(Locale.ROOT);
    }

    /** The name a handshake asked for; null when it asked for none. On the event loop of the connection. */
    static @Nullable String of(SSLEngine engine) {
        if (engine instanceof ReferenceCountedOpenSslEngine boring) {
            // Not from its session, which makes an SNIHostName.
            String name = boring.refCnt() == 0 ? null : SSL.getSniHostname(boring.sslPointer());
            return name == null || name.isEmpty() ? null : normalized(name);
        }
        return of(engine.getSession());
    }

    private static @Nullable String of(SSLSession session) {
        if (session instanceof ExtendedSSLSession extended) {
            for (SNIServerName name : extended.getRequestedServerNames()) {
                byte[] encoded = name.getEncoded();
                if (name.getType() == 0 && encoded.length > 0) {
                    return normalized(new String(encoded, StandardCharsets.US_ASCII));
                }
            }
        }
        return null;
    }
}
