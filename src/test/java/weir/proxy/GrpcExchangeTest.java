package weir.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import weir.config.ServiceConfig;
import weir.http.BackendFailure;
import weir.http.MessageError;
import weir.metrics.MetricFamily;
import weir.service.Backend;
import weir.testing.MuxBackendStream;
import weir.testing.MuxClient;
import weir.testing.MuxClientStream;
import weir.testing.ServiceFixture;

class GrpcExchangeTest {
    private static final String[] OK_HEAD = {"content-type", "application/grpc+proto"};

    @TempDir
    Path directory;

    private ProxyFixture fixture;
    private MuxClient client;

    @BeforeEach
    void start() {
        begin(ServiceFixture.config(ServiceConfig.Balance.ROUND_ROBIN), 2);
    }

    private void begin(ServiceConfig config, int backends) {
        fixture = new ProxyFixture(directory, config, 0, backends);
        client = fixture.client();
        fixture.tick(0);
    }

    private void retryOn(Integer... codes) {
        fixture.verify();
        begin(
                ServiceFixture.config(new ServiceConfig.Retry(
                        2, true, true, Set.of(503), Set.of(codes), 100, Duration.ofMillis(1), Duration.ofMillis(1))),
                2);
    }

    private MuxClientStream call(String path, String... more) {
        String[] fields = new String[more.length + 2];
        fields[0] = "content-type";
        fields[1] = "application/grpc";
        System.arraycopy(more, 0, fields, 2, more.length);
        return client.open("POST", path, -1, false, fields);
    }

    private MuxClientStream unary(String path, String... more) {
        MuxClientStream call = call(path, more);
        fixture.network.connectAll();
        call.send(20);
        call.end();
        return call;
    }

    private long counted(int code) {
        return fixture.count(MetricFamily.GRPC_RESPONSES, "service", "hello", "grpc_status", Integer.toString(code));
    }

    private long errors() {
        return fixture.service.backends().stream().mapToLong(Backend::errors).sum();
    }

    private static void assertStatus(int code, MuxClientStream call) {
        assertEquals(200, call.status);
        assertTrue(call.fields.contains("content-type: application/grpc"), call.fields::toString);
        assertTrue(call.fields.contains("grpc-status: " + code), call.fields::toString);
        assertTrue(call.fields.stream().anyMatch(f -> f.matches("grpc-message: \\S.+")), call.fields::toString);
        assertEquals(0, call.received);
        assertTrue(call.finished);
    }

    @Test
    void passesACallAndItsStatusOn() {
        MuxClientStream call = unary("/to");
        MuxBackendStream backend = fixture.backend();
        assertEquals(20, backend.received);
        backend.respond(200, -1, false, OK_HEAD);
        backend.data(30);
        backend.finishResponse("grpc-status", "5", "grpc-message", "no%20such");
        assertEquals(30, call.received);
        assertEquals(List.of("grpc-status: 5", "grpc-message: no%20such"), call.trailers);
        assertEquals(1, counted(5));
        assertEquals(0, errors());
        assertEquals("200 - 127.0.0.1:1/grpc-not-found", fixture.verify().get("/to"));
    }

    @Test
    void aCallWithoutRouteIsUnimplemented() {
        MuxClientStream call = call("/nowhere");
        assertStatus(12, call);
        assertEquals("200 no-route -", fixture.verify().get("/nowhere"));
    }

    @Test
    void aCallWithoutBackendIsUnavailable() {
        fixture.service.endpoints(List.of());
        MuxClientStream call = call("/to");
        assertStatus(14, call);
        assertEquals(1, counted(14));
        assertEquals("200 no-backend -", fixture.verify().get("/to"));
    }

    @Test
    void aCallThatFindsNoConnectionIsUnavailable() {
        MuxClientStream call = call("/to");
        fixture.network.run();
        fixture.network.connecting().get(0).fail(new IOException("refused"));
        fixture.backOff();
        fixture.network.connecting().get(0).fail(new io.netty.channel.ConnectTimeoutException());
        fixture.network.run();
        assertStatus(14, call);
        assertEquals(
                "200 connect-timeout 127.0.0.1:1/connect-failed,127.0.0.1:2/connect-timeout",
                fixture.verify().get("/to"));
    }

    @ParameterizedTest
    @CsvSource({"RESET, 14", "REFUSED, 14", "INVALID_RESPONSE, 13", "HEAD_TOO_LARGE, 13"})
    void aBrokenAttemptIsAStatus(BackendFailure failure, int code) {
        MuxClientStream call = unary("/to");
        fixture.backend().fail(failure);
        assertStatus(code, call);
        fixture.verify();
    }

    @ParameterizedTest
    @EnumSource
    void aRefusedHeadIsAStatus(MessageError error) {
        MuxClientStream call = client.refused("/to", error, "content-type", "application/grpc");
        int code = switch (error) {
            case TARGET_TOO_LONG, FIELDS_TOO_LARGE, TOO_MANY_FIELDS -> 8;
            case HEADER_TIMEOUT, BODY_TIMEOUT -> 4;
            case VERSION, UNKNOWN_TRANSFER_ENCODING -> 12;
            case STATUS_LINE -> 14;
            default -> 13;
        };
        assertStatus(code, call);
        fixture.verify();
    }

    @Test
    void aResponseThatBreaksOffEndsWithAStatus() {
        MuxClientStream call = unary("/to");
        MuxBackendStream backend = fixture.backend();
        backend.respond(200, -1, false, OK_HEAD);
        backend.data(7);
        backend.fail(BackendFailure.RESET);
        assertEquals(7, call.received);
        assertFalse(call.wasReset);
        assertTrue(call.finished);
        assertEquals("grpc-status: 14", call.trailers.get(0));
        assertEquals(1, counted(14));
        assertEquals(1, errors());
        assertEquals(
                "200 backend-reset 127.0.0.1:1/backend-reset", fixture.verify().get("/to"));
    }

    @Test
    void aResponseOfAGivenLengthOrOfAnotherKindIsReset() {
        MuxClientStream sized = unary("/to/sized");
        MuxBackendStream backend = fixture.backend();
        backend.respond(200, 10, false, OK_HEAD);
        backend.data(7);
        backend.fail(BackendFailure.RESET);
        assertTrue(sized.wasReset);
        MuxClientStream html = unary("/to/html");
        backend = fixture.backend();
        backend.respond(200, -1, false, "content-type", "text/html");
        backend.data(7);
        backend.fail(BackendFailure.RESET);
        assertTrue(html.wasReset);
        fixture.verify();
    }

    @Test
    void cancellationReachesTheBackend() {
        MuxClientStream call = unary("/to");
        MuxBackendStream backend = fixture.backend();
        backend.respond(200, -1, false, OK_HEAD);
        call.abort();
        assertTrue(backend.cancelled);
        assertEquals(1, counted(1));
        assertEquals(0, errors());
        assertEquals("200 client-gone 127.0.0.1:1/client-gone", fixture.verify().get("/to"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/grpc-web", "application/grpc-web+proto", "application/grpcx", "text/plain"})
    void othersAreAnsweredAsEver(String type) {
        MuxClientStream post = client.open("POST", "/nowhere", -1, false, "content-type", type, "grpc-timeout", "1n");
        assertEquals(404, post.status);
        fixture.verify();
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/grpc", "Application/GRPC", "application/grpc+json", "application/grpc;x=y"})
    void everyFormatIsACall(String type) {
        MuxClientStream post = client.open("POST", "/nowhere", -1, false, "content-type", type);
        assertStatus(12, post);
        fixture.verify();
    }

    // Deadlines

    @ParameterizedTest
    @CsvSource({"1S, 1000", "2000m, 2000", "3000000u, 3000", "4000000000n, 0", "1M, 60000", "40000000n, 40", "1n, 0"})
    void theCallersDeadlineEndsTheCall(String timeout, long millis) {
        MuxClientStream call = call("/to", "grpc-timeout", timeout);
        MuxBackendStream backend = fixture.backend();
        assertTrue(backend.fields.contains("grpc-timeout: " + timeout), backend.fields::toString);
        if (timeout.length() > 9) {
            fixture.tick(20_000); // more than 8 digits are no timeout
            assertFalse(call.over);
            call.abort();
        } else {
            call.send(1);
            if (millis > 100) {
                fixture.tick(millis - 100);
                assertFalse(call.over);
            }
            if (millis > 50_000) {
                backend.respond(200, -1, false, OK_HEAD);
            }
            fixture.tick(400);
            assertTrue(backend.cancelled);
            assertTrue(call.finished);
            assertEquals(1, counted(4));
            assertEquals(0, errors());
        }
        fixture.verify();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "S", "1", "1s", "-1S", "+1S", "1.5S", "1 S", "123456789m", "99999999H"})
    void aDeadlineThatIsNoneOrFarAwayIsTheBackendsBusiness(String timeout) {
        MuxClientStream call = call("/to", "grpc-timeout", timeout);
        MuxBackendStream backend = fixture.backend();
        call.end();
        fixture.tick(29_000);
        assertFalse(call.over);
        backend.respond(200, 0, true, "content-type", "application/grpc", "grpc-status", "0");
        assertTrue(call.fields.contains("grpc-status: 0"));
        assertEquals("200 - 127.0.0.1:1/200", fixture.verify().get("/to"));
    }

    @Test
    void aDeadlineThatPassesWhileConnectingIsAnswered() {
        MuxClientStream call = call("/to", "grpc-timeout", "500m");
        fixture.tick(800);
        assertStatus(4, call);
        fixture.network.connectAll();
        assertEquals(
                "200 grpc-deadline 127.0.0.1:1/grpc-deadline", fixture.verify().get("/to"));
    }

    @Test
    void aDeadlineTheCallerSetIsNoErrorOfTheBackend() {
        MuxClientStream own = unary("/to/own", "grpc-timeout", "10S");
        fixture.backend().respond(200, 0, true, "content-type", "application/grpc", "grpc-status", "4");
        assertTrue(own.finished);
        assertEquals(0, errors());
        MuxClientStream other = unary("/to/other");
        fixture.backend().respond(200, 0, true, "content-type", "application/grpc", "grpc-status", "4");
        assertTrue(other.finished);
        assertEquals(1, errors());
        fixture.verify();
    }

    // What it says of backends

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 0", "2, 0", "4, 1", "8, 0", "12, 0", "13, 0", "14, 1", "15, 0", "77, 0", "x, 0"})
    void unavailableCountsAsAnError(String code, long errors) {
        unary("/to");
        MuxBackendStream backend = fixture.backend();
        backend.respond(200, -1, false, OK_HEAD);
        backend.finishResponse("grpc-status", code);
        assertEquals(errors, errors());
        fixture.verify();
    }

    // Retries

    @Test
    void anUnavailableBackendIsNotTriedAgainUnlessAsked() {
        MuxClientStream call = unary("/to");
        fixture.backend().respond(200, 0, true, "content-type", "application/grpc", "grpc-status", "14");
        fixture.backOff();
        assertTrue(call.finished);
        assertEquals("200 - 127.0.0.1:1/grpc-unavailable", fixture.verify().get("/to"));
    }

    @Test
    void anUnavailableBackendIsFollowedByAnother() {
        retryOn(14);
        MuxClientStream call = unary("/to");
        fixture.backend().respond(200, 0, true, "content-type", "application/grpc", "grpc-status", "14");
        fixture.backOff();
        MuxBackendStream second = fixture.backend();
        assertEquals(20, second.received);
        assertTrue(second.requestEnded);
        second.respond(200, -1, false, OK_HEAD);
        second.data(3);
        second.finishResponse("grpc-status", "0");
        assertEquals(List.of("grpc-status: 0"), call.trailers);
        assertEquals(1, counted(0));
        assertEquals(0, counted(14));
        assertEquals(
                "200 - 127.0.0.1:1/grpc-unavailable,127.0.0.1:2/200",
                fixture.verify().get("/to"));
    }

    @Test
    void aStreamGoesOnAtTheNextBackend() {
        retryOn(8);
        MuxClientStream call = call("/to");
        fixture.network.connectAll();
        call.send(5);
        fixture.backend().respond(200, 0, true, "content-type", "application/grpc", "grpc-status", "8");
        assertTrue(call.paused);
        fixture.backOff();
        MuxBackendStream second = fixture.backend();
        assertEquals(5, second.received);
        assertFalse(call.paused);
        call.send(6);
        call.end();
        assertEquals(11, second.received);
        assertTrue(second.requestEnded);
        second.respond(200, 0, true, "content-type", "application/grpc", "grpc-status", "8");
        assertTrue(call.finished);
        assertEquals(
                "200 - 127.0.0.1:1/grpc-resource-exhausted,127.0.0.1:2/grpc-resource-exhausted",
                fixture.verify().get("/to"));
    }

    @Test
    void aRefusedStreamIsRepeatedWhereBodiesAreKept() {
        retryOn(14);
        MuxClientStream call = unary("/to");
        fixture.backend().fail(BackendFailure.REFUSED);
        fixture.backOff();
        MuxBackendStream second = fixture.backend();
        assertEquals(20, second.received);
        second.respond(200, 0, true, "content-type", "application/grpc", "grpc-status", "0");
        assertTrue(call.finished);
        fixture.verify();
    }

    @ParameterizedTest
    @ValueSource(strings = {"large", "begun", "other", "reset"})
    void whatCannotBeRepeatedIsNot(String why) {
        retryOn(14);
        MuxClientStream call = call("/to");
        fixture.network.connectAll();
        call.send(40_000);
        call.send(why.equals("large") ? 40_000 : 1);
        call.end();
        MuxBackendStream backend = fixture.backend();
        switch (why) {
            case "begun" -> {
                backend.respond(200, -1, false, OK_HEAD);
                backend.finishResponse("grpc-status", "14");
            }
            case "reset" -> backend.fail(BackendFailure.RESET);
            default ->
                backend.respond(
                        200,
                        0,
                        true,
                        "content-type",
                        "application/grpc",
                        "grpc-status",
                        why.equals("other") ? "13" : "14");
        }
        fixture.backOff();
        assertTrue(call.finished);
        assertEquals(List.of(), fixture.network.live());
        fixture.verify();
    }
}
