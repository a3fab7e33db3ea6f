package weir.cli;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import weir.admin.ExplainRequest;
import weir.admin.RequestField;

/**
 * Converts the fields of an explained request to those that routes match: as the backend would see them, from a client that
 * is not in {@code trusted-proxies} and shows no certificate. Immutable.
 */
final class BelievedFields {
    private static final Set<String> OF_CONNECTION = Set.of(
            "connection",
            "forwarded",
            "http2-settings",
            "keep-alive",
            "proxy",
            "proxy-connection",
            "te",
            "transfer-encoding",
            "via",
            "x-request-id");

    /** Placeholder for values that only a real request has. */
    private static final String UNKNOWN = "unknown";

    private final Set<String> certificateFields;

    /** For a configuration whose listeners tell backends the client's certificate in those fields. */
    BelievedFields(List<String> certificateFields) {
        this.certificateFields = Set.copyOf(certificateFields);
    }

    /** Leaves out what a client is not believed and puts in what Weir says. */
    List<Map.Entry<String, String>> of(ExplainRequest request) {
        Set<String> nominated = new HashSet<>();
        for (RequestField field : request.fields()) {
            if (field.name().equals("connection")) {
                for (String name : field.value().split(",", -1)) {
                    nominated.add(name.strip().toLowerCase(Locale.ROOT));
                }
            }
        }
        nominated.removeAll(Set.of("content-length", "upgrade"));
        List<Map.Entry<String, String>> fields = new ArrayList<>();
        for (RequestField field : request.fields()) {
            String name = field.name();
            if (!OF_CONNECTION.contains(name)
                    && !name.startsWith("x-forwarded-")
                    && !nominated.contains(name)
                    && !certificateFields.contains(name)) {
                fields.add(Map.entry(name, field.value()));
            }
        }
        fields.add(Map.entry("x-request-id", UNKNOWN));
        fields.add(Map.entry("via", "1.1 weir"));
        fields.add(Map.entry("x-forwarded-for", UNKNOWN));
        fields.add(Map.entry("forwarded", UNKNOWN));
        fields.add(Map.entry("x-forwarded-proto", request.scheme()));
        if (!request.authority().isEmpty()) {
            fields.add(Map.entry("x-forwarded-host", request.authority()));
        }
        return fields;
    }
}
