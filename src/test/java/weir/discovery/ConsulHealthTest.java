package weir.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConsulHealthTest {
    private static final String NODE =
            "\"Node\": {\"Node\": \"n1\", \"Address\": \"10.0.0.1\", \"TaggedAddresses\": {\"lan\": \"10.0.0.1\","
                    + " \"wan\": \"198.51.100.1\", \"lan_ipv6\": \"fd00::1\"}, \"Meta\": {\"zone\": \"a\", \"rack\": \"7\","
                    + " \"consul-network-segment\": \"\"}}";

    private static List<ConsulInstance> read(String choice, String json) throws ConsulFailure {
        return new ConsulHealth(choice, ConsulHealthTest::resolve).instances(json);
    }

    private static @Nullable String resolve(String host) {
        return switch (host) {
            case "app.internal" -> "10.9.9.9";
            case "unknown.internal" -> null;
            default -> host;
        };
    }

    private static ConsulInstance one(String choice, String service, String checks) throws ConsulFailure {
        List<ConsulInstance> all =
                read(choice, "[{" + NODE + ", \"Service\": {" + service + "}, \"Checks\": [" + checks + "]}]");
        assertEquals(1, all.size());
        return all.get(0);
    }

    private static String check(String id, String status, String output) {
        return "{\"CheckID\": \"" + id + "\", \"Name\": \"" + id + "\", \"Status\": \"" + status + "\", \"Output\": \""
                + output + "\", \"Notes\": \"\"}";
    }

    @Test
    void takesAllOfARegistration() throws ConsulFailure {
        ConsulInstance instance = one(
                "lan",
                "\"ID\": \"web-1\", \"Address\": \"10.1.1.1\", \"Port\": 80, \"Tags\": [\"v2\"], \"Meta\": {\"zone\": \"b\","
                        + " \"version\": \"2\"}, \"Weights\": {\"Passing\": 9, \"Warning\": 3}",
                check("serfHealth", "passing", "") + "," + check("web", "passing", ""));
        assertEquals(
                new ConsulInstance(
                        "n1/web-1",
                        "10.1.1.1",
                        "10.1.1.1",
                        80,
                        9,
                        "b",
                        List.of("v2"),
                        Map.of("zone", "b", "version", "2", "rack", "7"),
                        null),
                instance);
    }

    @Test
    void toleratesWhatMayBeMissing() throws ConsulFailure {
        ConsulInstance instance = one("lan", "\"ID\": \"w\", \"Port\": 80, \"Tags\": null, \"Meta\": null", "");
        assertEquals("10.0.0.1:80", instance.address());
        assertEquals(1, instance.weight());
        assertNull(instance.against());
        assertEquals(List.of(), instance.tags());
    }

    @ParameterizedTest
    @CsvSource({
        "lan, 10.0.0.1:80",
        "wan, 198.51.100.1:80",
        "lan_ipv6, [fd00::1]:80",
        "wan_ipv6, 10.0.0.1:80",
        "lan_ipv4, 10.0.0.1:80"
    })
    void takesTheNodesAddressWhenTheServiceHasNone(String choice, String address) throws ConsulFailure {
        assertEquals(
                address,
                one(choice, "\"ID\": \"w\", \"Address\": \"\", \"Port\": 80", "")
                        .address());
    }

    @ParameterizedTest
    @CsvSource({"lan, 10.2.2.2:81", "wan, 203.0.113.1:8080", "lan_ipv6, [fd00::2]:80", "wan_ipv6, 10.1.1.1:80"})
    void takesTheServicesTaggedAddressFirst(String choice, String address) throws ConsulFailure {
        String service = "\"ID\": \"w\", \"Address\": \"10.1.1.1\", \"Port\": 80, \"TaggedAddresses\": {"
                + "\"lan\": {\"Address\": \"10.2.2.2\", \"Port\": 81}, \"wan\": {\"Address\": \"203.0.113.1\", \"Port\": 8080},"
                + " \"lan_ipv6\": {\"Address\": \"fd00::2\", \"Port\": 0}}";
        assertEquals(address, one(choice, service, "").address());
    }

    @Test
    void resolvesNamesAndLeavesOutWhatHasNoAddressOrPort() throws ConsulFailure {
        ConsulInstance named = one("lan", "\"ID\": \"w\", \"Address\": \"app.internal\", \"Port\": 80", "");
        assertEquals("10.9.9.9:80", named.address());
        assertEquals("app.internal", named.host());
        String nowhere =
                "[{" + NODE + ", \"Service\": {\"ID\": \"w\", \"Address\": \"unknown.internal\", \"Port\": 80}}," + " {"
                        + NODE + ", \"Service\": {\"ID\": \"w\", \"Port\": 0}}]";
        assertEquals(List.of(), read("lan", nowhere));
    }

    @Test
    void oneWarningMakesItsWeightThatOfWarning() throws ConsulFailure {
        String service = "\"ID\": \"w\", \"Port\": 80, \"Weights\": {\"Passing\": 9, \"Warning\": 0}";
        ConsulInstance instance = one(
                "lan",
                service,
                check("a", "passing", "") + "," + check("b", "warning", "") + "," + check("c", "passing", ""));
        assertEquals(0, instance.weight());
        assertNull(instance.against());
    }

    @Test
    void oneCriticalCheckOfServiceOrNodeIsEnough() throws ConsulFailure {
        String service = "\"ID\": \"w\", \"Port\": 80";
        assertEquals(
                "critical: check serfHealth: Agent not live",
                one(
                                "lan",
                                service,
                                check("web", "passing", "") + "," + check("serfHealth", "critical", "Agent not live"))
                        .against());
        assertEquals(
                "critical: check web",
                one("lan", service, check("web", "critical", "") + "," + check("x", "warning", ""))
                        .against());
    }

    @Test
    void maintenanceOfServiceOrNodeOutweighsAllElse() throws ConsulFailure {
        String service = "\"ID\": \"w\", \"Port\": 80";
        String maintenance =
                "{\"CheckID\": \"_service_maintenance:w\", \"Status\": \"critical\", \"Notes\": \"upgrade\"}";
        assertEquals(
                "maintenance: upgrade",
                one("lan", service, check("web", "critical", "down") + "," + maintenance)
                        .against());
        assertEquals(
                "maintenance",
                one("lan", service, "{\"CheckID\": \"_node_maintenance\", \"Status\": \"critical\"}")
                        .against());
    }

    @Test
    void saysWhyInOneShortLine() throws ConsulFailure {
        String output = "first line\\n" + "second line ".repeat(100);
        String against = one("lan", "\"ID\": \"w\", \"Port\": 80", check("web", "critical", output))
                .against();
        assertEquals("critical: check web: first line", against);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "{}",
                "[",
                "[{}]",
                "[{\"Node\": {}}]",
                "[null]",
                "[] []",
                "[{\"Node\": {}, 'x': 1}]",
                "<html>"
            })
    void refusesWhatIsTornOrOfAnotherForm(String json) {
        ConsulFailure failure = assertThrows(ConsulFailure.class, () -> read("lan", json));
        assertEquals(ConsulFailure.Kind.MALFORMED, failure.kind());
    }
}
