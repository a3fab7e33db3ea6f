package weir.discovery;

import java.io.IOException;
import org.apache.http.Header;
import org.apache.http.HttpHost;
import org.apache.http.HttpRequest;
import org.apache.http.HttpResponse;
import org.apache.http.client.HttpClient;
import org.apache.http.client.ResponseHandler;
import org.apache.http.client.config.RequestConfig;
import org.apache.http.client.methods.HttpRequestBase;
import org.apache.http.client.methods.HttpUriRequest;
import org.apache.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP client that consul-api gets for one request: it gives the request its own timeouts, lets it be aborted, and
 * keeps the response's field that consul-api does not pass on. Confined to the thread that sends.
 */
@SuppressWarnings("deprecation")
final class ConsulExchange implements HttpClient {
    private static final String FILTERED = "X-Consul-Results-Filtered-By-ACLs";
    private static final int CONNECT_MILLIS = 5_000;

    private final HttpClient client;
    private final ConsulRequest request;
    private boolean filteredByAcls;

    ConsulExchange(HttpClient client, ConsulRequest request) {
        this.client = client;
        this.request = request;
    }

    boolean filteredByAcls() {
        return filteredByAcls;
    }

    @Override
    public <T> T execute(HttpUriRequest message, ResponseHandler<? extends T> handler) throws IOException {
        if (message instanceof HttpRequestBase base) {
            base.setConfig(RequestConfig.custom()
                    .setConnectTimeout(CONNECT_MILLIS)
                    .setConnectionRequestTimeout((int) request.timeout().toMillis())
                    .setSocketTimeout((int) request.timeout().toMillis())
                    .setRedirectsEnabled(false)
                    .setContentCompressionEnabled(false)
                    .build());
        }
        if (!request.sending(message)) {
            throw new IOException("aborted");
        }
        return client.execute(message, response -> {
            Header filtered = response.getFirstHeader(FILTERED);
            filteredByAcls = filtered != null && "true".equalsIgnoreCase(filtered.getValue());
            return handler.handleResponse(response);
        });
    }

    // consul-api calls none of these

    @Override
    public org.apache.http.params.HttpParams getParams() {
        throw new UnsupportedOperationException();
    }

    @Override
    public org.apache.http.conn.ClientConnectionManager getConnectionManager() {
        throw new UnsupportedOperationException();
    }

    @Override
    public HttpResponse execute(HttpUriRequest message) {
        throw new UnsupportedOperationException();
    }

    @Override
    public HttpResponse execute(HttpUriRequest message, @Nullable HttpContext context) {
        throw new UnsupportedOperationException();
    }

    @Override
    public HttpResponse execute(HttpHost target, HttpRequest message) {
        throw new UnsupportedOperationException();
    }

    @Override
    public HttpResponse execute(HttpHost target, HttpRequest message, @Nullable HttpContext context) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> T execute(HttpUriRequest message, ResponseHandler<? extends T> handler, @Nullable HttpContext context) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> T execute(HttpHost target, HttpRequest message, ResponseHandler<? extends T> handler) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> T execute(
            HttpHost target, HttpRequest message, ResponseHandler<? extends T> handler, @Nullable HttpContext context) {
        throw new UnsupportedOperationException();
    }
}
