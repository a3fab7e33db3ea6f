package weir.loop;

/** How far an event loop has come with what the kernel has for it. Confined to one event loop. */
public interface Delivery {
    /** Always up to date: for clocks that are run by hand. */
    Delivery IMMEDIATE = new Delivery() {
        @Override
        public void mark() {}

        @Override
        public boolean delivered() {
            return true;
        }
    };

    /** Remembers this moment; forgets the one before. */
    void mark();

    /** Whether everything that the kernel had at the moment of the mark was handed to the handlers of its connection. */
    boolean delivered();
}
