package weir.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads IP addresses and never asks the DNS. */
final class IpLiteral {
    private static final Pattern V4 = Pattern.compile("([0-9]{1,3})\\.([0-9]{1,3})\\.([0-9]{1,3})\\.([0-9]{1,3})");
    private static final Pattern V6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
    private static final Pattern ZONE = Pattern.compile("[A-Za-z0-9._-]{1,32}");

    private IpLiteral() {}

    /** The bytes of an IPv4 or IPv6 address without brackets or zone; null when the text is neither. */
    static byte @Nullable [] parse(String text) {
        return text.indexOf(':') >= 0 ? parseV6(text) : parseV4(text);
    }

    /** Whether the text is an IPv6 address, with or without a zone such as {@code %eth0}. */
    static boolean isV6(String text) {
        int percent = text.indexOf('%');
        if (percent >= 0 && !ZONE.matcher(text.substring(percent + 1)).matches()) {
            return false;
        }
        return parseV6(percent < 0 ? text : text.substring(0, percent)) != null;
    }

    private static byte @Nullable [] parseV4(String text) {
        Matcher matcher = V4.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        byte[] address = new byte[4];
        for (int i = 0; i < 4; i++) {
            String part = matcher.group(i + 1);
            int number = Integer.parseInt(part);
            if (number > 255 || part.length() > 1 && part.charAt(0) == '0') {
                return null;
            }
            address[i] = (byte) number;
        }
        return address;
    }

    private static byte @Nullable [] parseV6(String text) {
        if (!V6.matcher(text).matches() || text.length() > 45) {
            return null;
        }
        try {
            // A text with a colon is never looked up: InetAddress takes it for a literal or refuses it.
            return InetAddress.getByName(text).getAddress();
        } catch (UnknownHostException e) {
            return null;
        }
    }
}
