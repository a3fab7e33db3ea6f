package weir.loop;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.config.LimitsConfig;
import weir.http.ByteBudget;
import weir.http.ByteBudget.Stage;
import weir.metrics.LoopCounter;
import weir.metrics.MetricFamily;
import weir.metrics.Metrics;

/**
 * The byte budgets of all loops: how much each has, what the log says of a change of stage and what is counted. Made and
 * given its limit on the control thread; each budget belongs to its loop.
 */
public final class MemoryStages {
    private static final Logger LOG = LoggerFactory.getLogger(MemoryStages.class);

    /** A part of the smaller of heap and direct memory: the rest is for what is not held, and for what is not counted. */
    private static final int PART = 4;

    private final ByteBudget[] budgets;

    /** Budgets for the loops of those metrics. */
    public MemoryStages(Metrics metrics) {
        budgets = new ByteBudget[metrics.loops()];
        Stage[] stages = Stage.values();
        LoopCounter[] acted = new LoopCounter[stages.length];
        for (Stage stage : stages) {
            if (stage != Stage.CALM) {
                String share = Integer.toString(stage.percent());
                acted[stage.ordinal()] = metrics.counter(MetricFamily.MEMORY_ACTIONS, "stage", share);
                metrics.gauge(MetricFamily.MEMORY_STAGE, () -> at(stage), "stage", share);
            }
        }
        metrics.gauge(MetricFamily.MEMORY_HELD, this::held);
        for (int i = 0; i < budgets.length; i++) {
            int loop = i;
            budgets[i] = new ByteBudget(
                    (stage, n) -> {
                        if (n > 0) {
                            acted[stage.ordinal()].add(loop, n);
                        }
                    },
                    (budget, stage) -> say(loop, budget, stage));
        }
    }

    /** The budget of a loop. */
    public ByteBudget budget(int loop) {
        return budgets[loop];
    }

    /** Gives every loop its part of the limit; {@code direct}: bytes of direct memory the process may have. */
    public void limit(LimitsConfig limits, long direct) {
        long all = limits.memory();
        if (all == LimitsConfig.AUTO) {
            all = Math.min(Runtime.getRuntime().maxMemory(), direct) / PART;
        }
        for (ByteBudget budget : budgets) {
            budget.limit(Math.max(1, all / budgets.length));
        }
    }

    private int at(Stage stage) {
        int loops = 0;
        for (ByteBudget budget : budgets) {
            loops += budget.stage().compareTo(stage) >= 0 ? 1 : 0;
        }
        return loops;
    }

    private long held() {
        long sum = 0;
        for (ByteBudget budget : budgets) {
            sum += budget.held();
        }
        return sum;
    }

    private static void say(int loop, ByteBudget budget, Stage stage) {
        String then = switch (stage) {
            case CALM -> "nothing is shed any more";
            case SHARES -> "connections that hold more than their share read nothing more";
            case IDLE -> "idle connections close";
            case SHED -> "connections that hold most and make no progress are reset";
            case CLOSED -> "no new connections are taken";
        };
        LOG.warn(
                "event loop {} holds {} KiB, its connections may hold {} KiB: {}",
                loop,
                budget.held() / 1024,
                budget.limit() / 1024,
                then);
    }
}
