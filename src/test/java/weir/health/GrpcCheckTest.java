package weir.health;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The messages written and read by hand, against those of the library. */
class GrpcCheckTest {
    private static byte[] framed(byte[] message) {
        return ByteBuffer.allocate(5 + message.length)
                .put((byte) 0)
                .putInt(message.length)
                .put(message)
                .array();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "helloworld.Greeter", "x100"})
    void asksAsTheLibraryDoes(String service) {
        String name = service.equals("x100") ? "x".repeat(100) : service;
        assertArrayEquals(
                framed(HealthCheckRequest.newBuilder().setService(name).build().toByteArray()),
                GrpcCheck.request(name));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNRECOGNIZED")
    void readsWhatTheLibraryWrites(ServingStatus status) {
        byte[] answer = framed(
                HealthCheckResponse.newBuilder().setStatus(status).build().toByteArray());
        assertEquals(status.getNumber(), GrpcCheck.state(answer, answer.length));
    }

    @Test
    void whatIsNoAnswerIsNone() {
        byte[] serving = framed(new byte[] {8, 1});
        for (int length = 0; length < serving.length; length++) {
            assertEquals(-1, GrpcCheck.state(serving, length), "cut at " + length);
        }
        assertEquals(-1, GrpcCheck.state(framed(new byte[] {16, 1}), 7));
        assertEquals(-1, GrpcCheck.state(framed(new byte[] {8, 1, 0}), 8));
        serving[0] = 1;
        assertEquals(-1, GrpcCheck.state(serving, serving.length), "compressed");
    }
}
