package weir.http;

/** Is told what a connection's first handler sees of it. Confined to one event loop. */
public interface ReadWatch {
    /** Bytes came. */
    void read();

    /** The connection is closed, or somebody else sees to it. */
    void stop();
}
