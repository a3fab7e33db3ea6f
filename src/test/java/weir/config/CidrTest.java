package weir.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

final class CidrTest {
    private static boolean contains(String network, String address) throws UnknownHostException {
        return Cidr.of(network).contains(InetAddress.getByName(address));
    }

    @Test
    void containsTheAddressesThatShareItsPrefix() throws UnknownHostException {
        assertTrue(contains("10.0.0.0/8", "10.255.0.1"));
        assertFalse(contains("10.0.0.0/8", "11.0.0.1"));
        assertTrue(contains("192.168.128.0/17", "192.168.255.255"));
        assertFalse(contains("192.168.128.0/17", "192.168.127.255"));
        assertTrue(contains("0.0.0.0/0", "203.0.113.9"));
        assertTrue(contains("192.0.2.1", "192.0.2.1"));
        assertFalse(contains("192.0.2.1", "192.0.2.2"));
        assertTrue(contains("fd00::/8", "fdff::1"));
        assertFalse(contains("fd00::/8", "fe80::1"));
        assertFalse(contains("::/0", "10.0.0.1"));
        assertTrue(contains("::ffff:10.0.0.0/104", "10.1.1.1"));
    }

    @Test
    void refusesWhatIsNoNetwork() {
        for (String text : new String[] {
            "",
            "x",
            "10.0.0.0/",
            "10.0.0.0/-1",
            "10.0.0.0/33",
            "10.0.0.0/08",
            "010.0.0.0/8",
            "10.0.0.1/8",
            "::1/129",
            "fe80::1%eth0",
            "1.2.3.4/8/8",
            ":",
            "[::1]"
        }) {
            assertThrows(IllegalArgumentException.class, () -> Cidr.of(text), text);
        }
    }

    @Test
    void isEqualByContent() {
        assertEquals(Cidr.of("10.0.0.0/8"), Cidr.of("10.0.0.0/8"));
        assertEquals(Cidr.of("10.0.0.0/8").hashCode(), Cidr.of("10.0.0.0/8").hashCode());
        assertEquals("10.0.0.0/8", Cidr.of("10.0.0.0/8").toString());
    }
}
