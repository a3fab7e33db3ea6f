package weir.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import weir.config.ServiceConfig;
import weir.service.Service;
import weir.testing.Await;
import weir.testing.ConsulAgent;
import weir.testing.RequiresConsul;

/**
 * Many services under constant change, against an agent with its default limits. The size of the real thing is
 * {@code -Dweir.scale=full}: 300 services of 50 instances, for a minute; the suite runs a fifth of it.
 */
@RequiresConsul
class ConsulScaleIT {
    private static final boolean FULL = "full".equals(System.getProperty("weir.scale"));
    private static final int SERVICES = FULL ? 300 : 120;
    private static final int INSTANCES = FULL ? 50 : 10;
    private static final Duration CHURN = Duration.ofSeconds(FULL ? 60 : 8);
    private static final int CHANGES_PER_SECOND = Integer.getInteger("weir.scale.changes", 100);

    private final SplittableRandom random = new SplittableRandom(7);

    @Test
    void staysWithinBoundsUnderConstantChange() throws Exception {
        try (ConsulAgent agent = ConsulAgent.dev()) {
            populate(agent);
            long others = SharedWatchIT.connections(agent);
            long heapBefore = heap();
            try (DiscoveryFixture weir = DiscoveryFixture.of(agent.port())) {
                long begun = System.nanoTime();
                List<ServiceConfig.Consul> configs = new ArrayList<>();
                for (int i = 0; i < SERVICES; i++) {
                    configs.add(DiscoveryFixture.consul(name(i)));
                }
                List<Service> services = weir.follow(configs);
                for (Service service : services) {
                    Await.until(
                            () -> service.backends().size() == INSTANCES,
                            () -> service.name() + ": " + service.backends().size());
                }
                long startMillis = (System.nanoTime() - begun) / 1_000_000;
                churn(agent, weir, services, startMillis, heapBefore, others);
            }
        }
    }

    private void churn(
            ConsulAgent agent,
            DiscoveryFixture weir,
            List<Service> services,
            long startMillis,
            long heapBefore,
            long others)
            throws Exception {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        List<Long> latencies = new ArrayList<>();
        long requests = weir.requests("ok");
        long cpu = system.getProcessCpuTime();
        long agentCpu = agentCpuMillis(agent);
        long begun = System.nanoTime();
        AtomicLong changes = new AtomicLong();
        ExecutorService writer = Executors.newSingleThreadExecutor();
        try {
            var churning = writer.submit(() -> {
                change(agent, begun, changes);
                return null;
            });
            while (System.nanoTime() - begun < CHURN.toNanos()) {
                latencies.add(probe(agent, services));
                Thread.sleep(50);
            }
            churning.get(30, TimeUnit.SECONDS);
        } finally {
            writer.shutdownNow();
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        double perSecond = (weir.requests("ok") - requests) / seconds;
        double cores = (system.getProcessCpuTime() - cpu) / 1e9 / seconds;
        double agentCores = (agentCpuMillis(agent) - agentCpu) / 1e3 / seconds;
        long[] sorted = latencies.stream().mapToLong(Long::longValue).sorted().toArray();
        long connections = SharedWatchIT.connections(agent) - others;
        System.out.printf(
                "scale: %d services x %d instances, %.0f changes/s for %.0f s: first full view %d ms; requests to the agent"
                        + " %.0f/s over %d connections; CPU %.2f cores (with the test's own), agent %.2f cores; heap +%d"
                        + " MiB; change to pick p50 %d ms, p99 %d ms, max %d ms; failures %d%n",
                SERVICES,
                INSTANCES,
                changes.get() / seconds,
                seconds,
                startMillis,
                perSecond,
                connections,
                cores,
                agentCores,
                (heap() - heapBefore) >> 20,
                sorted[sorted.length / 2],
                sorted[sorted.length * 99 / 100],
                sorted[sorted.length - 1],
                weir.requests("unreachable") + weir.requests("timeout") + weir.requests("malformed"));
        assertTrue(connections <= 100, () -> connections + " connections");
        assertTrue(perSecond < 500, () -> perSecond + " requests/s");
        assertEquals(0, weir.requests("unreachable") + weir.requests("timeout") + weir.requests("malformed"));
        for (Service service : services) {
            Await.until(
                    () -> service.backends().size() == INSTANCES,
                    () -> service.name() + ": " + service.backends().size());
        }
    }

    /** One change of a service of which only this thread makes changes; milliseconds until its pick knows. */
    private long probe(ConsulAgent agent, List<Service> services) throws IOException, InterruptedException {
        int i = random.nextInt(SERVICES);
        Service service = services.get(i);
        int port = 10_000;
        boolean wasOut = DiscoveryFixture.out(service).contains(port);
        long begun = System.nanoTime();
        flip(agent, name(i), 0, wasOut ? "passing" : "critical");
        while (DiscoveryFixture.out(service).contains(port) == wasOut) {
            Thread.sleep(1);
            if (System.nanoTime() - begun > 20_000_000_000L) {
                throw new AssertionError(service.name() + " never knew");
            }
        }
        return (System.nanoTime() - begun) / 1_000_000;
    }

    private void change(ConsulAgent agent, long begun, AtomicLong changes) throws Exception {
        SplittableRandom own = new SplittableRandom(11);
        while (System.nanoTime() - begun < CHURN.toNanos()) {
            int service = own.nextInt(SERVICES);
            int instance = 1 + own.nextInt(INSTANCES - 1);
            String status = own.nextInt(4) == 0 ? "critical" : own.nextInt(3) == 0 ? "warning" : "passing";
            flip(agent, name(service), instance, status);
            long due = begun + changes.incrementAndGet() * 1_000_000_000L / CHANGES_PER_SECOND;
            TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
        }
    }

    private static void populate(ConsulAgent agent) throws Exception {
        ExecutorService writers = Executors.newFixedThreadPool(4);
        List<java.util.concurrent.Future<?>> all = new ArrayList<>();
        for (int s = 0; s < SERVICES; s++) {
            int service = s;
            all.add(writers.submit(() -> {
                for (int i = 0; i < INSTANCES; i++) {
                    register(agent, name(service), i);
                }
                return null;
            }));
        }
        for (var one : all) {
            one.get();
        }
        writers.shutdown();
        Await.until(
                () -> Arrays.stream(new int[] {0, SERVICES - 1}).allMatch(s -> count(agent, s) == INSTANCES),
                () -> "not all registered");
    }

    private static int count(ConsulAgent agent, int service) {
        try {
            return agent.get("/v1/catalog/service/" + name(service)).split("\"ServiceID\"").length - 1;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Straight to the catalog, as many agents on many nodes would have it in the end. */
    private static void register(ConsulAgent agent, String service, int i) throws IOException {
        agent.put(
                "/v1/catalog/register",
                "{\"Node\": \"node-" + i + "\", \"Address\": \"127.0.0.1\", \"Service\": {\"ID\": \"" + service
                        + "\", \"Service\": \"" + service + "\", \"Address\": \"127.0.0.1\", \"Port\": "
                        + (10_000 + i) + ", \"Tags\": [\"v1\"], \"Meta\": {\"version\": \"1\", \"zone\": \"a\"}},"
                        + " \"Check\": " + check(service, i, "passing") + "}");
    }

    private static void flip(ConsulAgent agent, String service, int i, String status) throws IOException {
        agent.put(
                "/v1/catalog/register",
                "{\"Node\": \"node-" + i + "\", \"SkipNodeUpdate\": true, \"Check\": " + check(service, i, status)
                        + "}");
    }

    private static String check(String service, int i, String status) {
        return "{\"Node\": \"node-" + i + "\", \"CheckID\": \"service:" + service + "\", \"Name\": \"alive\","
                + " \"Status\": \"" + status + "\", \"ServiceID\": \"" + service + "\"}";
    }

    private static String name(int service) {
        return "service-" + service;
    }

    private static long heap() throws InterruptedException {
        System.gc();
        Thread.sleep(200);
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private static long agentCpuMillis(ConsulAgent agent) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + agent.pid() + "/stat"));
        String[] columns = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(columns[11]) + Long.parseLong(columns[12])) * 10;
    }
}
