package weir.demo;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.util.List;
import java.util.concurrent.TimeUnit;
import weir.demo.v1.CalculatorGrpc;
import weir.demo.v1.SumRequest;

/**
 * One call of {@code Sum} over gRPC without TLS, for those who have no gRPC client at hand. Immutable.
 *
 * @param target {@code host:port}
 */
record SumCall(String target, long a, long b) {
    private static final int TIMEOUT_SECONDS = 10;

    /** Reads {@code call HOST:PORT A B}. */
    static SumCall of(List<String> arguments) {
        if (arguments.size() != 4) {
            throw new IllegalArgumentException("call: expected HOST:PORT A B");
        }
        try {
            return new SumCall(arguments.get(1), Long.parseLong(arguments.get(2)), Long.parseLong(arguments.get(3)));
        } catch (NumberFormatException wrong) {
            throw new IllegalArgumentException("call: " + wrong.getMessage(), wrong);
        }
    }

    /** Calls and waits; a failure is an {@link io.grpc.StatusRuntimeException}. */
    long result() {
        ManagedChannel channel =
                NettyChannelBuilder.forTarget(target).usePlaintext().build();
        try {
            return CalculatorGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                    .sum(SumRequest.newBuilder().setA(a).setB(b).build())
                    .getResult();
        } finally {
            channel.shutdownNow();
        }
    }
}
