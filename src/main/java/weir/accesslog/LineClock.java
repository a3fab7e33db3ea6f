package weir.accesslog;

import java.nio.charset.StandardCharsets;

/**
 * Renders times in UTC. The text of a second is kept until another second is asked for, so that most lines cost a copy.
 * Confined to one event loop.
 */
final class LineClock {
    private static final byte[] MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] UTC = " +0000".getBytes(StandardCharsets.US_ASCII);
    private static final long DAY = 86_400;

    private final LineBuffer iso = new LineBuffer(32);
    private final LineBuffer common = new LineBuffer(32);
    private long isoSecond = Long.MIN_VALUE;
    private long commonSecond = Long.MIN_VALUE;
    private int year;
    private int month;
    private int day;

    /** Appends {@code 2026-01-31T12:34:56.789Z}. */
    void putIso(long millis, LineBuffer out) {
        long second = Math.floorDiv(millis, 1_000L);
        if (second != isoSecond) {
            isoSecond = second;
            iso.truncate(0);
            setDate(Math.floorDiv(second, DAY));
            iso.putDigits(year, 4);
            iso.put('-');
            iso.putDigits(month, 2);
            iso.put('-');
            iso.putDigits(day, 2);
            iso.put('T');
            putTime(second, iso);
        }
        out.put(iso.array(), 0, iso.length());
        out.put('.');
        out.putDigits((int) Math.floorMod(millis, 1_000L), 3);
        out.put('Z');
    }

    /** Appends {@code 31/Jan/2026:12:34:56 +0000}. */
    void putCommon(long millis, LineBuffer out) {
        long second = Math.floorDiv(millis, 1_000L);
        if (second != commonSecond) {
            commonSecond = second;
            common.truncate(0);
            setDate(Math.floorDiv(second, DAY));
            common.putDigits(day, 2);
            common.put('/');
            common.put(MONTHS, (month - 1) * 3, 3);
            common.put('/');
            common.putDigits(year, 4);
            common.put(':');
            putTime(second, common);
            common.put(UTC);
        }
        out.put(common.array(), 0, common.length());
    }

    private static void putTime(long second, LineBuffer out) {
        int ofDay = (int) Math.floorMod(second, DAY);
        out.putDigits(ofDay / 3600, 2);
        out.put(':');
        out.putDigits(ofDay / 60 % 60, 2);
        out.put(':');
        out.putDigits(ofDay % 60, 2);
    }

    /** The date of a day since 1970 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days). */
    private void setDate(long epochDay) {
        long z = epochDay + 719_468;
        long era = Math.floorDiv(z, 146_097L);
        int dayOfEra = (int) (z - era * 146_097);
        int yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        int fromMarch = (5 * dayOfYear + 2) / 153;
        day = dayOfYear - (153 * fromMarch + 2) / 5 + 1;
        month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
        year = (int) (yearOfEra + era * 400) + (month <= 2 ? 1 : 0);
    }
}
