package weir.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weir.config.AccessLogConfig.Output;
import weir.config.AccessLogConfig.WhenFull;

/** The keys that concern the process as a whole: {@code access-log}, {@code admin}, {@code shutdown}, {@code threads}. */
final class ProcessShape {
    /** The admin API with the place of its address. */
    record ReadAdmin(AdminConfig admin, Location addressAt) {}

    private record Rotation(long size, int keep) {}

    private static final Key<Long> ROTATE_SIZE = Key.of(
            "size", Sizes.SIZE, AccessLogConfig.DEFAULT.rotateSize(), "The size at which a new file begins; 0: never.");
    private static final Key<Integer> ROTATE_KEEP = Key.of(
            "keep", Numbers.between(1, 10_000), AccessLogConfig.DEFAULT.rotateKeep(), "How many rotated files stay.");
    private static final ObjectType<Rotation> ROTATION = ObjectType.of(
            "a mapping with size and keep",
            List.of(ROTATE_SIZE, ROTATE_KEEP),
            section -> new Rotation(section.get(ROTATE_SIZE), section.get(ROTATE_KEEP)));

    private static final Key<String> FORMAT = Key.of(
            "format",
            Names.LOG_FORMAT,
            AccessLogConfig.DEFAULT.format(),
            "json, combined, logfmt, or a template with fields in braces.");
    private static final Key<Output> OUTPUT = Key.of(
            "output",
            Choices.of("log-output", Output.class),
            AccessLogConfig.DEFAULT.output(),
            "Where lines go: stdout, the file, or nowhere.");
    private static final Key<String> FILE =
            Key.optional("file", Names.FILE, "The file, for output: file. Relative to the configuration file.");
    private static final Key<Rotation> ROTATE = Key.of(
            "rotate",
            ROTATION,
            new Rotation(AccessLogConfig.DEFAULT.rotateSize(), AccessLogConfig.DEFAULT.rotateKeep()),
            "When the file is replaced by a new one, and how many old ones stay.");
    private static final Key<WhenFull> WHEN_FULL = Key.of(
            "when-full",
            Choices.of("when-full", WhenFull.class),
            AccessLogConfig.DEFAULT.whenFull(),
            "When the destination is too slow: drop lines and count them, or pause reading new requests.");

    static final ObjectType<AccessLogConfig> ACCESS_LOG = ObjectType.of(
            "a mapping with format and output",
            List.of(FORMAT, OUTPUT, FILE, ROTATE, WHEN_FULL),
            ProcessShape::accessLog);

    private static final Key<Address> ADMIN_ADDRESS = Key.of(
            "address",
            Addresses.LISTENING,
            AdminConfig.DEFAULT.address(),
            "Where the admin API listens. A change needs a restart.");
    private static final Key<String> TOKEN_FILE = Key.optional(
            "token-file",
            Names.FILE,
            "A file with the token that changes need; without it they are taken from loopback only.");
    private static final Key<Boolean> READ_ONLY = Key.of(
            "read-only", Numbers.BOOLEAN, AdminConfig.DEFAULT.readOnly(), "Whether the API refuses every change.");

    static final ObjectType<ReadAdmin> ADMIN = ObjectType.of(
                    "an address such as 127.0.0.1:9900, or a mapping with address",
                    List.of(ADMIN_ADDRESS, TOKEN_FILE, READ_ONLY),
                    ProcessShape::admin)
            .withShortForm(ADMIN_ADDRESS);

    private static final Key<Duration> DELAY = Key.of(
            "delay",
            Durations.DURATION,
            ShutdownConfig.DEFAULT.delay(),
            "Between /readyz turning 503 and the listeners closing.");
    private static final Key<Duration> DRAIN_TIMEOUT = Key.of(
            "drain-timeout",
            Durations.DURATION,
            ShutdownConfig.DEFAULT.drainTimeout(),
            "How long requests in flight may take to end; 0: no limit.");

    static final ObjectType<ShutdownConfig> SHUTDOWN = ObjectType.of(
            "a mapping with delay and drain-timeout",
            List.of(DELAY, DRAIN_TIMEOUT),
            section -> new ShutdownConfig(section.get(DELAY), section.get(DRAIN_TIMEOUT)));

    private static final TextType<Integer> LOOPS = Numbers.between(1, 1024);
    static final TextType<ThreadsConfig> THREADS = TextType.of(
            "threads",
            "auto, or " + LOOPS.expected(),
            text -> text.equals("auto")
                    ? ThreadsConfig.AUTO
                    : new ThreadsConfig(LOOPS.parser().parse(text)),
            threads -> threads.equals(ThreadsConfig.AUTO) ? "auto" : Integer.toString(threads.count()),
            Map.of(
                    "anyOf",
                    List.of(
                            Map.of("type", "integer", "minimum", 1, "maximum", 1024),
                            Map.of("type", "string", "pattern", "^(auto|[0-9]+)$"))));

    private ProcessShape() {}

    private static AccessLogConfig accessLog(Section section) {
        Output output = section.get(OUTPUT);
        if (output == Output.FILE && !section.has(FILE)) {
            section.problem(section.at(OUTPUT), "file: missing", "the path of a file, as output is file");
        }
        String file = section.find(FILE);
        Rotation rotation = section.get(ROTATE);
        return new AccessLogConfig(
                section.get(FORMAT),
                output,
                file == null ? null : section.source().resolve(file),
                rotation.size(),
                rotation.keep(),
                section.get(WHEN_FULL));
    }

    private static ReadAdmin admin(Section section) {
        Address address = section.get(ADMIN_ADDRESS);
        boolean readOnly = section.get(READ_ONLY);
        if (!isLoopback(address.host()) && !section.has(TOKEN_FILE) && !readOnly) {
            section.problem(
                    section.at(ADMIN_ADDRESS),
                    "address: " + address + ": anyone who reaches it could change this process",
                    "a loopback address, a token-file, or read-only: true");
        }
        @Nullable String tokenFile = section.find(TOKEN_FILE);
        return new ReadAdmin(
                new AdminConfig(
                        address, tokenFile == null ? null : section.source().resolve(tokenFile), readOnly),
                section.at(ADMIN_ADDRESS));
    }

    private static boolean isLoopback(String host) {
        byte[] address = IpLiteral.parse(host);
        if (address == null) {
            return host.equalsIgnoreCase("localhost");
        }
        if (address.length == 4) {
            return address[0] == 127;
        }
        for (int i = 0; i < 15; i++) {
            if (address[i] != 0) {
                return false;
            }
        }
        return address[15] == 1;
    }
}
