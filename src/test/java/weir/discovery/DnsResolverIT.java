package weir.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weir.testing.ScriptedDns;

final class DnsResolverIT {
    private static final Duration TIMEOUT = Duration.ofMillis(300);
    private static final String NAME = "app.example.test";

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final ScriptedDns dns = new ScriptedDns();
    private final Path hosts;
    private final DnsResolver resolver;

    DnsResolverIT(@TempDir Path directory) throws Exception {
        hosts = Files.writeString(directory.resolve("hosts"), "10.9.9.9 listed.example.test listed\n");
        resolver = resolver(dns.address());
    }

    @AfterEach
    void close() {
        resolver.close();
        dns.close();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void findsTheAddressesOfBothFamiliesAndTheShorterTimeToLive() throws Exception {
        dns.answer(NAME, 30, "10.0.0.1", "10.0.0.2");
        dns.answer(NAME, 20, "fd00::1");
        Resolution.Found found = found(NAME);
        assertEquals(List.of("10.0.0.1", "10.0.0.2", "fd00:0:0:0:0:0:0:1"), texts(found));
        assertEquals(Duration.ofSeconds(20), found.timeToLive());
        assertFalse(found.partial());
    }

    @Test
    void asksAgainEachTime() throws Exception {
        dns.answer(NAME, 3600, "10.0.0.1");
        found(NAME);
        dns.answer(NAME, 3600, "10.0.0.2");
        assertEquals(List.of("10.0.0.2"), texts(found(NAME)));
    }

    @Test
    void takesANameWithOneFamilyOnly() throws Exception {
        dns.answer(NAME, 30, "10.0.0.1");
        dns.code(NAME, 6, ScriptedDns.NO_ERROR);
        Resolution.Found found = found(NAME);
        assertEquals(List.of("10.0.0.1"), texts(found));
        assertFalse(found.partial());
    }

    @Test
    void saysWhenOneFamilyCouldNotBeAsked() throws Exception {
        dns.answer(NAME, 30, "10.0.0.1");
        dns.code(NAME, 6, ScriptedDns.SERVER_FAILURE);
        assertTrue(found(NAME).partial());
        dns.code(NAME, 6, ScriptedDns.SILENCE);
        assertTrue(found(NAME).partial());
    }

    @Test
    void tellsANameThatDoesNotExistFromOneThatCannotBeAsked() throws Exception {
        assertInstanceOf(Resolution.Absent.class, resolve(resolver, "nobody.example.test"));
        dns.code(NAME, 4, ScriptedDns.NO_ERROR);
        dns.code(NAME, 6, ScriptedDns.NO_ERROR);
        assertInstanceOf(Resolution.Absent.class, resolve(resolver, NAME));
        dns.code(NAME, 4, ScriptedDns.SERVER_FAILURE);
        dns.code(NAME, 6, ScriptedDns.SERVER_FAILURE);
        assertInstanceOf(Resolution.Failed.class, resolve(resolver, NAME));
        dns.code(NAME, 4, ScriptedDns.SILENCE);
        dns.code(NAME, 6, ScriptedDns.SILENCE);
        Resolution.Failed failed = assertInstanceOf(Resolution.Failed.class, resolve(resolver, NAME));
        assertEquals("no answer from the name server", failed.why());
    }

    @Test
    void followsAliases() throws Exception {
        dns.alias(NAME, 50, "near.example.test");
        dns.alias("near.example.test", 5, "real.example.test");
        dns.answer("real.example.test", 60, "10.0.0.1");
        assertEquals(List.of("10.0.0.1"), texts(found(NAME)));
    }

    @Test
    void asksTheNextNameServerWhenOneIsSilent() throws Exception {
        try (ScriptedDns silent = new ScriptedDns()) {
            silent.code(NAME, 4, ScriptedDns.SILENCE);
            silent.code(NAME, 6, ScriptedDns.SILENCE);
            dns.answer(NAME, 30, "10.0.0.1");
            DnsResolver both = resolver(silent.address(), dns.address());
            try {
                Resolution.Found found = assertInstanceOf(Resolution.Found.class, resolve(both, NAME));
                assertEquals(List.of("10.0.0.1"), texts(found));
            } finally {
                both.close();
            }
        }
    }

    @Test
    void believesTheHostsFileFirstAndReadsItAnew() throws Exception {
        dns.answer("listed.example.test", 30, "10.0.0.1");
        Resolution.Found found = found("Listed.example.test");
        assertEquals(List.of("10.9.9.9"), texts(found));
        assertNull(found.timeToLive());
        Files.writeString(hosts, "10.8.8.8 listed.example.test\n");
        assertEquals(List.of("10.8.8.8"), texts(found("listed.example.test")));
        assertEquals(0, dns.questions().size());
    }

    @Test
    void knowsLocalhostWithoutAskingAnybody() throws Exception {
        assertEquals(List.of("127.0.0.1", "0:0:0:0:0:0:0:1"), texts(found("localhost")));
        Files.delete(hosts);
        assertEquals(List.of("127.0.0.1", "0:0:0:0:0:0:0:1"), texts(found("LOCALHOST.")));
        assertEquals(0, dns.questions().size());
    }

    @Test
    void refusesWhatIsNoName() throws Exception {
        assertInstanceOf(Resolution.Absent.class, resolve(resolver, "a..b"));
        assertInstanceOf(Resolution.Absent.class, resolve(resolver, "a".repeat(64) + ".test"));
    }

    private DnsResolver resolver(InetSocketAddress... nameServers) {
        return new DnsResolver(
                (EventLoop) group.next(),
                hosts.toFile(),
                new SequentialDnsServerAddressStreamProvider(nameServers),
                TIMEOUT);
    }

    private Resolution.Found found(String host) throws Exception {
        return assertInstanceOf(Resolution.Found.class, resolve(resolver, host));
    }

    private static Resolution resolve(DnsResolver resolver, String host) throws Exception {
        CompletableFuture<Resolution> answer = new CompletableFuture<>();
        resolver.resolve(host, answer::complete);
        return answer.get(10, TimeUnit.SECONDS);
    }

    private static List<String> texts(Resolution.Found found) {
        return found.addresses().stream().map(InetAddress::getHostAddress).toList();
    }
}
