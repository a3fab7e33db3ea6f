package weir.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import weir.http.Fields;
import weir.http.MessageError;

class GrpcStatusTest {
    private static void assertHasMessage(GrpcStatus status) {
        String message = new String(status.message(), StandardCharsets.ISO_8859_1);
        assertTrue(message.matches("[ -$&-~]+"), () -> status + " would have to be percent-encoded: " + message);
    }

    @ParameterizedTest
    @EnumSource
    void everyErrorHasAStatusWithAMessage(ProxyError error) {
        assertHasMessage(error.grpcStatus());
    }

    @ParameterizedTest
    @EnumSource
    void everyRefusalHasAStatusWithAMessage(MessageError error) {
        assertHasMessage(GrpcStatus.ofHttp(error.status()));
    }

    /** gRPC's http-grpc-status-mapping.md. */
    @ParameterizedTest
    @CsvSource({
        "400, INTERNAL",
        "401, UNAUTHENTICATED",
        "403, PERMISSION_DENIED",
        "404, UNIMPLEMENTED",
        "429, UNAVAILABLE",
        "502, UNAVAILABLE",
        "503, UNAVAILABLE",
        "402, UNKNOWN",
        "599, UNKNOWN"
    })
    void anHttpStatusIsWhatGrpcSays(int http, GrpcStatus expected) {
        assertEquals(expected, GrpcStatus.ofHttp(http));
    }

    @Test
    void codesAreRead() {
        for (GrpcStatus status : GrpcStatus.values()) {
            assertEquals(status, read(Integer.toString(status.code())));
            assertEquals(Integer.toString(status.code()), new String(status.digits(), StandardCharsets.US_ASCII));
        }
        for (String none : new String[] {"", "17", "99", "-1", "1 ", "000000000001", "1.0", "x"}) {
            assertEquals(GrpcStatus.UNKNOWN, read(none), none);
        }
    }

    private static GrpcStatus read(String value) {
        Fields fields = new Fields();
        return GrpcStatus.of(
                fields,
                fields.index(
                        0,
                        0,
                        fields.append(value.getBytes(StandardCharsets.US_ASCII), 0, value.length()),
                        value.length()));
    }
}
