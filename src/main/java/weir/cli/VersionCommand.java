package weir.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.URL;
import java.util.Collections;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code version}: what runs here, for bug reports. */
@Command(
        name = "version",
        mixinStandardHelpOptions = true,
        description = "Prints the versions of Weir, Java and Netty, and the transport that would be used.")
public final class VersionCommand implements Callable<Integer> {
    private final Supplier<String> transport;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** {@code transport} names what {@code run} would use here: {@code io_uring}, {@code epoll} or {@code nio}. */
    public VersionCommand(Supplier<String> transport) {
        this.transport = transport;
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        out.println("weir " + weir());
        out.println("java " + Runtime.version() + " (" + System.getProperty("java.vendor", "unknown") + ")");
        out.println("netty " + netty());
        out.println("transport " + transport.get());
        return 0;
    }

    /** The version of the jar; {@code development} when run from classes. */
    public static String weir() {
        @Nullable String version = VersionCommand.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    private static String netty() {
        try {
            ClassLoader loader = VersionCommand.class.getClassLoader();
            for (URL url : Collections.list(loader.getResources("META-INF/io.netty.versions.properties"))) {
                Properties versions = new Properties();
                try (InputStream in = url.openStream()) {
                    versions.load(in);
                }
                String version = versions.getProperty("netty-common.version");
                if (version != null) {
                    return version;
                }
            }
            return "unknown";
        } catch (IOException e) {
            return "unknown";
        }
    }
}
