package weir.route;

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

    private @Nullable RouteTable table;
    private RequestHead[] heads = {};
    private int turn;

    @Setup
    public void start() {
        List<RouteBuilder> all = new ArrayList<>();
        heads = new RequestHead[routes];
        for (int i = 0; i < routes; i++) {
            RouteBuilder route = RouteBuilder.route("r" + i);
            String host = "www.example.com";
            String path = "/hello/world";
            switch (kind) {
                case HOST -> {
                    host = "h" + i + ".example.com";
                    route.host(host);
                }
                case WILDCARD -> {
                    host = "www.d" + i + ".example.com";
                    route.host("*.d" + i + ".example.com");
                }
                case PREFIX -> {
                    path = "/p" + i + "/hello/world";
                    route.host(host).path("/p" + i);
                }
            }
            all.add(route);
            heads[i] = RequestSketch.head("GET", host, path, List.of());
        }
        table = RouteBuilder.table(all);
    }

    @Benchmark
    public @Nullable Route match() {
        RouteTable in = table;
        turn = turn + 1 == heads.length ? 0 : turn + 1;
        return in == null ? null : in.match(heads[turn]);
    }
}
