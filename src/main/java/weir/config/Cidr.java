package weir.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** A network in CIDR notation. Immutable. {@code bits} of the network's first bytes are compared. */
public record Cidr(byte[] network, int bits) {
    /** The network that a text such as {@code 10.0.0.0/8} or a single address names. */
    public static Cidr of(String text) {
        try {
            return parse(text);
        } catch (InvalidText e) {
            throw new IllegalArgumentException("network: " + text, e);
        }
    }

    static Cidr parse(String text) throws InvalidText {
        int slash = text.indexOf('/');
        String host = slash < 0 ? text : text.substring(0, slash);
        byte[] address = IpLiteral.parse(host);
        if (address == null) {
            throw InvalidText.plain();
        }
        // Java turns an IPv4-mapped IPv6 address into the IPv4 one; its prefix must follow.
        int mapped = address.length == 4 && host.indexOf(':') >= 0 ? 96 : 0;
        int most = address.length * 8;
        int bits = most;
        if (slash >= 0) {
            String length = text.substring(slash + 1);
            bits = length.matches("0|[1-9][0-9]{0,2}") ? Integer.parseInt(length) - mapped : -1;
            if (bits < 0 || bits > most) {
                throw new InvalidText("", "a prefix length from " + mapped + " to " + (most + mapped), null);
            }
        }
        byte[] network = address.clone();
        for (int i = 0; i < network.length; i++) {
            network[i] &= (byte) (0xff00 >> Math.max(0, Math.min(8, bits - 8 * i)));
        }
        Cidr cidr = new Cidr(network, bits);
        if (!Arrays.equals(network, address)) {
            throw new InvalidText("bits are set after the prefix", null, cidr.toString());
        }
        return cidr;
    }

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

    /** By content, so that two readings of one file are equal. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Cidr cidr && cidr.bits == bits && Arrays.equals(cidr.network, network);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(network) + bits;
    }

    /** The CIDR notation. */
    @Override
    public String toString() {
        try {
            return InetAddress.getByAddress(network).getHostAddress() + '/' + bits;
        } catch (UnknownHostException e) {
            throw new IllegalStateException("network of " + network.length + " bytes", e);
        }
    }
}
