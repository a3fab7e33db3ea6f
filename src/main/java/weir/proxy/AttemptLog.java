package weir.proxy;

import java.util.Arrays;

/** The attempts of one exchange or session, for its log line. Confined to one event loop. */
public final class AttemptLog {
    private String[] addresses = {"", ""};
    private String[] codes = {"", ""};
    private int[] statuses = new int[2];
    private int count;

    /** Forgets all. */
    public void clear() {
        count = 0;
    }

    /** Adds one that ended: its status or 0, and the code that says how it failed. */
    public void add(String address, int status, String code) {
        if (count == statuses.length) {
            addresses = Arrays.copyOf(addresses, count * 2);
            codes = Arrays.copyOf(codes, count * 2);
            statuses = Arrays.copyOf(statuses, count * 2);
        }
        addresses[count] = address;
        codes[count] = code;
        statuses[count++] = status;
    }

    /** How many there are. */
    public int count() {
        return count;
    }

    /** The address of the backend. */
    public String address(int i) {
        return addresses[i];
    }

    /** How it failed; empty when it did not. */
    public String code(int i) {
        return codes[i];
    }

    /** The status of its response; 0 for none. */
    public int status(int i) {
        return statuses[i];
    }
}
