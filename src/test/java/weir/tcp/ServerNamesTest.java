package weir.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import weir.config.Address;
import weir.config.ListenerConfig;
import weir.config.ListenerConfig.ServerName;
import weir.config.ProxyProtocol;

final class ServerNamesTest {
    private static ServerNames names(@Nullable String service, String... hosts) {
        List<ServerName> sni =
                Stream.of(hosts).map(host -> new ServerName(host, "to " + host)).toList();
        return new ServerNames(new ListenerConfig(
                "rpc",
                new Address("", 1234),
                ListenerConfig.Protocol.TCP,
                ProxyProtocol.OFF,
                null,
                ListenerConfig.Http2.DEFAULT,
                false,
                service,
                sni));
    }

    @Test
    void prefersTheExactNameThenTheLongestWildcard() {
        ServerNames names = names("rest", "*.example.com", "db.example.com", "*.eu.example.com");
        assertEquals("to db.example.com", names.service("db.example.com"));
        assertEquals("to *.example.com", names.service("app.example.com"));
        assertEquals("to *.eu.example.com", names.service("a.b.eu.example.com"));
        assertEquals("to *.example.com", names.service("eu.example.com"));
        assertEquals("rest", names.service("example.com"));
        assertEquals("rest", names.service("badexample.com"));
    }

    @Test
    void takesTheServiceOfTheListenerForTheRest() {
        assertEquals("rest", names("rest", "db.example.com").service(null));
        assertEquals("rest", names("rest", "db.example.com").service("other.example.com"));
        assertNull(names(null, "db.example.com").service("other.example.com"));
        assertNull(names(null, "*.example.com").service(".example.com"));
        assertNull(names(null, "db.example.com").service(null));
    }

    @Test
    void looksAtNamesOnlyWhereSomeAreGiven() {
        assertTrue(names(null, "db.example.com").matter());
        assertFalse(names("rest").matter());
    }
}
