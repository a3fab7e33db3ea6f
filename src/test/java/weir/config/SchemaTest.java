package weir.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** The schema says what the reader does. */
final class SchemaTest {
    private static final JsonObject SCHEMA =
            JsonParser.parseString(Schema.json()).getAsJsonObject();
    private static final JsonSchema VALIDATOR =
            JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(Schema.json());

    /** Every key of the configuration under its path, such as {@code .services.*.backends[].weight}. */
    static Map<String, Key<?>> keys() {
        Map<String, Key<?>> keys = new LinkedHashMap<>();
        collect(ConfigurationShape.CONFIGURATION, "", keys);
        return keys;
    }

    private static void collect(Type<?> type, String path, Map<String, Key<?>> keys) {
        if (type instanceof ListType<?> list) {
            collect(list.element(), path + "[]", keys);
        } else if (type instanceof MapType<?> map) {
            collect(map.value(), path + ".*", keys);
        } else if (type instanceof ObjectType<?> object) {
            object.keys().forEach(key -> {
                keys.put(path + "." + key.name(), key);
                collect(key.type(), path + "." + key.name(), keys);
            });
        }
    }

    private static void collect(JsonObject schema, String path, Set<String> keys) {
        if (schema.has("anyOf")) {
            for (JsonElement choice : schema.getAsJsonArray("anyOf")) {
                collect(choice.getAsJsonObject(), path, keys);
            }
        }
        if (schema.has("items")) {
            collect(schema.getAsJsonObject("items"), path + "[]", keys);
        }
        if (schema.has("additionalProperties")
                && schema.get("additionalProperties").isJsonObject()) {
            collect(schema.getAsJsonObject("additionalProperties"), path + ".*", keys);
        }
        if (schema.has("properties")) {
            schema.getAsJsonObject("properties").entrySet().forEach(property -> {
                keys.add(path + "." + property.getKey());
                collect(property.getValue().getAsJsonObject(), path + "." + property.getKey(), keys);
            });
        }
    }

    private static Set<?> check(String yaml) {
        return VALIDATOR.validate(new Gson().toJson(new Yaml().<Object>load(yaml)), InputFormat.JSON);
    }

    private static Reading read(String yaml) {
        return ConfigurationReader.read("config.yaml", yaml, Path.of("/etc/weir"), Map.of("A", "1"));
    }

    @Test
    void hasTheKeysOfTheReaderAndNoOther() {
        Set<String> inSchema = new TreeSet<>();
        collect(SCHEMA, "", inSchema);
        assertEquals(new TreeSet<>(keys().keySet()), inSchema);
    }

    @Test
    void everyKeyIsDescribed() {
        keys().forEach((path, key) -> assertTrue(key.meaning().endsWith("."), path));
    }

    @Test
    void everyKeyIsInTheManual() throws IOException {
        String manual = Files.readString(Path.of("docs/configuration.md"));
        keys().values().forEach(key -> assertTrue(manual.contains("`" + key.name() + "`"), key.name()));
    }

    @Test
    void isAValidSchema() {
        JsonSchema meta = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(java.net.URI.create("https://json-schema.org/draft/2020-12/schema"));
        assertEquals(Set.of(), meta.validate(Schema.json(), InputFormat.JSON));
    }

    @Test
    void acceptsTheExampleLiveAndUncommented() throws IOException {
        String example = Files.readString(Path.of("config.yaml"));
        assertEquals(Set.of(), check(example));
        assertEquals(Set.of(), check(ConfigYamlTest.uncommented(example)));
    }

    @Test
    void agreesWithTheReaderOnShortFormsAndValues() {
        String start = "listeners: {web: ':8080'}\n";
        String service = start + "routes: [{service: a}]\nservices:\n  a:\n    backends: [x:1]\n";
        Map<String, Boolean> cases = new TreeMap<>();
        cases.put("listeners: {web: {address: ':8080'}}", true);
        cases.put("limits: {}", false);
        cases.put("{}", false);
        cases.put(start + "listener: 1", false);
        cases.put(start + "consul: {}", true);
        cases.put(start + "consul: 127.0.0.1:8500", true);
        cases.put(start + "consul: {address: '127.0.0.1:8500', register: weir, tls: {}}", true);
        cases.put(start + "consul: {addresses: ['a:1', 'b:1'], wait: 1m, register: {service: weir, tags: edge}}", true);
        cases.put(start + "consul: {routes-from-tags: true}\nroutes: [from-tags: true]", true);
        cases.put(start + "consul: {register: {check: 'http://a/'}}", false);
        cases.put(start + "consul: {tls: true}", false);
        cases.put(start + "consul: {routes-from-tags: true}\nroutes: [from-tags: false]", false);
        cases.put(service.replace("backends: [x:1]", "consul: a"), true);
        cases.put(service.replace("backends: [x:1]", "consul: {service: a, tags: v1, address: wan_ipv6}"), true);
        cases.put(service.replace("backends: [x:1]", "consul: {service: a, address: any}"), false);
        cases.put(service.replace("backends: [x:1]", "consul: {tags: [v1]}"), false);
        cases.put(service + "    consul: a", false);
        cases.put(start + "threads: 4", true);
        cases.put(start + "threads: auto", true);
        cases.put(start + "threads: many", false);
        cases.put(start + "threads: '${A}'", true);
        cases.put(start + "limits:", true);
        cases.put(start + "limits: {body: 0, headers: 8KiB, body-timeout: 0, connections: '5'}", true);
        cases.put(start + "limits: {headers: 8kb}", false);
        cases.put(start + "limits: {connections: -1}", false);
        cases.put(start + "limits: {body-timeout: 5}", false);
        cases.put(start + "limits: {underscores: ignore}", false);
        cases.put(start + "admin: 127.0.0.1:1", true);
        cases.put(start + "admin: {read-only: true, token-file: null}", true);
        cases.put(start + "admin: {read-only: 3}", false);
        cases.put(start + "trusted-proxies: 10.0.0.0/8", true);
        cases.put(start + "trusted-proxies: {a: b}", false);
        cases.put(service, true);
        cases.put(service + "    health-check: /x", true);
        cases.put(service + "    health-check: {path: /x, status: 200}", true);
        cases.put(service + "    health-check: null", true);
        cases.put(service + "    health-check: {type: grpc, service: a.B}", true);
        cases.put(service + "    balance: hash", false);
        cases.put(service + "    balance: random", true);
        cases.put(service + "    timeouts: {connect: 0, idle: 1m}", true);
        cases.put(service + "    retry: {conditions: reset, back-off: 1s..2s}", true);
        cases.put(service + "    retry: {conditions: [503, '502', connect-failure], attempts: 1}", true);
        cases.put(service + "    retry: {conditions: timeout}", false);
        cases.put(service + "    ejection: {statuses: 500}", true);
        cases.put(service + "    ejection: {statuses: 200}", false);
        cases.put(service.replace("[x:1]", "x:1"), true);
        cases.put(service.replace("[x:1]", "[{address: x:1, weight: 0, zone: 1}]"), true);
        cases.put(service.replace("[x:1]", "[{weight: 1}]"), false);
        cases.put(service.replace("backends: [x:1]", "balance: random"), false);
        cases.put(start + "routes: [{respond: 204}]", true);
        cases.put(start + "routes: [{respond: {status: 200, body: hi}}]", true);
        cases.put(start + "routes: [{redirect: '/{path}'}]", true);
        cases.put(start + "routes: [{redirect: {to: /x, status: 301}}]", true);
        cases.put(start + "routes: [{redirect: {to: /x, status: 300}}]", false);
        cases.put(start + "routes: [{redirect: {status: 301}}]", false);
        cases.put(start + "routes: [{path: hello, respond: 204}]", false);
        cases.put(start + "routes: [{headers: {a: 1, b: true}, respond: 204}]", true);
        cases.put(start + "routes: [{headers: {'a b': 1}, respond: 204}]", false);
        cases.put(start + "routes: {path: /}", false);
        cases.put(start + "access-log: {output: stdout, format: combined}", true);
        cases.put(start + "access-log: {output: syslog}", false);
        cases.forEach((yaml, good) -> {
            assertEquals(good, read(yaml).good(), () -> yaml + read(yaml).problems());
            assertEquals(good, check(yaml).isEmpty(), () -> yaml + check(yaml));
        });
    }

    @Test
    void holdsNothingThatIsNotBuiltYet() {
        for (String word : new String[] {"peak-ewma", "split"}) {
            assertFalse(Schema.json().contains('"' + word + '"'), word);
        }
    }
}
