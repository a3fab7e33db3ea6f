package weir.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/** Finds accepting sockets that cannot be bound side by side. */
final class AddressCheck {
    private AddressCheck() {}

    private record Bound(String what, Address address, boolean listener) {
        /** Whether the two cannot be had together; listeners are known by their addresses, also by one of port 0. */
        boolean clashes(Bound other) {
            return listener && other.listener && address.equals(other.address) || clash(address, other.address);
        }
    }

    static void check(Collection<ListenerShape.ReadListener> listeners, ProcessShape.ReadAdmin admin, Source source) {
        List<Bound> bound = new ArrayList<>();
        boolean adminWritten = !admin.addressAt().equals(Location.UNKNOWN);
        if (!adminWritten) {
            bound.add(new Bound("the admin API, by default", admin.admin().address(), false));
        }
        for (ListenerShape.ReadListener read : listeners) {
            add(
                    bound,
                    new Bound(
                            "listener " + read.listener().name(),
                            read.listener().address(),
                            true),
                    read.addressAt(),
                    source);
        }
        if (adminWritten) {
            add(bound, new Bound("the admin API", admin.admin().address(), false), admin.addressAt(), source);
        }
    }

    private static void add(List<Bound> bound, Bound next, Location at, Source source) {
        for (Bound other : bound) {
            if (next.clashes(other)) {
                source.problem(
                        at,
                        "address: " + next.address() + ": taken by " + other.what() + " at " + other.address(),
                        "another port",
                        null);
                break;
            }
        }
        bound.add(next);
    }

    static boolean clash(Address a, Address b) {
        if (a.port() != b.port() || a.port() == 0) {
            return false;
        }
        return sameHost(a.host(), b.host()) || covers(a.host(), b.host()) || covers(b.host(), a.host());
    }

    /** Whether both name one host; addresses are compared as bytes. */
    static boolean sameHost(String a, String b) {
        byte[] left = IpLiteral.parse(a);
        byte[] right = IpLiteral.parse(b);
        return left != null && right != null ? Arrays.equals(left, right) : a.equalsIgnoreCase(b);
    }

    /** Whether a socket bound to the wildcard takes the port of the other too; {@code [::]} is dual-stack. */
    private static boolean covers(String wildcard, String other) {
        if (wildcard.isEmpty()) {
            return true;
        }
        byte[] address = IpLiteral.parse(wildcard);
        if (address == null || !isZero(address)) {
            return false;
        }
        return address.length == 16 || !IpLiteral.isV6(other);
    }

    private static boolean isZero(byte[] address) {
        for (byte b : address) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }
}
