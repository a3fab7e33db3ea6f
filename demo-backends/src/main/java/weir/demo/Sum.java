package weir.demo;

/** The one sum both protocols answer with. */
final class Sum {
    private Sum() {}

    /** Adds; throws {@link ArithmeticException} rather than giving a wrong answer. */
    static long of(long a, long b) {
        try {
            return Math.addExact(a, b);
        } catch (ArithmeticException overflow) {
            throw new ArithmeticException("the sum is beyond 64 bits: " + a + " + " + b);
        }
    }
}
