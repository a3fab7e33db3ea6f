package weir.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SumOverHttpTest {
    private static DemoBackend backend;

    @BeforeAll
    static void start() throws Exception {
        backend = DemoBackend.start(Options.parse(List.of("sum", "--port", "0")), line -> {});
    }

    @AfterAll
    static void stop() {
        backend.close();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 2, 3",
        "-5, 2, -3",
        "+5, 2, 7",
        "%2B5, 2, 7",
        "007, 1, 8",
        "9223372036854775806, 1, 9223372036854775807",
        "-9223372036854775808, 0, -9223372036854775808",
    })
    void addsWhatTheQuerySays(String a, String b, String sum) throws Exception {
        // A bare plus in a query is a space: send what a careful client sends.
        HttpResponse<String> response = Client.get(backend.port(), "/sum?a=" + a.replace("+", "%2B") + "&b=" + b);
        assertEquals("{\"result\":" + sum + "}", response.body());
        assertEquals(200, response.statusCode());
        assertEquals(
                "application/json",
                response.headers().firstValue("content-type").orElse(""));
        assertEquals(
                "sum-" + backend.port(),
                response.headers().firstValue("x-backend").orElse(""));
    }

    @Test
    void addsWhatTheBodySays() throws Exception {
        HttpResponse<String> response = Client.post(backend.port(), "/sum", " {\"b\": 2, \"a\": 1, \"c\": []}\n");
        assertEquals("{\"result\":3}", response.body());
        assertEquals(200, response.statusCode());
    }

    @ParameterizedTest
    @CsvSource({
        "b=1, a is missing",
        "a=1, b is missing",
        "a=one&b=1, a is no whole number: one",
        "a=1&b=, b is no whole number: ",
        "a=1.5&b=1, a is no whole number: 1.5",
        "a=1&b=%D9%A1, b is no whole number: ١",
        "a=9223372036854775808&b=0, a is beyond 64 bits: 9223372036854775808",
        "a=9223372036854775807&b=1, the sum is beyond 64 bits: 9223372036854775807 + 1",
        "a=-9223372036854775808&b=-1, the sum is beyond 64 bits: -9223372036854775808 + -1",
    })
    void saysWhatIsWrongWithTheQuery(String query, String message) throws Exception {
        HttpResponse<String> response = Client.get(backend.port(), "/sum?" + query);
        assertEquals("{\"error\":\"" + message.trim() + "\"}", response.body().replace(": \"}", ":\"}"));
        assertEquals(400, response.statusCode());
        assertEquals(
                "application/json",
                response.headers().firstValue("content-type").orElse(""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''",
                "nonsense",
                "[1,2]",
                "{a:1,b:2}",
                "{\"a\":1,\"b\":2} {}",
                "{\"a\":1}",
                "{\"a\":\"1\",\"b\":2}",
                "{\"a\":true,\"b\":2}",
                "{\"a\":null,\"b\":2}",
                "{\"a\":1e400,\"b\":2}",
                "{\"a\":1.5,\"b\":2}",
                "{\"a\":9223372036854775807,\"b\":1}",
            })
    void refusesBodiesThatGiveNoSum(String body) throws Exception {
        HttpResponse<String> response = Client.post(backend.port(), "/sum", body);
        assertEquals(400, response.statusCode(), body);
        assertTrue(response.body().startsWith("{\"error\":\""), response.body());
    }

    @Test
    void refusesDeepAndLargeBodies() throws Exception {
        assertEquals(
                400, Client.post(backend.port(), "/sum", "[".repeat(60_000)).statusCode());
        assertEquals(
                413, Client.post(backend.port(), "/sum", " ".repeat(200_000)).statusCode());
    }

    @Test
    void refusesOtherMethodsAndPaths() throws Exception {
        HttpResponse<String> response = Client.send(
                backend.port(), "/sum?a=1&b=2", HttpRequest.newBuilder().DELETE());
        assertEquals(405, response.statusCode());
        assertEquals("GET, HEAD, POST", response.headers().firstValue("allow").orElse(""));
        assertEquals(404, Client.get(backend.port(), "/other").statusCode());
        assertEquals("ok", Client.get(backend.port(), "/health").body());
    }
}
