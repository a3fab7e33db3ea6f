package weir.tls;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;

/** Who does the cryptography: BoringSSL where its native library loads, else Java's own engine. Chosen once at start. */
public enum TlsProvider {
    BORINGSSL("BoringSSL", SslProvider.OPENSSL_REFCNT),
    JDK("Java's own engine", SslProvider.JDK);

    private final String text;
    private final SslProvider provider;

    TlsProvider(String text, SslProvider provider) {
        this.text = text;
        this.provider = provider;
    }

    /**
     * The best that works here.
     *
     * @param wanted {@code auto}, {@code boringssl} or {@code jdk}
     * @throws IllegalArgumentException for another word, or when it cannot be had, with a line for people
     */
    public static TlsProvider choose(String wanted) {
        return switch (wanted) {
            case "auto" -> OpenSsl.isAvailable() ? BORINGSSL : JDK;
            case "jdk" -> JDK;
            case "boringssl" -> {
                if (!OpenSsl.isAvailable()) {
                    throw new IllegalArgumentException("weir.tls: boringssl: " + OpenSsl.unavailabilityCause());
                }
                yield BORINGSSL;
            }
            default ->
                throw new IllegalArgumentException("weir.tls: " + wanted + " (expected: auto, boringssl or jdk)");
        };
    }

    /** The one the system property {@code weir.tls} asks for; by default the best that works. */
    public static TlsProvider ofProcess() {
        return choose(System.getProperty("weir.tls", "auto"));
    }

    /** As the log says it. */
    public String text() {
        return text;
    }

    /** As Netty has it; its contexts and engines are counted by reference where it is BoringSSL. */
    public SslProvider netty() {
        return provider;
    }
}
