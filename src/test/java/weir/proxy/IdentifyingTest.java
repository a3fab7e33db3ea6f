package weir.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weir.config.Cidr;
import weir.config.Location;
import weir.config.RouteConfig;
import weir.http.BackendFailure;
import weir.http.TlsFacts;
import weir.route.RouteTable;
import weir.testing.MuxBackendStream;
import weir.testing.MuxClient;
import weir.testing.MuxClientStream;

/** A route sees the fields of a request as the backend will see them. */
final class IdentifyingTest {
    private static final byte[] CERTIFICATE_FIELD = "client-cert".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    Path directory;

    @Test
    void aForgedCertificateMatchesNothingAndTheProvedOneDoes() {
        assertEquals(404, status(null, "client-cert", "*", false, "client-cert", ":Zm9yZ2Vk:"));
        TlsFacts without = new TlsFacts("TLSv1.3", null, CERTIFICATE_FIELD, null, null);
        assertEquals(404, status(without, "client-cert", "*", false, "Client-Cert", ":Zm9yZ2Vk:"));
        TlsFacts with = new TlsFacts(
                "TLSv1.3", null, CERTIFICATE_FIELD, ":bWluZQ==:".getBytes(StandardCharsets.US_ASCII), null);
        assertEquals(200, status(with, "client-cert", "*", false));
        assertEquals(200, status(with, "client-cert", ":bWluZQ==:", false, "client-cert", ":Zm9yZ2Vk:"));
        assertEquals(404, status(with, "client-cert", ":Zm9yZ2Vk:", false, "client-cert", ":Zm9yZ2Vk:"));
    }

    @Test
    void untrustedWordsOnTheClientAreWeirs() {
        assertEquals(404, status(null, "x-forwarded-proto", "http", false, "x-forwarded-proto", "http"));
        assertEquals(200, status(null, "x-forwarded-proto", "https", false, "x-forwarded-proto", "http"));
        assertEquals(200, status(null, "x-forwarded-for", "127.0.0.1", false, "x-forwarded-for", "9.9.9.9"));
        assertEquals(404, status(null, "x-forwarded-server", "*", false, "x-forwarded-server", "a"));
        assertEquals(404, status(null, "x-request-id", "mine", false, "x-request-id", "mine"));
        assertEquals(200, status(null, "x-request-id", "*", false));
        assertEquals(404, status(null, "forwarded", "for=a", false, "forwarded", "for=a"));
        assertEquals(200, status(null, "via", "1.1 weir", false));
    }

    @Test
    void trustedWordsOnTheClientMatchAsTheyAre() {
        assertEquals(200, status(null, "x-forwarded-proto", "http", true, "x-forwarded-proto", "http"));
        assertEquals(200, status(null, "x-forwarded-for", "9.9.9.9, 127.0.0.1", true, "x-forwarded-for", "9.9.9.9"));
        assertEquals(200, status(null, "x-request-id", "mine", true, "x-request-id", "mine"));
    }

    @Test
    void fieldsOfTheConnectionDoNotMatch() {
        assertEquals(404, status(null, "te", "trailers", false, "te", "trailers"));
        assertEquals(404, status(null, "connection", "*", false, "connection", "close"));
        assertEquals(404, status(null, "x-a", "1", false, "x-a", "1", "connection", "close, X-A"));
        assertEquals(200, status(null, "x-a", "1", false, "x-a", "1", "connection", "close"));
        assertEquals(404, status(null, "upgrade", "*", false, "upgrade", "h2c", "connection", "upgrade"));
    }

    @Test
    void anotherAttemptSaysTheSame() {
        ProxyFixture fixture = fixture("x-a", "1", false);
        MuxClient client = fixture.client();
        client.open("GET", "/to/a", 0, false, "x-a", "1", "connection", "x-b", "x-b", "2");
        MuxBackendStream first = fixture.backend();
        first.fail(BackendFailure.RESET);
        fixture.backOff();
        MuxBackendStream second = fixture.backend();
        assertEquals(first.fields, second.fields);
        assertEquals(7, second.fields.size(), second.fields::toString);
        second.respond(200, 0, true);
        fixture.verify();
    }

    private int status(@Nullable TlsFacts tls, String name, String value, boolean trusted, String... fields) {
        ProxyFixture fixture = fixture(name, value, trusted);
        MuxClient client = fixture.client();
        client.tls = tls;
        MuxClientStream stream = client.open("GET", "/to/a", 0, false, fields);
        if (stream.status == 0) {
            MuxBackendStream backend = fixture.backend();
            List<String> asked = new ArrayList<>();
            for (String field : backend.fields) {
                if (field.toLowerCase(Locale.ROOT).startsWith(name + ":")) {
                    asked.add(field.substring(name.length() + 2));
                }
            }
            assertEquals(value.equals("*") ? asked : List.of(value), asked);
            backend.respond(200, 0, true);
        }
        fixture.verify();
        return stream.status;
    }

    private ProxyFixture fixture(String name, String value, boolean trusted) {
        ProxyFixture fixture = new ProxyFixture(directory.resolve("" + System.nanoTime()));
        RouteConfig route = new RouteConfig(
                "only",
                null,
                "/to",
                null,
                null,
                List.of(),
                Map.of(name, value),
                fixture.service.name(),
                null,
                null,
                null,
                RouteConfig.HostHeader.KEEP,
                RouteConfig.HeaderEdits.NONE,
                RouteConfig.HeaderEdits.NONE,
                null,
                Location.UNKNOWN);
        fixture.proxy.publish(Routing.of(
                RouteTable.of(List.of(route), fixture.services.services::service),
                new ForwardingHeaders(trusted ? List.of(Cidr.of("127.0.0.0/8")) : List.of()),
                new ClientCertificateField(List.of("client-cert")),
                0,
                fixture.metrics));
        return fixture;
    }
}
