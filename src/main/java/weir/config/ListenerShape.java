package weir.config;

import java.util.List;
import java.util.Map;

/** The keys of a listener. */
final class ListenerShape {
    /** A listener with the place of its address. */
    record ReadListener(ListenerConfig listener, Location addressAt) {}

    private static final Key<Address> ADDRESS =
            Key.required("address", Addresses.LISTENING, "Where the listener accepts connections.");
    private static final Key<String> PROTOCOL = Key.of(
            "protocol",
            Choices.of("listener-protocol", Map.of("http", "http"), "tcp", "https", "h2", "h2c", "http2", "http3"),
            "http",
            "What clients speak.");

    static final ObjectType<ReadListener> LISTENER = ObjectType.of(
                    "an address such as :8080, or a mapping with address",
                    List.of(ADDRESS, PROTOCOL),
                    ListenerShape::listener)
            .withShortForm(ADDRESS)
            .withoutYet("tls", "http2", "http3", "proxy-protocol", "service", "sni");

    private ListenerShape() {}

    private static ReadListener listener(Section section) {
        return new ReadListener(new ListenerConfig(section.name(), section.get(ADDRESS)), section.at(ADDRESS));
    }
}
