package weir.testing;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A gRPC server whose messages are texts; what it does is in the name of the method. Thread-safe. */
public final class GrpcBackend implements AutoCloseable {
    private static final MethodDescriptor.Marshaller<String> TEXT = new Texts();

    /** Answers with the request. */
    public static final MethodDescriptor<String, String> ECHO = method("Echo", MethodType.UNARY);
    /** Ends with the status whose name is the request. */
    public static final MethodDescriptor<String, String> FAIL = method("Fail", MethodType.UNARY);
    /** Never answers. */
    public static final MethodDescriptor<String, String> HANG = method("Hang", MethodType.UNARY);
    /** Answers with as many messages as the request says, each 1 KiB, as the client takes them. */
    public static final MethodDescriptor<String, String> COUNT = method("Count", MethodType.SERVER_STREAMING);
    /** Answers with the number of messages. */
    public static final MethodDescriptor<String, String> SUM = method("Sum", MethodType.CLIENT_STREAMING);
    /** Answers each message with the same; breaks the connection at {@code abort}. */
    public static final MethodDescriptor<String, String> CHAT = method("Chat", MethodType.BIDI_STREAMING);

    private final Server server;
    private final HealthStatusManager health = new HealthStatusManager();
    private final BlockingQueue<Metadata> heads = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> cancelled = new LinkedBlockingQueue<>();
    private final AtomicInteger calls = new AtomicInteger();

    private GrpcBackend(NettyServerBuilder builder) throws IOException {
        ServerServiceDefinition service = ServerServiceDefinition.builder("weir.Test")
                .addMethod(ECHO, ServerCalls.asyncUnaryCall(GrpcBackend::echo))
                .addMethod(FAIL, ServerCalls.asyncUnaryCall(GrpcBackend::fail))
                .addMethod(HANG, ServerCalls.asyncUnaryCall((text, to) -> hang(to)))
                .addMethod(COUNT, ServerCalls.asyncServerStreamingCall(GrpcBackend::count))
                .addMethod(SUM, ServerCalls.asyncClientStreamingCall(GrpcBackend::sum))
                .addMethod(CHAT, ServerCalls.asyncBidiStreamingCall(this::chat))
                .build();
        server = builder.maxInboundMessageSize(64 << 20)
                .addService(service)
                .addService(health.getHealthService())
                .intercept(new Recorder())
                .build()
                .start();
    }

    /** One on a port of the kernel's choice. */
    public static GrpcBackend start() throws IOException {
        return start(0);
    }

    /** One on that port. */
    public static GrpcBackend start(int port) throws IOException {
        return new GrpcBackend(NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port)));
    }

    private static MethodDescriptor<String, String> method(String name, MethodType type) {
        return MethodDescriptor.<String, String>newBuilder()
                .setFullMethodName("weir.Test/" + name)
                .setType(type)
                .setRequestMarshaller(TEXT)
                .setResponseMarshaller(TEXT)
                .build();
    }

    private record Texts() implements MethodDescriptor.Marshaller<String> {
        @Override
        public InputStream stream(String text) {
            return new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        @Override
        public String parse(InputStream stream) {
            try {
                return new String(stream.readAllBytes(), StandardCharsets.ISO_8859_1);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void echo(String text, StreamObserver<String> to) {
        to.onNext(text);
        to.onCompleted();
    }

    private static void fail(String status, StreamObserver<String> to) {
        to.onError(Status.Code.valueOf(status)
                .toStatus()
                .withDescription("because ü % of it")
                .asRuntimeException());
    }

    private void hang(StreamObserver<String> to) {
        ((ServerCallStreamObserver<String>) to).setOnCancelHandler(() -> cancelled.add("hang"));
    }

    private static void count(String messages, StreamObserver<String> to) {
        ServerCallStreamObserver<String> client = (ServerCallStreamObserver<String>) to;
        int[] left = {Integer.parseInt(messages)};
        client.setOnReadyHandler(() -> {
            while (client.isReady() && left[0] > 0) {
                client.onNext("m".repeat(1024));
                if (--left[0] == 0) {
                    client.onCompleted();
                }
            }
        });
    }

    private static StreamObserver<String> sum(StreamObserver<String> to) {
        int[] count = {0};
        return new Incoming() {
            @Override
            public void onNext(String text) {
                count[0]++;
            }

            @Override
            public void onCompleted() {
                to.onNext(Integer.toString(count[0]));
                to.onCompleted();
            }
        };
    }

    private StreamObserver<String> chat(StreamObserver<String> to) {
        ((ServerCallStreamObserver<String>) to).setOnCancelHandler(() -> cancelled.add("chat"));
        return new Incoming() {
            @Override
            public void onNext(String text) {
                if (text.equals("abort")) {
                    server.shutdownNow();
                } else {
                    to.onNext(text);
                }
            }

            @Override
            public void onCompleted() {
                to.onCompleted();
            }
        };
    }

    private abstract static class Incoming implements StreamObserver<String> {
        @Override
        public void onError(Throwable cause) {
            // the client cancelled
        }
    }

    private final class Recorder implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata head, ServerCallHandler<Q, R> next) {
            if (call.getMethodDescriptor().getFullMethodName().startsWith("weir.")) {
                calls.incrementAndGet();
                heads.add(head);
            }
            return next.startCall(call, head);
        }
    }

    /** Makes a call with one request and one response. */
    public static String call(ManagedChannel channel, MethodDescriptor<String, String> method, String request) {
        return ClientCalls.blockingUnaryCall(channel, method, CallOptions.DEFAULT, request);
    }

    /** Where it listens. */
    public int port() {
        return server.getPort();
    }

    /** How many calls there were, those of health not counted. */
    public int calls() {
        return calls.get();
    }

    /** The head of the next call; waits for it. */
    public Metadata head() throws InterruptedException {
        Metadata head = heads.poll(WeirProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (head == null) {
            throw new AssertionError("no call came");
        }
        return head;
    }

    /** Waits until a call was cancelled. */
    public void awaitCancelled() throws InterruptedException {
        if (cancelled.poll(WeirProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS) == null) {
            throw new AssertionError("no call was cancelled");
        }
    }

    /** What it says of its health. */
    public HealthStatusManager health() {
        return health;
    }

    @Override
    public void close() {
        server.shutdownNow();
        try {
            server.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
