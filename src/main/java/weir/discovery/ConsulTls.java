package weir.discovery;

import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.File;
import java.io.IOException;
import java.net.Socket;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.SSLContext;
import org.apache.http.conn.ssl.DefaultHostnameVerifier;
import org.apache.http.conn.ssl.NoopHostnameVerifier;
import org.apache.http.conn.ssl.SSLConnectionSocketFactory;
import org.apache.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;
import weir.config.ConsulConfig;
import weir.config.FailureText;

/** TLS to the agents, from PEM files as they are when it is made. Immutable. */
final class ConsulTls extends SSLConnectionSocketFactory {
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    private final @Nullable String serverName;

    private ConsulTls(SSLContext context, HostnameVerifier verifier, @Nullable String serverName) {
        super(context, PROTOCOLS, null, verifier);
        this.serverName = serverName;
    }

    /**
     * Reads the files.
     *
     * @throws IOException when one cannot be used, with a message for people
     */
    static ConsulTls of(ConsulConfig.Tls config) throws IOException {
        SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
        try {
            if (!config.verify()) {
                builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
            } else if (config.ca() != null) {
                builder.trustManager(new File(config.ca()));
            }
            if (config.certificate() != null && config.key() != null) {
                builder.keyManager(new File(config.certificate()), new File(config.key()));
            }
            SSLContext context = ((JdkSslContext) builder.build()).context();
            HostnameVerifier verifier = config.verify() ? new DefaultHostnameVerifier() : NoopHostnameVerifier.INSTANCE;
            return new ConsulTls(context, verifier, config.serverName());
        } catch (IllegalArgumentException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException("consul.tls: " + e.getMessage() + ": " + FailureText.of(cause), e);
        }
    }

    /** The name that the server is asked for (RFC 6066 section 3), and that its certificate must bear. */
    @Override
    public Socket createLayeredSocket(Socket socket, String target, int port, HttpContext context) throws IOException {
        return super.createLayeredSocket(socket, serverName != null ? serverName : target, port, context);
    }
}
