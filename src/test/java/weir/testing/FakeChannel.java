package weir.testing;

import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** A channel without a socket, whose connect succeeds or fails when a test says so. Confined to the test's thread. */
public final class FakeChannel extends AbstractChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false);

    private final ChannelConfig config = new DefaultChannelConfig(this) {
        @Override
        public <T> boolean setOption(ChannelOption<T> option, T value) {
            return true; // also those of sockets
        }
    };
    private @Nullable SocketAddress remote;
    private @Nullable ChannelPromise connecting;
    private boolean open = true;
    private boolean active;

    FakeChannel() {
        super(null);
    }

    /** Whether a test has yet to say how connecting ends. */
    public boolean connecting() {
        return open && connecting != null;
    }

    /** The connection is made. */
    public void succeed() {
        active = true;
        outcome().setSuccess();
        pipeline().fireChannelActive();
    }

    /** The connection cannot be made. */
    public void fail(Throwable cause) {
        outcome().setFailure(cause);
        close();
    }

    private ChannelPromise outcome() {
        ChannelPromise promise = connecting;
        if (promise == null) {
            throw new IllegalStateException("not connecting");
        }
        connecting = null;
        return promise;
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new AbstractUnsafe() {
            @Override
            public void connect(SocketAddress to, SocketAddress local, ChannelPromise promise) {
                remote = to;
                connecting = promise;
            }
        };
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return null;
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return remote;
    }

    @Override
    protected void doBind(SocketAddress localAddress) {}

    @Override
    protected void doDisconnect() {
        doClose();
    }

    @Override
    protected void doClose() {
        open = false;
        active = false;
    }

    @Override
    protected void doBeginRead() {}

    @Override
    protected void doWrite(ChannelOutboundBuffer in) {
        while (in.current() != null) {
            in.remove();
        }
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isActive() {
        return active;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }
}
