package weir.testing;

import io.netty.buffer.ByteBufAllocator;

/** Weir with a leak: every second allocates buffers that nobody releases. Proves that {@link WeirProcess} notices. */
public final class LeakingMain {
    private LeakingMain() {}

    /** Runs Weir's own main class. */
    public static void main(String[] arguments) {
        for (int i = 0; i < 10; i++) {
            ByteBufAllocator.DEFAULT.directBuffer(64).writeByte(i);
        }
        weir.Main.main(arguments);
    }
}
