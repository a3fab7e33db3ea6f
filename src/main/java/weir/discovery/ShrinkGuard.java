package weir.discovery;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The instances in force of one service, guarded against answers that lose too much at once: when none is left, or
 * fewer than half of four or more, those missing are held for a while. An instance that turns critical is no loss. Time
 * is passed in, in nanoseconds. Confined to the control thread.
 */
final class ShrinkGuard {
    private static final int SMALLEST_GUARDED = 4;

    private record Held(ConsulInstance instance, long untilNanos) {}

    private long holdNanos;
    private List<ConsulInstance> present = List.of();
    private final Map<String, Held> held = new LinkedHashMap<>();

    ShrinkGuard(Duration hold) {
        this.holdNanos = hold.toNanos();
    }

    /** How long those missing are held from now on. */
    void hold(Duration hold) {
        holdNanos = hold.toNanos();
    }

    /** Takes an answer, each address once, and gives what is in force. */
    List<ConsulInstance> accept(List<ConsulInstance> answer, long now) {
        Map<String, Held> known = new LinkedHashMap<>(held);
        for (ConsulInstance instance : present) {
            known.put(instance.address(), new Held(instance, now + holdNanos));
        }
        boolean suspicious = answer.isEmpty() || known.size() >= SMALLEST_GUARDED && answer.size() * 2 < known.size();
        held.clear();
        if (suspicious && holdNanos > 0) {
            held.putAll(known);
            answer.forEach(instance -> held.remove(instance.address()));
        }
        present = List.copyOf(answer);
        return expire(now);
    }

    /** Lets those go whose time has come, and gives what is in force. */
    List<ConsulInstance> expire(long now) {
        for (Iterator<Held> all = held.values().iterator(); all.hasNext(); ) {
            if (all.next().untilNanos - now <= 0) {
                all.remove();
            }
        }
        List<ConsulInstance> inForce = new ArrayList<>(present);
        held.values().forEach(h -> inForce.add(h.instance));
        return inForce;
    }

    /** How many are held. */
    int held() {
        return held.size();
    }

    /** How long until the next one goes; meaningless when none is held. */
    long nextNanos(long now) {
        long next = Long.MAX_VALUE;
        for (Held h : held.values()) {
            next = Math.min(next, h.untilNanos - now);
        }
        return Math.max(0, next);
    }
}
