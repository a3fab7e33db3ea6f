package weir.testing;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a gRPC client got, in order: its messages, at last the name of the status. Thread-safe. */
public final class GrpcReplies implements StreamObserver<String> {
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    @Override
    public void onNext(String message) {
        events.add(message);
    }

    @Override
    public void onError(Throwable cause) {
        events.add(Status.fromThrowable(cause).getCode().name());
    }

    @Override
    public void onCompleted() {
        events.add(Status.Code.OK.name());
    }

    /** The same for a call whose client asks for each message. */
    public ClientCall.Listener<String> listener() {
        return new ClientCall.Listener<>() {
            @Override
            public void onMessage(String message) {
                onNext(message);
            }

            @Override
            public void onClose(Status status, Metadata trailers) {
                events.add(status.getCode().name());
            }
        };
    }

    /** The next event; waits for it, null when none comes. */
    public @Nullable String next() throws InterruptedException {
        return events.poll(WeirProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
}
