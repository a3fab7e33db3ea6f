package weir.listener;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import weir.listener.ConnectionLimits.Entry;

final class ConnectionLimitsTest {
    private final ConnectionLimits limits = new ConnectionLimits();

    private Entry enter(String address) throws UnknownHostException {
        return limits.enter(InetAddress.getByName(address), 5, 2);
    }

    @Test
    void countsAnAddressOfVersion4Alone() throws Exception {
        assertEquals(Entry.COUNTED, enter("192.0.2.1"));
        assertEquals(Entry.COUNTED, enter("192.0.2.1"));
        assertEquals(Entry.ADDRESS_FULL, enter("192.0.2.1"));
        assertEquals(Entry.COUNTED, enter("192.0.2.2"));
        assertEquals(Entry.ADDRESS_FULL, enter("::ffff:192.0.2.1"), "the same in the clothes of version 6");
        assertEquals(3, limits.open());
    }

    @Test
    void countsANetworkOf64BitsOfVersion6() throws Exception {
        assertEquals(Entry.COUNTED, enter("2001:db8:0:1::1"));
        assertEquals(Entry.COUNTED, enter("2001:db8:0:1:ffff:ffff:ffff:ffff"));
        assertEquals(Entry.ADDRESS_FULL, enter("2001:db8:0:1::2"));
        assertEquals(Entry.COUNTED, enter("2001:db8:0:2::1"));
        limits.leave(InetAddress.getByName("2001:db8:0:1::1"), 2);
        assertEquals(Entry.COUNTED, enter("2001:db8:0:1::3"));
    }

    @Test
    void countsAll() throws Exception {
        for (int i = 1; i <= 5; i++) {
            assertEquals(Entry.COUNTED, enter("192.0.2." + i));
        }
        assertEquals(Entry.FULL, enter("192.0.2.6"));
        limits.leave(InetAddress.getByName("192.0.2.1"), 2);
        assertEquals(Entry.COUNTED, enter("192.0.2.6"));
    }
}
