package weir.testing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;

/** What was done to a test double against the contract of its interface. Confined to the test's thread. */
public final class Violations {
    private final List<String> all = new ArrayList<>();
    private final List<ByteBuf> buffers = new ArrayList<>();

    /** Notes one unless the condition holds. */
    public void unless(boolean condition, String what) {
        if (!condition) {
            StackTraceElement[] trace = new Throwable().getStackTrace();
            StringBuilder text = new StringBuilder(what);
            for (int i = 1; i < Math.min(8, trace.length); i++) {
                text.append("\n    at ").append(trace[i]);
            }
            all.add(text.toString());
        }
    }

    /** A buffer whose ownership passes; somebody has to release it. */
    public ByteBuf data(int bytes) {
        ByteBuf made = Unpooled.buffer(bytes).writeZero(bytes);
        buffers.add(made);
        return made;
    }

    /** All so far. */
    public List<String> all() {
        return all;
    }

    /** Buffers that nobody released. */
    public long leaks() {
        return buffers.stream().filter(b -> b.refCnt() > 0).count();
    }
}
