package weir.http;

/** Takes the fields of a decoded section (HPACK, QPACK), in order. Confined to one event loop. */
@FunctionalInterface
public interface FieldSink {
    /** One field; the ranges are valid during the call. The value's array may be another one than the name's. */
    void field(byte[] name, int nameStart, int nameLength, byte[] value, int valueStart, int valueLength);

    /** The field to come next is never to be indexed, also where it is forwarded (RFC 7541 section 6.2.3). */
    default void neverIndexed() {}
}
