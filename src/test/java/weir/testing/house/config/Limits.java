package weir.testing.house.config;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import weir.testing.house.service.BackendManager;

/** A fact that knows too much, and may be extended. */
public class Limits {
    /** Netty in the configuration. */
    public final ByteBuf buffer = Unpooled.EMPTY_BUFFER;

    /** Depends on what depends on it. */
    public static Limits of(BackendManager manager) {
        return manager.limits();
    }
}
