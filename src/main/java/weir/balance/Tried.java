package weir.balance;

import weir.service.Backend;

/** The backends that an exchange has tried already. They are few, so a scan beats any set. */
final class Tried {
    /** Draws that a picker spends on a backend not yet tried, beyond one for each tried one, before it looks at all. */
    static final int EXTRA_DRAWS = 4;

    private Tried() {}

    static boolean contains(Backend[] tried, int n, Backend backend) {
        for (int i = 0; i < n; i++) {
            if (tried[i] == backend) {
                return true;
            }
        }
        return false;
    }
}
