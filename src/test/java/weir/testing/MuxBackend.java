package weir.testing;

import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.List;
import weir.http.BackendConnection;
import weir.http.BackendFailure;
import weir.http.BackendStream;
import weir.http.ResponseReceiver;

/** A connection to a backend that carries several streams at a time. Confined to the test's thread. */
public final class MuxBackend implements BackendConnection {
    final FakeNetwork network;
    private final Channel channel;
    private final Owner owner;
    private final int most;
    private final List<MuxBackendStream> live = new ArrayList<>();
    private int opened;
    private boolean closing;
    private boolean closed;

    MuxBackend(FakeNetwork network, Channel channel, Owner owner, int most) {
        this.network = network;
        this.channel = channel;
        this.owner = owner;
        this.most = most;
    }

    @Override
    public BackendStream open(ResponseReceiver receiver) {
        network.violations.unless(!closed && !closing && live.size() < most, "opened a stream where there is no room");
        MuxBackendStream stream = new MuxBackendStream(this, receiver, opened++ > 0);
        live.add(stream);
        if (live.size() < most) {
            owner.released(this);
        }
        return stream;
    }

    void ended(MuxBackendStream stream) {
        live.remove(stream);
        if (closing && live.isEmpty()) {
            breakOff();
        } else if (!closed && !closing) {
            owner.released(this);
        }
    }

    @Override
    public int requests() {
        return opened;
    }

    @Override
    public Owner owner() {
        return owner;
    }

    @Override
    public boolean busy() {
        return !live.isEmpty();
    }

    @Override
    public void close() {
        closing = true;
        if (live.isEmpty()) {
            breakOff();
        }
    }

    /** The backend closes the connection, or it breaks; nothing before it is connected. */
    public void breakOff() {
        if (!closed && channel.isActive()) {
            closed = true;
            channel.close();
            for (MuxBackendStream stream : List.copyOf(live)) {
                stream.fail(BackendFailure.RESET);
            }
            owner.closed(this);
        }
    }

    /** Whether it is closed. */
    public boolean closed() {
        return closed;
    }

    /** The streams that have not ended. */
    public List<MuxBackendStream> live() {
        return List.copyOf(live);
    }
}
