package weir.proxy;

import java.util.Arrays;

/** The attempts of one exchange, for its log line. Confined to one event loop. */
final class AttemptLog {
    private String[] addresses = {"", ""};
    private String[] codes = {"", ""};
    private int[] statuses = new int[2];
    private int count;

    void clear() {
        count = 0;
    }

    void add(String address, int status, String code) {
        if (count == statuses.length) {
            addresses = Arrays.copyOf(addresses, count * 2);
            codes = Arrays.copyOf(codes, count * 2);
            statuses = Arrays.copyOf(statuses, count * 2);
        }
        addresses[count] = address;
        codes[count] = code;
        statuses[count++] = status;
    }

    int count() {
        return count;
    }

    String address(int i) {
        return addresses[i];
    }

    String code(int i) {
        return codes[i];
    }

    int status(int i) {
        return statuses[i];
    }
}
