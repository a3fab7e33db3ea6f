package weir.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A certificate authority in a directory, and the certificates it signs, made by openssl. Confined to one thread. */
public final class SiteCertificates {
    private final Path directory;

    /** Makes the authority: ca.pem and ca.key. */
    public SiteCertificates(Path directory) throws IOException, InterruptedException {
        this.directory = directory;
        openssl("req -x509 " + key("ec") + " -days 30 -subj /CN=test-ca -keyout ca.key -out ca.pem");
    }

    /**
     * Writes FILE.pem and FILE.key.
     *
     * @param kind {@code ec} or {@code rsa}
     * @param names the DNS names it is for, separated by spaces
     */
    public SiteCertificates site(String file, String kind, int days, String names)
            throws IOException, InterruptedException {
        StringBuilder alternatives = new StringBuilder("extendedKeyUsage=serverAuth\nsubjectAltName=");
        for (String name : names.split(" ")) {
            alternatives.append("DNS:").append(name).append(',');
        }
        alternatives.setLength(alternatives.length() - 1);
        return signed(file, kind, days, alternatives.append('\n').toString());
    }

    /** Writes FILE.pem and FILE.key of a client, whose common name is that of the file. */
    public SiteCertificates client(String file) throws IOException, InterruptedException {
        return signed(file, "ec", 30, "extendedKeyUsage=clientAuth\n");
    }

    private SiteCertificates signed(String file, String kind, int days, String extensions)
            throws IOException, InterruptedException {
        Files.writeString(directory.resolve(file + ".ext"), extensions);
        openssl("req " + key(kind) + " -subj /CN=" + file + " -keyout " + file + ".key -out " + file + ".csr");
        openssl("x509 -req -days " + days + " -in " + file + ".csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile "
                + file + ".ext -out " + file + ".pem");
        return this;
    }

    private static String key(String kind) {
        return kind.equals("ec") ? "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes" : "-newkey rsa:2048 -nodes";
    }

    /** Runs openssl in the directory; it must succeed. */
    public void openssl(String arguments) throws IOException, InterruptedException {
        Tool.Result result = Tool.in(directory, ("openssl " + arguments).split(" "));
        if (result.exit() != 0) {
            throw new IOException("openssl " + arguments + ": " + result.err());
        }
    }

    /** The authority's certificate. */
    public Path ca() {
        return directory.resolve("ca.pem");
    }

    /** A file of the directory. */
    public Path file(String name) {
        return directory.resolve(name);
    }
}
