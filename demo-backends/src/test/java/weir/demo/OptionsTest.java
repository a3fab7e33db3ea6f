package weir.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OptionsTest {
    @Test
    void hasDefaults() {
        Options options = Options.parse(List.of("hello", "--port", "9001"));
        assertEquals("hello-9001", options.nameAt(9001));
        assertEquals("127.0.0.1", options.bind());
        assertEquals("hello", options.service());
        assertEquals(List.of(), options.tags());
        assertNull(options.consul());
        assertNull(options.grpcPort());
    }

    @Test
    void readsAll() {
        Options options = Options.parse(
                List.of(("sum --port 1 --grpc-port 2 --name n --address 10.0.0.1 --bind 0.0.0.0 --consul http://c:8500"
                                + " --service s --tags a,b --until-stdin-closes")
                        .split(" ")));
        assertEquals(
                new Options(
                        Options.Role.SUM,
                        1,
                        2,
                        "n",
                        "10.0.0.1",
                        "0.0.0.0",
                        URI.create("http://c:8500/"),
                        "s",
                        List.of("a", "b"),
                        true),
                options);
    }

    @ParameterizedTest
    @CsvSource({
        "'', unknown role",
        "nobody --port 1, unknown role: nobody",
        "hello, --port is missing",
        "hello --port, --port: no value",
        "hello --port x, --port: x (expected: 0 to 65535)",
        "hello --port 65536, --port: 65536",
        "hello --port 1 --grpc-port 2, only sum speaks gRPC",
        "hello --port 1 --nme x, unknown option: --nme",
        "hello --port 1 --consul localhost, --consul: localhost",
    })
    void saysWhatIsWrong(String line, String message) {
        IllegalArgumentException wrong =
                assertThrows(IllegalArgumentException.class, () -> Options.parse(List.of(line.split(" "))));
        assertTrue(wrong.getMessage().contains(message), wrong.getMessage());
    }
}
