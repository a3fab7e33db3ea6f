package weir.accesslog;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class AddressTextTest {
    @Test
    void putsIpv6WithPortInBrackets() throws UnknownHostException {
        InetSocketAddress four = new InetSocketAddress(InetAddress.getByAddress(new byte[] {10, 0, 0, 1}), 80);
        InetSocketAddress six = new InetSocketAddress(InetAddress.getByName("::1"), 8080);

        assertEquals("10.0.0.1", text(AddressText.address(four)));
        assertEquals("10.0.0.1:80", text(AddressText.withPort(four)));
        assertEquals("0:0:0:0:0:0:0:1", text(AddressText.address(six)));
        assertEquals("[0:0:0:0:0:0:0:1]:8080", text(AddressText.withPort(six)));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII);
    }
}
