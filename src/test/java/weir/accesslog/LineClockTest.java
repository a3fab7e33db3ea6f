package weir.accesslog;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineClockTest {
    private static final DateTimeFormatter ISO =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter COMMON = DateTimeFormatter.ofPattern(
                    "dd/MMM/uuuu:HH:mm:ss Z", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private final LineClock clock = new LineClock();
    private final LineBuffer out = new LineBuffer(64);

    @Test
    void agreesWithJavaOnEveryDayOfTwoCenturies() {
        long last = LocalDate.of(2170, 1, 1).toEpochDay();
        Random random = new Random(1);
        for (long day = 0; day < last; day++) {
            assertAgrees(day * 86_400_000 + random.nextInt(86_400_000));
        }
    }

    @Test
    void agreesWithJavaWhileTheSecondIsTheSameAndWhenTimeGoesBack() {
        long now = 1_769_862_896_000L;
        for (long millis : new long[] {now, now + 1, now + 999, now + 1_000, now + 999, now - 1, -1, 0}) {
            assertAgrees(millis);
        }
    }

    private void assertAgrees(long millis) {
        out.truncate(0);
        clock.putIso(millis, out);
        out.put(' ');
        clock.putCommon(millis, out);
        Instant instant = Instant.ofEpochMilli(millis);
        assertEquals(
                ISO.format(instant) + " " + COMMON.format(instant),
                new String(out.array(), 0, out.length(), StandardCharsets.US_ASCII));
    }
}
