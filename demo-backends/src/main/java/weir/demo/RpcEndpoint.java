package weir.demo;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import weir.demo.v1.CalculatorGrpc;

/** The gRPC server of the sum backend, with the standard health and reflection services. Thread-safe. */
final class RpcEndpoint implements AutoCloseable {
    private static final Metadata.Key<String> BACKEND = Metadata.Key.of("x-backend", Metadata.ASCII_STRING_MARSHALLER);

    private static final int FIRST_CALL_SECONDS = 20;

    private final Server server;
    private final HealthStatusManager health;

    private RpcEndpoint(Server server, HealthStatusManager health) {
        this.server = server;
        this.health = health;
    }

    static RpcEndpoint start(String bind, int port, String name, Consumer<String> log) throws IOException {
        HealthStatusManager health = new HealthStatusManager();
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
        health.setStatus(CalculatorGrpc.SERVICE_NAME, ServingStatus.SERVING);
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(bind, port))
                .addService(new SumOverGrpc())
                .addService(health.getHealthService())
                .addService(ProtoReflectionServiceV1.newInstance())
                .intercept(new CallLog(name, log))
                .build()
                .start();
        askOnce(bind, server.getPort());
        return new RpcEndpoint(server, health);
    }

    /** The first call loads hundreds of classes: made here, so that nobody's health check has to wait for them. */
    private static void askOnce(String bind, int port) {
        ManagedChannel channel = NettyChannelBuilder.forAddress(new InetSocketAddress(bind, port))
                .usePlaintext()
                .build();
        try {
            HealthGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(FIRST_CALL_SECONDS, TimeUnit.SECONDS)
                    .check(HealthCheckRequest.getDefaultInstance());
        } catch (StatusRuntimeException late) {
            // It serves all the same.
        } finally {
            channel.shutdownNow();
        }
    }

    int port() {
        return server.getPort();
    }

    @Override
    public void close() {
        health.enterTerminalState();
        server.shutdown();
        try {
            if (!server.awaitTermination(1, TimeUnit.SECONDS)) {
                server.shutdownNow();
            }
        } catch (InterruptedException stopping) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    /** Names the backend in every response and logs one line for every call. */
    private record CallLog(String name, Consumer<String> log) implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            long start = System.nanoTime();
            ServerCall<Q, R> logged = new SimpleForwardingServerCall<>(call) {
                @Override
                public void sendHeaders(Metadata responseHeaders) {
                    responseHeaders.put(BACKEND, name);
                    super.sendHeaders(responseHeaders);
                }

                @Override
                public void close(Status status, Metadata trailers) {
                    trailers.put(BACKEND, name);
                    log.accept(Instant.now().truncatedTo(ChronoUnit.MILLIS)
                            + " " + name + " gRPC " + call.getMethodDescriptor().getFullMethodName()
                            + " " + status.getCode() + " "
                            + Duration.ofNanos(System.nanoTime() - start).toMillis() + "ms");
                    super.close(status, trailers);
                }
            };
            return next.startCall(logged, headers);
        }
    }
}
