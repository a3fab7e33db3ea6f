package weir.proxy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weir.http.Fields;
import weir.http.TlsFacts;

/**
 * The request fields that tell backends the certificate a client has shown (RFC 9440). What a client itself says in a
 * field of that name is removed, on whatever listener it comes in. Immutable. Costs nothing where no listener has one.
 */
public final class ClientCertificateField {
    /** No listener has one. */
    public static final ClientCertificateField NONE = new ClientCertificateField(List.of());

    private final byte[][] names;

    /** The fields that listeners have, in lower case. */
    public ClientCertificateField(List<String> names) {
        this.names = names.stream()
                .distinct()
                .map(name -> name.getBytes(StandardCharsets.US_ASCII))
                .toArray(byte[][]::new);
    }

    /** Takes away what the client says of it. */
    void remove(Fields fields) {
        for (byte[] name : names) {
            fields.drop(name);
        }
    }

    /** Says what the handshake proved. */
    void apply(Fields fields, @Nullable TlsFacts tls) {
        remove(fields);
        if (tls != null && tls.certificateField() != null && tls.clientCertificate() != null) {
            fields.add(tls.certificateField()).value(tls.clientCertificate());
        }
    }
}
