package weir.balance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One full turn of nginx's smooth weighted round-robin (nginx commit 52327e0627f4): at each step every peer's current
 * value grows by its weight, the largest is picked, the first of equals, and falls by the sum of all weights.
 *
 * <p>Peers of equal weight take turns in the order of the list, so only one value per distinct weight is kept: the cost
 * is the length of the turn times the number of distinct weights. The turn is bounded: weights are divided by their
 * greatest common divisor and, if that is not enough, scaled down, none below 1.
 */
final class SmoothSequence {
    private static final int LIMIT = 1 << 16;
    private static final int LIMIT_PER_PEER = 32;

    /** The peers of one weight, and the value that its next peer has now. */
    private static final class Group {
        final int weight;
        final int[] members;
        int next;
        long current;

        Group(int weight, List<Integer> members) {
            this.weight = weight;
            this.members = members.stream().mapToInt(Integer::intValue).toArray();
        }

        boolean before(Group other) {
            return current > other.current || (current == other.current && members[next] < other.members[other.next]);
        }

        int take(long total) {
            int peer = members[next];
            // All peers of the group have fallen once when the last of them does.
            if (++next == members.length) {
                next = 0;
                current -= total;
            }
            return peer;
        }
    }

    private SmoothSequence() {}

    /** Indexes into {@code weights}, each as often as its weight, scaled, says. */
    static int[] of(int[] weights) {
        int[] scaled = scale(weights);
        int total = Arrays.stream(scaled).sum();
        Group[] groups = groups(scaled);
        int[] sequence = new int[total];
        for (int i = 0; i < total; i++) {
            Group best = groups[0];
            for (Group group : groups) {
                group.current += group.weight;
            }
            for (Group group : groups) {
                if (group.before(best)) {
                    best = group;
                }
            }
            sequence[i] = best.take(total);
        }
        return sequence;
    }

    private static Group[] groups(int[] weights) {
        Map<Integer, List<Integer>> byWeight = new LinkedHashMap<>();
        for (int i = 0; i < weights.length; i++) {
            byWeight.computeIfAbsent(weights[i], weight -> new ArrayList<>()).add(i);
        }
        return byWeight.entrySet().stream()
                .map(entry -> new Group(entry.getKey(), entry.getValue()))
                .toArray(Group[]::new);
    }

    private static int[] scale(int[] weights) {
        int[] reduced = divideByCommon(weights);
        long total = Arrays.stream(reduced).asLongStream().sum();
        long limit = Math.max(LIMIT, (long) LIMIT_PER_PEER * weights.length);
        if (total <= limit) {
            return reduced;
        }
        double factor = (double) limit / total;
        return divideByCommon(Arrays.stream(reduced)
                .map(weight -> Math.max(1, (int) Math.round(weight * factor)))
                .toArray());
    }

    private static int[] divideByCommon(int[] weights) {
        int divisor = 0;
        for (int weight : weights) {
            divisor = gcd(weight, divisor);
        }
        int common = Math.max(1, divisor);
        return Arrays.stream(weights).map(weight -> weight / common).toArray();
    }

    private static int gcd(int a, int b) {
        return b == 0 ? a : gcd(b, a % b);
    }
}
