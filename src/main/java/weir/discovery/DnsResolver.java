package weir.discovery;

import io.netty.buffer.ByteBufHolder;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.dns.DnsErrorCauseException;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverTimeoutException;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.NoopAuthoritativeDnsServerCache;
import io.netty.resolver.dns.NoopDnsCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.File;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import weir.config.FailureText;

/**
 * Resolves names as the machine is set up to: hosts file, then the name servers and search domains of
 * {@code /etc/resolv.conf}, A and AAAA at the same time. Caches nothing, so that an answer's time to live (RFC 1035
 * section 3.2.1) is what the name server says of the addresses; that of aliases on the way is not seen. Thread-safe;
 * works on one event loop.
 */
public final class DnsResolver implements NameResolver {
    private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(2);
    private static final File HOSTS = new File("/etc/hosts");

    private final EventLoop loop;
    private final HostsFile hosts;
    private final Supplier<DnsNameResolverBuilder> builder;
    private @Nullable DnsNameResolver dns;

    /** A resolver for this machine; the loop is one of NIO's, and not one that serves clients. */
    public DnsResolver(EventLoop loop) {
        this(loop, new HostsFile(HOSTS), () -> builder(loop, QUERY_TIMEOUT));
    }

    /** A resolver that asks these name servers only. */
    DnsResolver(EventLoop loop, File hosts, DnsServerAddressStreamProvider nameServers, Duration timeout) {
        this(
                loop,
                new HostsFile(hosts),
                () -> builder(loop, timeout).nameServerProvider(nameServers).searchDomains(List.of()));
    }

    private DnsResolver(EventLoop loop, HostsFile hosts, Supplier<DnsNameResolverBuilder> builder) {
        this.loop = loop;
        this.hosts = hosts;
        this.builder = builder;
    }

    private static DnsNameResolverBuilder builder(EventLoop loop, Duration timeout) {
        return new DnsNameResolverBuilder(loop)
                .datagramChannelType(NioDatagramChannel.class)
                .socketChannelType(NioSocketChannel.class)
                .hostsFileEntriesResolver((host, types) -> null)
                .resolveCache(NoopDnsCache.INSTANCE)
                .cnameCache(NoopDnsCnameCache.INSTANCE)
                .authoritativeDnsServerCache(NoopAuthoritativeDnsServerCache.INSTANCE)
                .queryTimeoutMillis(timeout.toMillis());
    }

    @Override
    public void resolve(String host, Consumer<Resolution> done) {
        loop.execute(() -> {
            List<InetAddress> known = hosts.addresses(host);
            if (known.isEmpty()) {
                ask(host, done);
            } else {
                done.accept(new Resolution.Found(known, null, false));
            }
        });
    }

    /** Ends all look-ups under way. */
    public void close() {
        loop.execute(() -> {
            if (dns != null) {
                dns.close();
            }
        });
    }

    /** Made for the first name that is asked for: it takes a twelfth of the start, and addresses need none. On the loop. */
    private DnsNameResolver dns() {
        if (dns == null) {
            dns = builder.get().build();
        }
        return dns;
    }

    private void ask(String host, Consumer<Resolution> done) {
        DnsQuestion four;
        DnsQuestion six;
        try {
            four = new DefaultDnsQuestion(host, DnsRecordType.A);
            six = new DefaultDnsQuestion(host, DnsRecordType.AAAA);
        } catch (IllegalArgumentException e) {
            done.accept(new Resolution.Absent("not a host name"));
            return;
        }
        Answers answers = new Answers(done);
        DnsNameResolver dns = dns();
        dns.resolveAll(four).addListener((Future<List<DnsRecord>> future) -> answers.add(future));
        dns.resolveAll(six).addListener((Future<List<DnsRecord>> future) -> answers.add(future));
    }

    /** The answers for both families, put together when the second one is in. Confined to the loop. */
    private static final class Answers {
        private final Consumer<Resolution> done;
        private final List<InetAddress> addresses = new ArrayList<>();
        private long timeToLive = Long.MAX_VALUE;
        private @Nullable String absent;
        private @Nullable String failure;
        private int missing = 2;

        Answers(Consumer<Resolution> done) {
            this.done = done;
        }

        void add(Future<List<DnsRecord>> future) {
            if (future.isSuccess()) {
                future.getNow().forEach(this::take);
            } else {
                refused(future.cause());
            }
            if (--missing == 0) {
                done.accept(resolution());
            }
        }

        private Resolution resolution() {
            if (!addresses.isEmpty()) {
                return new Resolution.Found(addresses, Duration.ofSeconds(timeToLive), failure != null);
            }
            if (failure != null) {
                return new Resolution.Failed(failure);
            }
            return new Resolution.Absent(absent != null ? absent : "no address");
        }

        private void take(DnsRecord answer) {
            try {
                if (answer instanceof ByteBufHolder raw) {
                    addresses.add(InetAddress.getByAddress(ByteBufUtil.getBytes(raw.content())));
                    timeToLive = Math.min(timeToLive, answer.timeToLive());
                }
            } catch (UnknownHostException e) {
                failure = "address of " + e.getMessage();
            } finally {
                ReferenceCountUtil.release(answer);
            }
        }

        private void refused(Throwable cause) {
            for (Throwable t = cause; t != null; t = t.getCause()) {
                if (t instanceof DnsErrorCauseException error) {
                    if (error.getCode().equals(DnsResponseCode.NXDOMAIN)) {
                        absent = "no such name";
                    } else {
                        failure = "the name server says " + error.getCode();
                    }
                    return;
                }
                if (t instanceof DnsNameResolverTimeoutException) {
                    failure = "no answer from the name server";
                    return;
                }
            }
            if (cause instanceof UnknownHostException && cause.getCause() == null) {
                // An answer without a record of this type.
                return;
            }
            failure = FailureText.of(cause);
        }
    }
}
