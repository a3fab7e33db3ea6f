package weir.testing;

import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import io.grpc.ServerCredentials;
import io.grpc.netty.InternalNettyChannelBuilder;
import io.grpc.netty.InternalNettyServerBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.testing.integration.AbstractInteropTest;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import org.junit.AssumptionViolatedException;
import org.opentest4j.TestAbortedException;

/**
 * The calls by which gRPC's implementations are tried against each other, made by gRPC's own client to its own server,
 * which may stand behind something. Used for one call.
 */
public final class GrpcInterop extends AbstractInteropTest {
    private static final int WINDOW = 65 * 1024;
    private static final int MOST_BYTES = 16 * 1024 * 1024;

    private final int serverPort;
    private final ServerCredentials server;
    private final NettyChannelBuilder channel;

    /** A server on that port, and a client that goes where {@code channel} says. */
    public GrpcInterop(int serverPort, ServerCredentials server, NettyChannelBuilder channel) {
        this.serverPort = serverPort;
        this.server = server;
        this.channel = channel;
    }

    /** The names of all calls. */
    public static List<String> calls() {
        return Arrays.stream(AbstractInteropTest.class.getMethods())
                .filter(method -> method.isAnnotationPresent(org.junit.Test.class))
                .map(Method::getName)
                .sorted()
                .toList();
    }

    /** Makes the call of that name; aborts the test where the call finds that it cannot be made here. */
    public void make(String call) throws Throwable {
        setUp();
        try {
            AbstractInteropTest.class.getMethod(call).invoke(this);
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause();
            throw cause instanceof AssumptionViolatedException
                    ? new TestAbortedException(cause.getMessage(), cause)
                    : cause;
        } finally {
            tearDown();
        }
    }

    @Override
    protected ServerBuilder<?> getServerBuilder() {
        NettyServerBuilder builder = NettyServerBuilder.forPort(serverPort, server)
                .flowControlWindow(WINDOW)
                .maxInboundMessageSize(MOST_BYTES);
        InternalNettyServerBuilder.setStatsEnabled(builder, false);
        return builder;
    }

    @Override
    protected ManagedChannelBuilder<?> createChannelBuilder() {
        channel.flowControlWindow(WINDOW).maxInboundMessageSize(MOST_BYTES);
        InternalNettyChannelBuilder.setStatsEnabled(channel, false);
        return channel;
    }

    @Override
    protected boolean metricsExpected() {
        return false;
    }
}
