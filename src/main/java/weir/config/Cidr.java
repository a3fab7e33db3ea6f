package weir.config;

import java.net.InetAddress;

/** A network in CIDR notation. Immutable. {@code bits} of the network's first bytes are compared. */
public record Cidr(byte[] network, int bits) {
    /** Whether the address lies in this network. IPv4-mapped IPv6 addresses count as IPv4. */
    public boolean contains(InetAddress address) {
        byte[] a = address.getAddress();
        if (a.length != network.length) {
            return false;
        }
        int whole = bits >> 3;
        for (int i = 0; i < whole; i++) {
            if (a[i] != network[i]) {
                return false;
            }
        }
        int rest = bits & 7;
        return rest == 0 || ((a[whole] ^ network[whole]) & (0xff00 >> rest) & 0xff) == 0;
    }
}
