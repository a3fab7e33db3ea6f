package weir.config;

import java.net.IDN;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Addresses, host names and networks. */
final class Addresses {
    private static final Pattern HOST_NAME =
            Pattern.compile("(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})*");
    private static final Pattern LIKE_V4 = Pattern.compile("[0-9.]+");
    private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");

    /** Where a socket accepts; port 0 lets the kernel choose. */
    static final TextType<Address> LISTENING = TextType.of(
            "listening-address",
            "an address such as :8080, 127.0.0.1:8080 or [::1]:8080",
            text -> parse(text, true),
            Address::toString,
            Map.of("type", "string", "pattern", "^.*:[0-9]{1,5}$"));

    static final TextType<Address> BACKEND = TextType.of(
            "backend-address",
            "an address such as 127.0.0.1:9001, [::1]:9001 or app:9001",
            text -> parse(text, false),
            Address::toString,
            Map.of("type", "string", "pattern", "^.+:[0-9]{1,5}$"));

    /** What a route matches: exact, or a leading {@code *.} for every name below. */
    static final TextType<String> MATCHED_HOST = TextType.of(
            "matched-host",
            "a host such as example.com, or *.example.com for every name below it, without a port",
            Addresses::parseMatchedHost);

    /** The value of a Host field. */
    static final TextType<String> HOST_FIELD =
            TextType.of("host", "a host such as example.com or example.com:8080", Addresses::parseHostField);

    static final TextType<Cidr> NETWORK = TextType.of(
            "network",
            "a network such as 10.0.0.0/8 or fd00::/8, or one IP address",
            Cidr::parse,
            Cidr::toString,
            Map.of("type", "string"));

    private Addresses() {}

    private static Address parse(String text, boolean listening) throws InvalidText {
        if (text.contains("://")) {
            throw InvalidText.because("a URL");
        }
        int colon = text.lastIndexOf(':');
        if (colon < 0 || text.endsWith("]")) {
            throw InvalidText.because("the port is missing");
        }
        String host = text.substring(0, colon);
        if (host.indexOf(':') >= 0 && !host.startsWith("[")) {
            throw InvalidText.meaning(IpLiteral.isV6(host) ? '[' + host + "]:" + text.substring(colon + 1) : null);
        }
        if (host.equals("*") && listening) {
            throw InvalidText.meaning(text.substring(1));
        }
        if (!(host.isEmpty() && listening) && !isHost(host)) {
            throw InvalidText.plain();
        }
        int port = port(text.substring(colon + 1));
        if (port < 0 || port == 0 && !listening) {
            throw new InvalidText("", "a port from " + (listening ? 0 : 1) + " to 65535", null);
        }
        boolean bracketed = host.startsWith("[");
        return new Address(bracketed ? host.substring(1, host.length() - 1) : host, port);
    }

    /** One spelling for each host: lower case, addresses in the form Java prints. */
    static String canonicalHost(String host) {
        byte[] address = IpLiteral.parse(host);
        if (address == null) {
            return host.toLowerCase(Locale.ROOT);
        }
        try {
            return InetAddress.getByAddress(address).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalStateException("address of " + address.length + " bytes", e);
        }
    }

    private static int port(String text) {
        int port = PORT.matcher(text).matches() ? Integer.parseInt(text) : -1;
        return port > 65535 ? -1 : port;
    }

    private static boolean isHost(String text) {
        if (text.startsWith("[") && text.endsWith("]")) {
            return IpLiteral.isV6(text.substring(1, text.length() - 1));
        }
        return LIKE_V4.matcher(text).matches()
                ? IpLiteral.parse(text) != null
                : HOST_NAME.matcher(text).matches();
    }

    private static String parseMatchedHost(String text) throws InvalidText {
        String host = text.toLowerCase(Locale.ROOT);
        String name = host.startsWith("*.") ? host.substring(2) : host;
        if (isHost(name) && !(host.startsWith("*.") && (name.startsWith("[") || IpLiteral.parse(name) != null))) {
            return host;
        }
        if (name.endsWith(".") && isHost(name.substring(0, name.length() - 1))) {
            throw InvalidText.meaning(host.substring(0, host.length() - 1));
        }
        int colon = name.lastIndexOf(':');
        if (colon > 0 && isHost(name.substring(0, colon)) && port(name.substring(colon + 1)) >= 0) {
            throw InvalidText.meaning(host.substring(0, host.lastIndexOf(':')));
        }
        throw InvalidText.meaning(ascii(host));
    }

    private static String parseHostField(String text) throws InvalidText {
        int colon = text.lastIndexOf(':');
        boolean withPort = colon >= 0 && !text.endsWith("]");
        String host = withPort ? text.substring(0, colon) : text;
        if (!isHost(host) || withPort && port(text.substring(colon + 1)) < 0) {
            throw InvalidText.meaning(ascii(text));
        }
        return text;
    }

    /** The ASCII form of an internationalised name: what clients send. */
    private static @Nullable String ascii(String host) {
        if (host.length() > 253 || host.chars().allMatch(c -> c < 0x80)) {
            return null;
        }
        try {
            String ascii = IDN.toASCII(host);
            return isHost(ascii) ? ascii : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
