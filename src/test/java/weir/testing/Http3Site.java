package weir.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The site {@code a.test} over HTTP/3: its certificate, its listener {@code web}, its clients. Confined to one thread. */
public final class Http3Site {
    private final Path files;

    /** Makes the certificate, and another one for the same name, in that directory. */
    public Http3Site(Path directory) throws IOException, InterruptedException {
        files = directory;
        new SiteCertificates(directory).site("a", "ec", 30, "a.test").site("other", "ec", 30, "a.test");
    }

    /** The configuration of the listener, with more keys such as {@code "http2: {streams: 1},"}. */
    public String listener(String more) {
        return """
                listeners:
                  web: {address: "127.0.0.1:0", http3: true, %2$s tls: {certificates: [{certificate: %1$s/a.pem, key: %1$s/a.key}]}}
                """.formatted(files, more);
    }

    /** A configuration that leads everything but {@code /alive} to one backend, asked once, with more sections. */
    public String yaml(ScriptedBackend backend, String... more) {
        return listener("") + """
                routes: [{path: /alive, respond: {status: 204}}, {path: /, service: app}]
                services: {app: {backends: [%s], retry: {attempts: 1}}}
                %s
                """.formatted(backend.address(), String.join("\n", more));
    }

    /** Puts the other certificate where the first one was. */
    public void renew() throws IOException {
        for (String kind : new String[] {"key", "pem"}) {
            Files.move(files.resolve("other." + kind), files.resolve("a." + kind), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** The authority that its clients trust. */
    public Path authority() {
        return files.resolve("ca.pem");
    }

    /** A new connection. */
    public Http3Client connect(WeirProcess weir) throws IOException, InterruptedException {
        return Http3Client.connect(weir.port(), authority(), "a.test");
    }
}
