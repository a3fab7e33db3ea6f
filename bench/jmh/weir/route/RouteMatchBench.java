package weir.route;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import weir.http.RequestHead;
import weir.http.Span;

/** What a match costs among few and many routes; requests go to all of them in turn. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class RouteMatchBench {
    /** What tells the routes apart. */
    public enum Kind {
        /** A host each. */
        HOST,
        /** A wildcard host each. */
        WILDCARD,
        /** A prefix each, of one host. */
        PREFIX
    }

    @Param
    Kind kind = Kind.HOST;

    @Param({"5", "5000"})
    int routes;

    private final RequestHead head = RequestSketch.head("GET", "", "", List.of());
    private int fixed;
    private @Nullable RouteTable table;
    private byte[][] asked = {};
    private int turn;

    @Setup
    public void start() {
        List<RouteBuilder> all = new ArrayList<>();
        asked = new byte[routes][];
        for (int i = 0; i < routes; i++) {
            all.add(route(i));
            asked[i] = (kind == Kind.PREFIX
                            ? "/p" + i + "/hello/world"
                            : kind == Kind.HOST ? host(i) : "www." + host(i))
                    .getBytes(StandardCharsets.US_ASCII);
        }
        table = RouteBuilder.table(all);
        put(head.host(), host(0).getBytes(StandardCharsets.US_ASCII));
        if (kind != Kind.PREFIX) {
            put(head.path(), "/hello/world".getBytes(StandardCharsets.US_ASCII));
        }
        fixed = head.fields().length();
    }

    private RouteBuilder route(int i) {
        RouteBuilder route = RouteBuilder.route("r" + i);
        return switch (kind) {
            case HOST -> route.host(host(i));
            case WILDCARD -> route.host("*." + host(i));
            case PREFIX -> route.host(host(0)).path("/p" + i);
        };
    }

    private static String host(int i) {
        return "h" + i + ".example.com";
    }

    private void put(Span span, byte[] text) {
        span.set(head.fields().append(text, 0, text.length), text.length);
    }

    /** The match, and one copy of the host or path that is asked for into the head. */
    @Benchmark
    public @Nullable Route match() {
        RouteTable in = table;
        if (in == null) {
            return null;
        }
        turn = turn + 1 == asked.length ? 0 : turn + 1;
        head.fields().truncate(fixed);
        put(kind == Kind.PREFIX ? head.path() : head.host(), asked[turn]);
        return in.match(head);
    }
}
