package weir.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static weir.testing.ServiceFixture.staticConfig;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import weir.service.Backend;
import weir.service.Service;
import weir.testing.ServiceFixture;

final class StaticDiscoveryTest {
    private static final Duration REFRESH = Duration.ofSeconds(10);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    /** A look-up that waits for its answer. */
    private record Asked(String host, Consumer<Resolution> done) {}

    /** Draws one half, which is no jitter. */
    private static final RandomGenerator NO_JITTER = new RandomGenerator() {
        @Override
        public long nextLong() {
            throw new UnsupportedOperationException();
        }

        @Override
        public double nextDouble() {
            return 0.5;
        }
    };

    private final ServiceFixture fixture = new ServiceFixture();
    private final List<Asked> asked = new ArrayList<>();
    private final StaticDiscovery discovery =
            new StaticDiscovery(fixture.control, (host, done) -> asked.add(new Asked(host, done)), NO_JITTER);

    StaticDiscoveryTest() {
        fixture.services.listen(discovery);
    }

    @Test
    void givesAddressesAtOnceAndAsksNobody() {
        Service service = configure("127.0.0.1:9001", "::1:9002", "10.0.0.7:80");
        assertEquals(List.of("127.0.0.1:9001", "[::1]:9002", "10.0.0.7:80"), addresses(service));
        assertEquals("[::1]:9002", service.backends().get(1).endpoint().host());
        assertEquals(List.of(), asked);
        assertTrue(discovery.answered("hello"));
    }

    @Test
    void makesEveryAddressOfANameAnEndpoint() {
        Service service = configure("app:9002", "127.0.0.1:9001");
        assertEquals(List.of("127.0.0.1:9001"), addresses(service));
        assertFalse(discovery.answered("hello"));
        answer(MINUTE, "10.0.0.2", "10.0.0.1", "fd00::1");
        assertEquals(List.of("10.0.0.1:9002", "10.0.0.2:9002", "[fd00::1]:9002", "127.0.0.1:9001"), addresses(service));
        assertEquals("app:9002", service.backends().get(0).endpoint().host());
        assertTrue(discovery.answered("hello"));
    }

    @Test
    void resolvesAgainWhenTheAnswerHasExpired() {
        configure("app:9002");
        answer(Duration.ofSeconds(7), "10.0.0.1");
        fixture.control.advance(Duration.ofMillis(6999));
        assertEquals(1, asked.size());
        fixture.control.advance(Duration.ofMillis(1));
        assertEquals(2, asked.size());
    }

    @Test
    void resolvesAgainAfterDnsRefreshWithoutTimeToLive() {
        configure("app:9002");
        answer(null, "10.0.0.1");
        fixture.control.advance(REFRESH.minusMillis(1));
        assertEquals(1, asked.size());
        fixture.control.advance(Duration.ofMillis(1));
        assertEquals(2, asked.size());
    }

    @Test
    void waitsASecondEvenWhenTheAnswerHoldsForNoTime() {
        configure("app:9002");
        answer(Duration.ZERO, "10.0.0.1");
        fixture.control.advance(Duration.ofMillis(800));
        assertEquals(1, asked.size());
        fixture.control.advance(Duration.ofMillis(200));
        assertEquals(2, asked.size());
    }

    @Test
    void keepsBackendsThatAreStillInTheAnswerWhateverItsOrder() {
        Service service = configure("app:9002");
        answer(MINUTE, "10.0.0.2", "10.0.0.1");
        List<Backend> before = service.backends();
        before.get(0).tryAcquire(0);
        fixture.control.advance(MINUTE);
        answer(MINUTE, "10.0.0.1", "10.0.0.2");
        assertSame(before, service.backends());
        fixture.control.advance(MINUTE);
        answer(MINUTE, "10.0.0.3", "10.0.0.1");
        assertEquals(List.of("10.0.0.1:9002", "10.0.0.3:9002"), addresses(service));
        assertSame(before.get(0), service.backends().get(0));
        assertTrue(before.get(1).removed());
    }

    @Test
    void keepsTheLastAnswerWhenTheNameServerFails() {
        Service service = configure("app:9002");
        answer(MINUTE, "10.0.0.1");
        for (Resolution failure : List.of(new Resolution.Failed("SERVFAIL"), new Resolution.Absent("no such name"))) {
            fixture.control.advance(MINUTE);
            reply(failure);
            assertEquals(List.of("10.0.0.1:9002"), addresses(service));
        }
    }

    @Test
    void keepsWhatWasKnownOfAnAddressFamilyThatCouldNotBeAsked() throws Exception {
        Service service = configure("app:9002");
        answer(MINUTE, "10.0.0.1", "fd00::1");
        fixture.control.advance(MINUTE);
        reply(new Resolution.Found(List.of(InetAddress.getByName("10.0.0.2")), MINUTE, true));
        assertEquals(List.of("10.0.0.2:9002", "[fd00::1]:9002"), addresses(service));
    }

    @Test
    void triesAgainWithBackOffUpToDnsRefresh() {
        configure("app:9002");
        for (int seconds : new int[] {1, 2, 4, 8, 10, 10}) {
            int before = asked.size();
            reply(new Resolution.Failed("timeout"));
            fixture.control.advance(Duration.ofSeconds(seconds).minusMillis(1));
            assertEquals(before, asked.size(), "too early, before " + seconds + " s");
            fixture.control.advance(Duration.ofMillis(1));
            assertEquals(before + 1, asked.size(), "too late, after " + seconds + " s");
        }
        answer(MINUTE, "10.0.0.1");
        fixture.control.advance(MINUTE);
        reply(new Resolution.Failed("timeout"));
        int before = asked.size();
        fixture.control.advance(Duration.ofSeconds(1));
        assertEquals(before + 1, asked.size(), "an answer ends the back-off");
    }

    @Test
    void countsAnEmptyAnswerAsOneButNotAFailure() {
        configure("app:9002");
        reply(new Resolution.Failed("timeout"));
        assertFalse(discovery.answered("hello"));
        fixture.control.advance(Duration.ofSeconds(1));
        reply(new Resolution.Absent("no such name"));
        assertTrue(discovery.answered("hello"));
        assertFalse(discovery.answered("nobody"));
    }

    @Test
    void keepsTheAnswerOfANameThatStaysOverAReload() {
        Service service = configure("app:9002");
        answer(MINUTE, "10.0.0.1");
        configure("app:9002", "other:80");
        assertEquals(List.of("10.0.0.1:9002"), addresses(service));
        assertEquals("other", asked.get(asked.size() - 1).host());
        assertEquals(2, asked.size());
    }

    @Test
    void forgetsANameThatIsNoLongerConfigured() {
        Service service = configure("app:9002", "127.0.0.1:1");
        Asked late = asked.get(0);
        configure("127.0.0.1:1");
        late.done().accept(new Resolution.Found(List.of(InetAddress.getLoopbackAddress()), MINUTE, false));
        fixture.control.advance(MINUTE);
        assertEquals(List.of("127.0.0.1:1"), addresses(service));
        assertEquals(1, asked.size());
    }

    @Test
    void asksNoMoreWhenTheServiceLeaves() {
        configure("app:9002");
        answer(MINUTE, "10.0.0.1");
        fixture.services.apply(Map.of());
        fixture.control.advance(MINUTE);
        assertEquals(1, asked.size());
        assertEquals(0, fixture.control.waiting());
    }

    @Test
    void handsNothingToTheControlThreadOnceClosed() {
        configure("app:9002");
        discovery.close();
        asked.get(0).done().accept(new Resolution.Failed("closed"));
        assertEquals(0, fixture.control.waiting());
    }

    @Test
    void asksOnceForANameThatStandsAtTwoPorts() {
        Service service = configure("app:1", "app:2");
        assertEquals(1, asked.size());
        answer(MINUTE, "10.0.0.1");
        assertEquals(List.of("10.0.0.1:1", "10.0.0.1:2"), addresses(service));
    }

    private Service configure(String... backends) {
        fixture.services.apply(Map.of("hello", staticConfig(REFRESH, backends)));
        return fixture.services.service("hello");
    }

    private void answer(@Nullable Duration timeToLive, String... addresses) {
        List<InetAddress> found =
                Arrays.stream(addresses).map(StaticDiscoveryTest::ip).toList();
        reply(new Resolution.Found(found, timeToLive, false));
    }

    private void reply(Resolution resolution) {
        asked.get(asked.size() - 1).done().accept(resolution);
        fixture.settle();
    }

    private static InetAddress ip(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> addresses(Service service) {
        return service.backends().stream().map(Backend::address).toList();
    }
}
