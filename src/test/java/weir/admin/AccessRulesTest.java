package weir.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AccessRulesTest {
    private final AdminFixture admin = new AdminFixture();

    @TempDir
    Path directory;

    /** The table of the documentation: who asks, under which name, with which signs, and what it is answered. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            # configured | peer       | host              | origin             | site        | shown    | open | read | change
            -            | 127.0.0.1  | 127.0.0.1         | -                  | -           | -        | 200  | 200  | 200
            -            | 127.0.0.1  | localhost         | -                  | -           | -        | 200  | 200  | 200
            -            | 127.9.8.7  | LocalHost         | -                  | none        | -        | 200  | 200  | 200
            -            | ::1        | [::1]             | -                  | same-origin | -        | 200  | 200  | 200
            -            | ::1        | ::1               | -                  | -           | -        | 200  | 200  | 200
            -            | 127.0.0.1  | 127.255.0.1       | -                  | -           | -        | 200  | 200  | 200
            -            | 127.0.0.1  | evil.example      | -                  | -           | -        | 200  | 403  | 403
            -            | 127.0.0.1  | 127.0.0.1.nip.io  | -                  | -           | -        | 200  | 403  | 403
            -            | 127.0.0.1  | localhost.evil.io | -                  | -           | -        | 200  | 403  | 403
            -            | 127.0.0.1  | 127.1             | -                  | -           | -        | 200  | 403  | 403
            -            | 127.0.0.1  | 10.0.0.1          | -                  | -           | -        | 200  | 403  | 403
            -            | 127.0.0.1  | ''                | -                  | -           | -        | 200  | 403  | 403
            -            | 127.0.0.1  | localhost         | http://evil.example| -           | -        | 200  | 200  | 403
            -            | 127.0.0.1  | localhost         | null               | -           | -        | 200  | 200  | 403
            -            | 127.0.0.1  | localhost         | http://localhost   | same-origin | -        | 200  | 200  | 403
            -            | 127.0.0.1  | localhost         | -                  | cross-site  | -        | 200  | 200  | 403
            -            | 127.0.0.1  | localhost         | -                  | same-site   | -        | 200  | 200  | 403
            -            | 10.0.0.9   | 10.0.0.1          | -                  | -           | -        | 200  | 200  | 403
            -            | 10.0.0.9   | localhost         | -                  | -           | s3cret   | 200  | 200  | 403
            s3cret       | 127.0.0.1  | localhost         | -                  | -           | -        | 200  | 200  | 401
            s3cret       | 127.0.0.1  | evil.example      | -                  | -           | -        | 200  | 403  | 401
            s3cret       | 127.0.0.1  | localhost         | -                  | -           | s3creT   | 200  | 200  | 401
            s3cret       | 127.0.0.1  | localhost         | -                  | -           | s3cre    | 200  | 200  | 401
            s3cret       | 127.0.0.1  | localhost         | -                  | -           | ''       | 200  | 200  | 401
            s3cret       | 127.0.0.1  | localhost         | -                  | -           | s3cret   | 200  | 200  | 200
            s3cret       | 127.0.0.1  | lb.example        | http://lb.example  | same-origin | s3cret   | 200  | 200  | 200
            s3cret       | 10.0.0.9   | lb.example        | -                  | -           | s3cret   | 200  | 200  | 200
            s3cret       | 10.0.0.9   | lb.example        | -                  | -           | -        | 200  | 401  | 401
            s3cret       | 10.0.0.9   | localhost         | -                  | -           | wrong    | 200  | 401  | 401
            """)
    void answersByPeerHostOriginAndToken(
            String configured,
            String peer,
            String host,
            String origin,
            String site,
            String shown,
            int open,
            int read,
            int change)
            throws IOException {
        if (configured != null) {
            admin.token = token(configured);
        }
        admin.peer = peer;
        admin.host = host;
        String[] fields = fields(origin, site, shown);
        for (String path : List.of("/healthz", "/readyz", "/metrics")) {
            assertEquals(open, admin.send("GET", path, null, fields).status, path);
        }
        for (String path : List.of("/", "/api/services", "/api/services/hello", "/api/routes", "/api/config")) {
            assertEquals(read, admin.send("GET", path, null, fields).status, path);
            assertEquals(read, admin.send("HEAD", path, null, fields).status, path);
        }
        assertEquals(read, admin.send("GET", "/api/explain?url=/", null, fields).status);
        String backend = "/api/services/hello/backends/127.0.0.1:9001";
        for (String path : List.of("/drain", "/disable", "/enable")) {
            assertEquals(change, admin.send("POST", backend + path, null, fields).status, path);
        }
        assertEquals(change, admin.send("PUT", backend + "/weight", "1", fields).status);
        assertEquals(change, admin.send("DELETE", backend + "/weight", null, fields).status);
        assertEquals(change, admin.send("PUT", "/api/log-level", "info", fields).status);
        assertEquals(change, admin.send("POST", "/api/reload", null, fields).status);
        assertEquals(change == 200 ? 1 : 0, admin.reloads);
        assertEquals(change == 200 ? 5 : 0, admin.services.calls.size());
    }

    @ParameterizedTest
    @CsvSource({"x-forwarded-for, 1.2.3.4", "forwarded, for=1.2.3.4", "via, 1.1 weir"})
    void whatAProxyPassedOnIsNotFromThisMachine(String name, String value) throws IOException {
        assertEquals(403, admin.send("POST", "/api/reload", null, name, value).status);
        admin.token = token("s3cret");
        assertEquals(401, admin.send("GET", "/api/config", null, name, value).status);
        assertEquals(200, admin.send("GET", "/api/config", null, name, value, "authorization", "Bearer s3cret").status);
    }

    /** A page can add such a field to what its script asks: it must not make the page's own name a good one. */
    @ParameterizedTest
    @CsvSource({"x-forwarded-for, 1.2.3.4", "forwarded, for=1.2.3.4", "via, 1.1 weir"})
    void aPageGainsNothingByPretendingToBeAProxy(String name, String value) throws IOException {
        admin.host = "evil.example";
        assertEquals(403, admin.send("GET", "/api/config", null, name, value).status);
        assertEquals(403, admin.send("POST", "/api/reload", null, name, value).status);
        admin.token = token("s3cret");
        assertEquals(403, admin.send("GET", "/api/config", null, name, value).status);
    }

    @Test
    void nothingChangesWhenReadOnly() throws IOException {
        admin.readOnly = true;
        assertEquals(403, admin.send("POST", "/api/reload", null).status);
        assertEquals(200, admin.get("/api/services").status);
        admin.token = token("s3cret");
        FakeStream answer = admin.send("POST", "/api/reload", null, "authorization", "Bearer s3cret");
        assertEquals(403, answer.status);
        assertEquals(0, admin.reloads);
    }

    @Test
    void unauthorizedNamesTheScheme() throws IOException {
        admin.token = token("s3cret");
        FakeStream answer = admin.send("POST", "/api/reload", null, "authorization", "Basic czNjcmV0");
        assertEquals(401, answer.status);
        assertEquals("Bearer", answer.fields.get("www-authenticate"));
        assertEquals(200, admin.send("POST", "/api/reload", null, "Authorization", "bearer s3cret").status);
    }

    @Test
    void newTokenIsInForceAtOnceAndADeletedOneOutOfIt() throws IOException {
        admin.token = token("first\n");
        assertEquals(200, reloadWith("first"));
        token("second");
        assertEquals(401, reloadWith("first"));
        assertEquals(200, reloadWith("second"));
        Files.delete(directory.resolve("token"));
        assertEquals(401, reloadWith("second"));
        assertEquals(401, reloadWith(""));
    }

    @Test
    void saysWhyATokenFileIsNone() throws IOException {
        TokenFile missing = new TokenFile(directory.resolve("missing"));
        String message = assertThrows(IOException.class, missing::check).getMessage();
        assertTrue(message.startsWith("admin.token-file ") && message.endsWith("missing: no such file"), message);
        TokenFile empty = token(" \n");
        assertTrue(assertThrows(IOException.class, empty::check).getMessage().contains("is empty"));
        assertTrue(!empty.accepts("Bearer "));
    }

    private int reloadWith(String shown) {
        return admin.send("POST", "/api/reload", null, "authorization", "Bearer " + shown).status;
    }

    private TokenFile token(String text) throws IOException {
        return new TokenFile(Files.writeString(directory.resolve("token"), text));
    }

    private static String[] fields(String origin, String site, String shown) {
        List<String> fields = new ArrayList<>();
        if (origin != null) {
            fields.addAll(List.of("origin", origin));
        }
        if (site != null) {
            fields.addAll(List.of("sec-fetch-site", site));
        }
        if (shown != null) {
            fields.addAll(List.of("authorization", "Bearer " + shown));
        }
        return fields.toArray(String[]::new);
    }
}
