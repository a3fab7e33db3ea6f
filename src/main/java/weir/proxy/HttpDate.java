package weir.proxy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The Date field of answers made here, rendered once a second (RFC 9110 section 5.6.7). Confined to one event loop. */
final class HttpDate {
    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
            .withZone(ZoneOffset.UTC);

    private long second = -1;
    private byte[] text = new byte[0];

    byte[] at(long epochMillis) {
        long now = Math.floorDiv(epochMillis, 1000L);
        if (now != second) {
            second = now;
            text = FORMAT.format(Instant.ofEpochSecond(now)).getBytes(StandardCharsets.US_ASCII);
        }
        return text;
    }
}
