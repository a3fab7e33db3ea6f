package weir.discovery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.apache.http.config.RegistryBuilder;
import org.apache.http.config.SocketConfig;
import org.apache.http.conn.socket.ConnectionSocketFactory;
import org.apache.http.conn.socket.PlainConnectionSocketFactory;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.HttpClients;
import org.apache.http.impl.conn.PoolingHttpClientConnectionManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.config.ConsulConfig;

/**
 * The pool of connections to the agents. After a TLS failure it is made anew when the files have changed, so
 * that renewed certificates need no restart. Thread-safe.
 */
final class ConsulConnections {
    private static final Logger LOG = LoggerFactory.getLogger(ConsulAgents.class);
    private static final int IDLE_CHECK_MILLIS = 1_000;
    private static final long LIFETIME_MINUTES = 10;

    private final ConsulConfig.@Nullable Tls tls;
    private final int limit;
    private List<FileTime> readAt = List.of();
    private volatile CloseableHttpClient client;

    ConsulConnections(ConsulConfig.@Nullable Tls tls, int limit) throws IOException {
        this.tls = tls;
        this.limit = limit;
        this.client = open();
    }

    CloseableHttpClient client() {
        return client;
    }

    /** Told of a failure; one of TLS makes the files be read again. */
    synchronized void failed(@Nullable Throwable cause) {
        if (tls == null || !(cause instanceof SSLException) || written(tls).equals(readAt)) {
            return;
        }
        try {
            CloseableHttpClient old = client;
            client = open();
            closeQuietly(old);
        } catch (IOException e) {
            LOG.warn("consul: {}; what was read before stays in force", e.getMessage());
        }
    }

    private CloseableHttpClient open() throws IOException {
        RegistryBuilder<ConnectionSocketFactory> schemes = RegistryBuilder.<ConnectionSocketFactory>create()
                .register("http", PlainConnectionSocketFactory.getSocketFactory());
        if (tls != null) {
            readAt = written(tls);
            schemes.register("https", ConsulTls.of(tls));
        }
        PoolingHttpClientConnectionManager pool = new PoolingHttpClientConnectionManager(
                schemes.build(), null, null, null, LIFETIME_MINUTES, TimeUnit.MINUTES);
        pool.setMaxTotal(limit);
        pool.setDefaultMaxPerRoute(limit);
        pool.setValidateAfterInactivity(IDLE_CHECK_MILLIS);
        pool.setDefaultSocketConfig(
                SocketConfig.custom().setSoKeepAlive(true).setTcpNoDelay(true).build());
        return HttpClients.custom()
                .setConnectionManager(pool)
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableAuthCaching()
                .setUserAgent("weir")
                .build();
    }

    /** When the files were written; what cannot be told is left out. */
    private static List<FileTime> written(ConsulConfig.Tls tls) {
        List<FileTime> times = new ArrayList<>();
        for (String file : new String[] {tls.ca(), tls.certificate(), tls.key()}) {
            try {
                if (file != null) {
                    times.add(Files.getLastModifiedTime(Path.of(file)));
                }
            } catch (IOException e) {
                LOG.debug("consul: {}", file, e);
            }
        }
        return times;
    }

    void close() {
        closeQuietly(client);
    }

    private static void closeQuietly(CloseableHttpClient client) {
        try {
            client.close();
        } catch (IOException e) {
            LOG.debug("consul: closing connections", e);
        }
    }
}
