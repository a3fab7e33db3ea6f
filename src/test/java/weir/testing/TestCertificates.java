package weir.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A certificate authority, and of it a server's and a client's certificate, made by openssl. */
public final class TestCertificates {
    private TestCertificates() {}

    /** Writes ca, server and client, each as .pem and .key; the server's name is {@code consul.test}. */
    public static void write(Path directory) throws IOException {
        openssl(
                directory,
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test-ca"
                        + " -keyout ca.key -out ca.pem");
        signed(directory, "server", "subjectAltName=DNS:consul.test\nextendedKeyUsage=serverAuth\n");
        signed(directory, "client", "extendedKeyUsage=clientAuth\n");
    }

    private static void signed(Path directory, String name, String extensions) throws IOException {
        Files.writeString(directory.resolve(name + ".ext"), extensions);
        openssl(
                directory,
                "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name + " -keyout " + name
                        + ".key -out " + name + ".csr");
        openssl(
                directory,
                "x509 -req -days 2 -in " + name + ".csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile " + name
                        + ".ext -out " + name + ".pem");
    }

    private static void openssl(Path directory, String arguments) throws IOException {
        Process process = new ProcessBuilder(java.util.stream.Stream.concat(
                                java.util.stream.Stream.of("openssl"), List.of(arguments.split(" ")).stream())
                        .toList())
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes());
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException("openssl " + arguments + ": " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
