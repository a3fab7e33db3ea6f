package weir.discovery;

import io.netty.resolver.HostsFileEntriesProvider;
import java.io.File;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the machine itself says of names: its hosts file, read anew at each look-up, and {@code localhost}, which is the
 * loopback addresses whatever a name server thinks (RFC 6761 section 6.3). Immutable.
 */
final class HostsFile {
    private static final String LOCALHOST = "localhost";
    private static final byte[] LOOPBACK_4 = {127, 0, 0, 1};
    private static final byte[] LOOPBACK_6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

    private final File file;

    HostsFile(File file) {
        this.file = file;
    }

    /** The addresses of a name, IPv4 first; empty when the machine does not know it. */
    List<InetAddress> addresses(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        if (name.endsWith(".")) {
            name = name.substring(0, name.length() - 1);
        }
        List<InetAddress> found = listed(name);
        if (found.isEmpty() && (name.equals(LOCALHOST) || name.endsWith('.' + LOCALHOST))) {
            return loopback();
        }
        return found;
    }

    private List<InetAddress> listed(String name) {
        try {
            HostsFileEntriesProvider entries = HostsFileEntriesProvider.parser().parse(file, StandardCharsets.UTF_8);
            List<InetAddress> found = new ArrayList<>(entries.ipv4Entries().getOrDefault(name, List.of()));
            found.addAll(entries.ipv6Entries().getOrDefault(name, List.of()));
            return found;
        } catch (IOException e) {
            // A machine without a readable hosts file says nothing of any name.
            return List.of();
        }
    }

    private static List<InetAddress> loopback() {
        try {
            return List.of(Inet4Address.getByAddress(LOOPBACK_4), Inet6Address.getByAddress(LOOPBACK_6));
        } catch (UnknownHostException e) {
            throw new AssertionError("constant addresses have a valid length", e);
        }
    }
}
