package weir.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.ConnectTimeoutException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.config.ServiceConfig;
import weir.http.BackendFailure;
import weir.http.MessageError;
import weir.testing.FakeChannel;
import weir.testing.MuxBackend;
import weir.testing.MuxBackendStream;
import weir.testing.MuxClient;
import weir.testing.MuxClientStream;
import weir.testing.ServiceFixture;

/**
 * Whatever clients and backends do, in whatever order: each request has one line in the log and is counted once, all
 * counters come back to zero, no head is lost or given back twice, and nobody is called against its contract.
 */
class ExchangePropertyTest {
    private static final int ROUNDS = 40;
    private static final int STEPS = 120;

    @TempDir
    Path directory;

    private ProxyFixture fixture;
    private Random random;
    private boolean bugs;
    private int number;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void everyExchangeEndsOnce(int seed) {
        for (int round = 0; round < ROUNDS; round++) {
            random = new Random(seed * 1000L + round);
            bugs = false;
            play(round);
            assertEquals(List.of(), fixture.errors());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {7, 8})
    void everyExchangeEndsOnceDespiteBugs(int seed) {
        int errors = 0;
        for (int round = 0; round < ROUNDS; round++) {
            random = new Random(seed * 1000L + round);
            bugs = true;
            play(round);
            errors += fixture.errors().size();
        }
        assertTrue(errors > ROUNDS / 4, "bugs that were met: " + errors);
    }

    private void play(int round) {
        ServiceConfig.Retry retry = new ServiceConfig.Retry(
                1 + random.nextInt(3), true, true, Set.of(502, 503), 20, Duration.ofMillis(25), Duration.ofMillis(250));
        ServiceConfig config = ServiceFixture.config(ServiceConfig.Balance.ROUND_ROBIN);
        config = new ServiceConfig(
                config.name(),
                random.nextBoolean() ? ServiceConfig.Balance.LEAST_CONNECTIONS : ServiceConfig.Balance.ROUND_ROBIN,
                List.of(),
                config.dnsRefresh(),
                null,
                config.ejection(),
                retry,
                config.timeouts(),
                new ServiceConfig.Limits(1 + random.nextInt(6), 1 + random.nextInt(6)),
                new ServiceConfig.Pool(random.nextInt(4), Duration.ofSeconds(15), random.nextInt(5)),
                null);
        fixture = new ProxyFixture(
                directory.resolve(String.valueOf(round)), config, random.nextBoolean() ? 40 : 0, 1 + random.nextInt(3));
        fixture.network.streams = random.nextBoolean() ? 1 : 3;
        MuxClient[] clients = {fixture.client(), fixture.client()};
        number = 0;
        for (int step = 0; step < STEPS; step++) {
            step(clients[random.nextInt(2)]);
        }
        for (MuxClient client : clients) {
            client.streams.stream().filter(s -> !s.over).forEach(MuxClientStream::abort);
        }
        fixture.network.advance(60_000);
        Map<String, String> log = fixture.verify();
        assertEquals(number, log.size());
    }

    private void step(MuxClient client) {
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> open(client);
            case 3, 4, 5 -> {
                List<MuxClientStream> live =
                        client.streams.stream().filter(s -> !s.over).toList();
                if (!live.isEmpty()) {
                    act(live.get(random.nextInt(live.size())));
                }
            }
            case 6 -> connect();
            case 7, 8, 9 -> {
                List<MuxBackendStream> live = fixture.network.live();
                if (!live.isEmpty()) {
                    act(live.get(random.nextInt(live.size())));
                }
            }
            case 10 -> fixture.network.advance(random.nextInt(300));
            default -> rare();
        }
    }

    private void open(MuxClient client) {
        String id = "?" + number++;
        switch (random.nextInt(12)) {
            case 0 -> client.get("/nowhere" + id);
            case 1 -> client.get("/gone" + id);
            case 2 -> client.post("/fixed" + id, random.nextBoolean() ? 0 : 5);
            case 3 -> client.refused("/to" + id, MessageError.HOST);
            case 4 -> client.open("GET", "/to" + id, 0, true);
            case 5 -> client.open("PUT", "/to" + id, -1, false);
            case 6 -> client.post("/to" + id, 50);
            case 7 -> client.post("/to" + id, -1);
            case 8 -> client.open(random.nextBoolean() ? "CONNECT" : "HEAD", "/to" + id, 0, false);
            default -> client.get("/to" + id);
        }
    }

    private void act(MuxClientStream stream) {
        switch (random.nextInt(9)) {
            case 0, 1, 2 -> {
                if (stream.sends()) {
                    stream.send(random.nextInt(20));
                }
            }
            case 3 -> {
                if (stream.sends()) {
                    stream.end();
                }
            }
            case 4 -> stream.writable(random.nextBoolean());
            case 5 -> stream.readComplete();
            case 6 -> {
                if (random.nextInt(3) == 0) {
                    stream.abort();
                }
            }
            case 7 -> {
                if (!stream.requestEnded && !stream.tunnel) {
                    stream.breakOff(MessageError.CHUNK);
                }
            }
            default -> {
                if (bugs) {
                    stream.breakNextCall();
                }
            }
        }
    }

    private void act(MuxBackendStream stream) {
        switch (random.nextInt(10)) {
            case 0, 1, 2 -> {
                if (!stream.answered) {
                    respond(stream);
                } else if (!stream.responseEnded && !stream.paused) {
                    stream.data(random.nextInt(20));
                }
            }
            case 3, 4 -> {
                if (!stream.answered) {
                    stream.respond(random.nextBoolean() ? 200 : 503, 0, true);
                } else if (!stream.responseEnded && !stream.paused) {
                    stream.finishResponse();
                }
            }
            case 5 -> {
                if (!stream.answered) {
                    stream.inform(103);
                }
            }
            case 6 -> stream.writable(random.nextBoolean());
            case 7 -> stream.readComplete();
            case 8 -> stream.fail(BackendFailure.values()[random.nextInt(4)]);
            default -> {
                if (bugs) {
                    stream.breakNextCall();
                }
            }
        }
    }

    private void respond(MuxBackendStream stream) {
        int[] statuses = {200, 404, 500, 503};
        if (stream.webSocket && random.nextBoolean()) {
            stream.respond(101, 0, false);
        } else {
            stream.respond(statuses[random.nextInt(4)], -1, false);
        }
    }

    private void connect() {
        fixture.network.run();
        List<FakeChannel> channels = fixture.network.connecting();
        if (!channels.isEmpty()) {
            FakeChannel channel = channels.get(random.nextInt(channels.size()));
            switch (random.nextInt(6)) {
                case 0 -> channel.fail(new IOException("refused"));
                case 1 -> channel.fail(new ConnectTimeoutException());
                default -> channel.succeed();
            }
        }
    }

    private void rare() {
        switch (random.nextInt(8)) {
            case 0 -> fixture.proxy.publish(fixture.routing());
            case 1 -> fixture.tick(random.nextInt(20_000));
            case 2 -> fixture.service.disable("127.0.0.1:1");
            case 3 -> fixture.service.enable("127.0.0.1:1");
            case 4 -> fixture.network.exhausted = random.nextInt(4) == 0;
            case 5 -> {
                List<MuxBackend> all = fixture.network.backends;
                if (!all.isEmpty()) {
                    all.get(random.nextInt(all.size())).breakOff();
                }
            }
            default -> fixture.network.advance(1000);
        }
    }
}
