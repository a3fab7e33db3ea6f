package weir.testing;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** Java's own TLS as a client that trusts one authority. Thread-safe. */
public final class TlsClient {
    private final SSLContext context;

    /** Trusts what that authority signed. */
    public TlsClient(Path ca) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (InputStream in = Files.newInputStream(ca)) {
            trusted.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
    }

    /** For those that make connections themselves. */
    public SSLContext context() {
        return context;
    }

    /** A connection whose handshake is done and whose server has that name. */
    public SSLSocket connect(int port, String name) throws IOException {
        return connect(port, name, new String[] {"TLSv1.3", "TLSv1.2"});
    }

    /** The same with these versions of TLS. */
    public SSLSocket connect(int port, String name, String... versions) throws IOException {
        return connect(port, name, versions, new String[0]);
    }

    private SSLSocket connect(int port, String name, String[] versions, String[] alpn) throws IOException {
        Socket plain = new Socket();
        plain.setSoTimeout((int) WeirProcess.PATIENCE.toMillis());
        plain.connect(new InetSocketAddress("127.0.0.1", port), 5_000);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, name, port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setProtocols(versions);
        parameters.setApplicationProtocols(alpn);
        parameters.setServerNames(List.of(new SNIHostName(name)));
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    /** The same for messages by the rules of HTTP/1.1. */
    public RawClient raw(int port, String name) throws IOException {
        long now = System.currentTimeMillis();
        return RawClient.over(connect(port, name), now);
    }
}
